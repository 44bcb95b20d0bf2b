"""Files of examples: uploaded, checked row by row, read, used by jobs.

A file comes in by `views/upload.py` (behind `asgi.py`, which lets it through while it arrives) and
`storage.py` puts its bytes on disk. `tasks.py` claims what is due, `checking.py` carries it to its
end, and what the check itself does is in `check/`, which knows neither database nor pages.
`views/datasets.py` and `views/report.py` show the result, shaped by `selectors.py`: `rows.py` finds
any row of the file, `bubbles.py` makes a conversation of it, `histogram.py` draws,
`estimates.py` says what training would cost.
"""
