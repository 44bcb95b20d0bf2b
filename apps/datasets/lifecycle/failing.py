"""What keeps the rows of a version from being made."""

from typing import Any


class CannotBuild(Exception):
    """It can never succeed. `failure` is a code of check/failures.py, which has the words."""

    def __init__(self, failure: str, **params: Any) -> None:
        super().__init__(failure)
        self.failure, self.params = failure, params


class MustWait(Exception):
    """Not yet: something else has to be made first."""
