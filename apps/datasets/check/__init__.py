"""The check of a file, from bytes to a report; no database and no pages in here.

`file.py` leads: `sniffing.py` says at once what is no JSONL (in the words of `failures.py`);
`pieces.py` cuts the rest into pieces, which `crew.py` gives to the processes that `processes.py`
starts, one per core (each of them runs `checker.py`). `gathered.py` takes in the rows of a piece:
`lines.py` reads the JSON; of an `everyday.py` row, as nearly every one is, its `speakers.py` know
enough; of every other one `examples.py` recognises the format, and the rules look at it: `chat.py`
with `content_parts.py` and `tools.py`. What they find is a `findings.py` value, a code and its
particulars, kept on disk by `spool.py`; the rulebook (apps/datasets/rulebook) lists every code and
says it to people. `copies.py` finds rows that repeat others; `token_counts.py` and `tokens.py`
count with what `ranks.py` loads, and `distribution.py` makes figures of the counts.
"""
