"""Why a file cannot be read: a code and its particulars; the words are in check/failures.py."""

from typing import Any


class Unreadable(Exception):
    """The file cannot become rows. `code` is a key of FAILURES."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code, self.params = code, params
