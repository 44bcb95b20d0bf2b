"""One row as a form, and the form as a row; no database and no pages in here.

`draft.py` takes a row apart into cards and puts it together again, so that whatever nobody touched
stays as it was: the order of keys, keys that no rule knows, parts, tool calls, line ends.
`texts.py` says how one value passes through a text area, `kept.py` leaves what is too long for one
on the server, `posted.py` reads the form that comes back, `moves.py` adds and moves messages, and
`review.py` says what is wrong with the row and how many tokens it has.
"""
