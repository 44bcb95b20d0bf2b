"""Looks at the beginning of a file: does it hold anything, and rows of which kind? (pure)

That a file is JSONL at all is seen before, when it comes in: apps/datasets/sources.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from apps.datasets.check.kinds import format_of_rows
from apps.datasets.check.lines import BOM

WINDOW_BYTES = 1024 * 1024
FIRST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Sniffed:
    """`failure` names why the file cannot be checked; else `format` is what most first rows are.

    `has_mark` tells of a byte order mark.
    """

    failure: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    format: str = ""
    has_mark: bool = False


def sniff(path: Path) -> Sniffed:
    """Tell what the rows are by the first of them."""
    with path.open("rb") as file:
        head = file.read(WINDOW_BYTES)
    if not head.removeprefix(BOM).strip() and path.stat().st_size <= WINDOW_BYTES:
        return Sniffed("empty")
    form = format_of_rows(islice(_objects(head.removeprefix(BOM)), FIRST_ROWS))
    return Sniffed(format=form, has_mark=head.startswith(BOM))


def _objects(head: bytes) -> Iterator[dict[str, Any]]:
    for line in head.splitlines():
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, dict):
            yield value
