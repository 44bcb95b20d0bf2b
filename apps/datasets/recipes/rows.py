"""Rows as steps see them: read one by one, kept byte for byte unless a step changes them (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import orjson

from apps.datasets.check.findings import Finding
from apps.datasets.check.lines import MAX_ROW_BYTES, parse

BOM = b"\xef\xbb\xbf"
READ_BYTES = 1024 * 1024
UNREAD: Any = object()
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

    @property
    def size(self) -> int:
        """Bytes of the row as it was read, with its line end."""
        return self.span.size if self.span else len(self.line) + 1

    def having(self, data: dict[str, Any]) -> "Row":
        """Return this row with other contents."""
        return Row(self.number, None, data, self.source)

    def __repr__(self) -> str:
        return f"Row({self.number}, {self.line[:80]!r})"


def _object(line: bytes) -> dict[str, Any] | None:
    """Read as strictly as the check does, so that nothing is lost without a word."""
    if not line.strip():
        return None
    if (plain := _plain(line)) is not None:
        return plain
    parsed = parse(line)
    if isinstance(parsed, Finding) or not isinstance(parsed.value, dict):
        return None
    return parsed.value


def _plain(line: bytes) -> dict[str, Any] | None:
    """Read a row of texts alone, in half the time; None where it takes a closer look.

    A key that was there twice has left a colon behind that nothing accounts for.
    """
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, dict):
        return None
    colons = len(value)
    for item in value.values():
        if not isinstance(item, str):
            return None
        colons += item.count(":")
    if line.count(b":") != colons or (b"\\" in line and ESCAPED in line):
        return None
    return value


def made(data: dict[str, Any]) -> Row:
    """Make a row that no file holds."""
    return Row(0, None, data)


def read_rows(path: Path, *, source: int = 0) -> Iterator[Row]:
    """Yield every line of a file; of one that is too large, only where it is."""
    with path.open("rb", buffering=READ_BYTES) as file:
        number, start = 0, 0
        while line := file.readline(MAX_ROW_BYTES + 1):
            number += 1
            if len(line) > MAX_ROW_BYTES and not line.endswith(b"\n"):
                size = len(line) + _skip(file)
                yield Row(number, b"", None, source, Span(path, start, size))
                start += size
                continue
            start += len(line)
            text = line.removeprefix(BOM) if number == 1 else line
            yield Row(number, text.rstrip(b"\r\n"), source=source)


def _skip(file: BinaryIO) -> int:
    """Read to the end of a line; return how many bytes that were."""
    size = 0
    while rest := file.readline(MAX_ROW_BYTES):
        size += len(rest)
        if rest.endswith(b"\n"):
            break
    return size


def write_row(target: Target, row: Row) -> None:
    """Write one line. What is too large to hold is copied piece by piece."""
    if row.span is None:
        target.write(row.line + b"\n")
        return
    with row.span.path.open("rb") as file:
        file.seek(row.span.start)
        left, last = row.span.size, b""
        while left and (piece := file.read(min(left, READ_BYTES))):
            target.write(piece)
            left, last = left - len(piece), piece
    if not last.endswith(b"\n"):
        target.write(b"\n")
