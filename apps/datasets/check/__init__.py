"""The check of a file, from bytes to a report; no database and no pages in here.

`file.py` leads: `sniffing.py` says at once what is no JSONL (in the words of `failures.py`);
`pieces.py` cuts the rest into pieces, which `processes.py` spreads over the cores (each of them
runs `checker.py`). Of every row, `lines.py` reads the JSON, `examples.py` recognises the format,
and the rules look at it: `chat.py` with `content_parts.py` and `tools.py`. What they find is a
`findings.py` value, a code and its particulars, kept on disk by `spool.py`; the rulebook
(apps/datasets/rulebook) lists every code and says it to people. `copies.py` finds rows that repeat
others; `token_counts.py` and `tokens.py` count, and `distribution.py` makes figures of the counts.
"""
