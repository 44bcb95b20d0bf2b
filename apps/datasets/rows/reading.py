"""Any row of a file in the time of one: the check wrote down where each row begins."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from apps.datasets.check.lines import BOM
from apps.datasets.models import Version

OFFSET = struct.Struct("<Q")
MAX_SHOWN_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is in the file. `data` is None where it cannot be read as an object."""

    number: int
    text: str  # at most the beginning of it
    data: dict[str, Any] | None
    is_cut: bool = False

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages that can be shown as a conversation."""
        messages = (self.data or {}).get("messages")
        if not isinstance(messages, list):
            return []
        return [message for message in messages if isinstance(message, dict)]


def read_rows(version: Version, start: int, count: int) -> Iterator[Row]:
    """Yield up to `count` rows from row number `start` (1-based, as in the report)."""
    try:
        index, file = version.index_path.open("rb"), version.path.open("rb")
    except FileNotFoundError:
        return
    with index, file:
        index.seek(OFFSET.size * (start - 1))
        offsets = [entry for (entry,) in OFFSET.iter_unpack(index.read(OFFSET.size * (count + 1)))]
        for number, (begin, end) in enumerate(pairwise(offsets), start):
            file.seek(begin)
            yield as_row(number, file.read(min(end - begin, MAX_SHOWN_BYTES)), size=end - begin)


def read_some(version: Version, numbers: Iterable[int]) -> Iterator[Row]:
    """Yield the rows of these numbers, in the order given."""
    for number in numbers:
        yield from read_rows(version, number, 1)


def starts_of(version: Version) -> npt.NDArray[np.uint64] | None:
    """Map where each row begins, and where the last one ends; None when the rows are not there."""
    try:
        return np.memmap(version.index_path, np.uint64, "r") if version.path.is_file() else None
    except (FileNotFoundError, ValueError):
        return None


def as_row(number: int, line: bytes, *, size: int) -> Row:
    """Make a row of its bytes, or of the beginning of them."""
    line = line.removeprefix(BOM) if number == 1 else line
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    is_cut = size > MAX_SHOWN_BYTES
    return Row(number, text, None if is_cut else _object(line), is_cut)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def line_of(version: Version, number: int, *, most: int) -> tuple[bytes, int]:
    """Return the bytes of one row, at most so many, and how many it has; none if there is none."""
    try:
        index, file = version.index_path.open("rb"), version.path.open("rb")
    except FileNotFoundError:
        return b"", 0
    with index, file:
        index.seek(OFFSET.size * max(number - 1, 0))
        places = index.read(OFFSET.size * 2)
        if number < 1 or len(places) < OFFSET.size * 2:
            return b"", 0
        begin, end = (place for (place,) in OFFSET.iter_unpack(places))
        file.seek(begin)
        line = file.read(min(end - begin, most))
    if number == 1:
        line = line.removeprefix(BOM)
    is_whole = end - begin <= most
    line = line.rstrip(b"\r\n") if is_whole else line
    return line, len(line) if is_whole else end - begin
