"""Datasets and their versions: a file comes in, is checked and examined, and is made into others.

`services/` is what a person can ask for, `lifecycle/` what workers do about it, `selectors/` what
pages show. `check/`, `rulebook/`, `quality/`, `sources/` and `recipes/` read, judge and change rows
and know no tables. `columns.py` holds the numbers that the check keeps of every row, `rows/` finds
rows with them, `editing/` changes single ones, `diffs/` compares versions, and `trainability/`
says who can train on one. docs/architecture.md has the whole map.
"""
