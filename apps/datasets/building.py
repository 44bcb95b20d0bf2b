"""Writes the rows of a version that has none yet.

A version whose rows are on disk is never written again. What is being written has another name, so
a worker that dies in the middle leaves nothing that anyone would read; the next one begins anew.
"""

from collections.abc import Callable

from apps.datasets.models import Version

OnProgress = Callable[[int, int, int], None]  # bytes read, bytes to read, rows written


class NothingToBuildFrom(Exception):
    """The rows are not on disk, and neither is what they could be made from."""


def build(version: Version, *, on_progress: OnProgress) -> None:
    """Make the rows of a version, unless they are there. What `on_progress` raises ends it."""
    if not version.path.is_file():
        raise NothingToBuildFrom
