"""Rows as steps see them: kept byte for byte unless a step changes them (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import orjson

from apps.datasets.check.findings import Finding
from apps.datasets.check.lines import parse

BOM = b"\xef\xbb\xbf"
READ_BYTES = 1024 * 1024
UNREAD: Any = object()
COLON = ord(":")
ESCAPED = b"\\u003"  # a colon may be written like this


@dataclass(frozen=True, slots=True)
class Span:
    """Where the bytes of a row are that is too large to hold."""

    path: Path
    start: int
    size: int


class Target(Protocol):
    """Where rows are written."""

    def write(self, data: bytes, /) -> object: ...


class Row:
    """One line. `data` is None where it is no JSON object; it is parsed when first asked for.

    Steps never change a row: they return it as it is, or another one made by `having`.
    """

    __slots__ = ("_data", "_line", "number", "source", "span")

    def __init__(
        self,
        number: int,
        line: bytes | None,
        data: dict[str, Any] | None = UNREAD,
        source: int = 0,
        span: Span | None = None,
    ) -> None:
        self.number = number  # 1-based in the file it came from; 0: made by a step
        self._line = line
        self.source = source  # which of several files
        self.span = span
        self._data = data

    @property
    def line(self) -> bytes:
        """The JSON, without its line end; of a changed row it is written when first asked for."""
        if self._line is None:
            self._line = orjson.dumps(self._data)
        return self._line

    @property
    def data(self) -> dict[str, Any] | None:
        if self._data is UNREAD:
            self._data = None if self.span else _object(self.line)
        return self._data

    @property
    def is_blank(self) -> bool:
        return self.span is None and not self.line.strip()

    def having(self, data: dict[str, Any]) -> "Row":
        """Return this row with other contents."""
        return Row(self.number, None, data, self.source)

    def __repr__(self) -> str:
        return f"Row({self.number}, {self.line[:80]!r})"


def read_data(rows: Iterable[Row]) -> None:
    """Parse rows that are not parsed yet: the same as asking each for its data, in less time."""
    unread = [row for row in rows if row._data is UNREAD]
    values = values_of([row.line for row in unread])
    read = [(row, value) for row, value in zip(unread, values, strict=True) if value is not UNREAD]
    if _have_all_keys([row.line for row, _value in read], [value for _row, value in read]):
        for row, value in read:
            row._data = value if type(value) is dict else None


def values_of(lines: list[bytes]) -> list[Any]:
    """Read lines of JSON; UNREAD for those that need, or deserve, a closer look."""
    try:
        return list(map(orjson.loads, lines))
    except orjson.JSONDecodeError:
        return list(map(_value, lines))


def _value(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return UNREAD


def _have_all_keys(lines: list[bytes], values: list[Any]) -> bool:
    """Say at once of many lines that none names a key twice: one of them would lack a colon."""
    text = b"".join(lines)
    try:
        again = orjson.dumps(values)
    except orjson.JSONEncodeError:
        return False
    return _colons(text) == _colons(again) and ESCAPED not in text


def _colons(text: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == COLON))


def _object(line: bytes) -> dict[str, Any] | None:
    """Read as strictly as the check does, so that nothing is lost without a word."""
    if not line.strip():
        return None
    parsed = parse(line)
    if isinstance(parsed, Finding) or not isinstance(parsed.value, dict):
        return None
    return parsed.value


def made(data: dict[str, Any]) -> Row:
    """Make a row that no file holds."""
    return Row(0, None, data)


def write_block(target: Target, block: bytes | Span) -> None:
    """Write whole lines. What is too large to hold is copied piece by piece."""
    if isinstance(block, bytes):
        target.write(block)
        return
    with block.path.open("rb") as file:
        file.seek(block.start)
        left, last = block.size, b""
        while left and (piece := file.read(min(left, READ_BYTES))):
            target.write(piece)
            left, last = left - len(piece), piece
    if not last.endswith(b"\n"):
        target.write(b"\n")
