"""What those who make the rows of a version have in common: how they tell of it, and may fail."""

from collections.abc import Callable
from typing import Any

from apps.datasets import storage

OnProgress = Callable[[int, int, int], None]  # bytes read, bytes to read, rows written
Maker = Callable[[storage.Incoming, OnProgress], dict[str, Any]]


class CannotBuild(Exception):
    """It can never succeed. `failure` is a code of check/failures.py, which has the words."""

    def __init__(self, failure: str, **params: Any) -> None:
        super().__init__(failure)
        self.failure, self.params = failure, params


class MustWait(Exception):
    """Not yet: something else has to be made first."""


class ColumnsToChoose(Exception):
    """Nobody has said yet what each column is; the row now says so."""
