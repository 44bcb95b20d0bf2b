"""What becomes of a version, from its first byte to the end of its examination.

`versioning.py` numbers it, and a task claims it. `building.py` writes its rows: read from an upload
(`importing.py`), or made out of other versions by a recipe (`deriving.py`). `checking.py` reads
them and settles the status; `examining.py` looks at their quality. `leases.py` keeps a worker that
was overtaken from writing; `making.py` names what may go wrong.
"""
