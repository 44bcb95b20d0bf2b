"""A file of any kind → JSONL, row by row; memory stays flat."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import orjson

from apps.datasets.check.findings import EXTRA_CELLS as EXTRA
from apps.datasets.check.lines import MAX_ROW_BYTES
from apps.datasets.sources import delimited, encodings, json_list, parquet, workbook
from apps.datasets.sources.examples import Maker
from apps.datasets.sources.layout import Layout, unique
from apps.datasets.sources.mapping import Mapping
from apps.datasets.sources.packing import MEGABYTE, READ_BYTES, unpacked, unpacked_file
from apps.datasets.sources.unreadable import Unreadable

ROWS_PER_NEWS = 500
BOM = b"\xef\xbb\xbf"

Record = dict[str, Any]


@dataclass(slots=True)
class Conversion:
    """How far the rewriting has come; bytes are those of the file as it was uploaded."""

    rows: int = 0
    bytes: int = 0


class Target(Protocol):
    """Whatever takes bytes."""

    def write(self, data: bytes, /) -> int: ...


OnProgress = Callable[[Conversion], None]


@dataclass(frozen=True, slots=True)
class Converter:
    """Rewrites one file; `limit` holds for what it unpacks to."""

    path: Path
    layout: Layout
    mapping: Mapping | None
    limit: int
    on_progress: OnProgress

    def write(self, target: Target) -> int:
        """Write every example on a line of its own; return how many lines were written."""
        news = Conversion()
        for block, rows in self._blocks(news):
            target.write(block)
            if news.rows // ROWS_PER_NEWS < (news.rows + rows) // ROWS_PER_NEWS:
                self.on_progress(news)
            news.rows += rows
        return news.rows

    def _blocks(self, news: Conversion) -> Iterator[tuple[bytes, int]]:
        """Yield bytes to write, with how many rows end in them."""
        if self.layout.format in ("xlsx", "parquet"):
            with unpacked_file(self.path, self.limit) as plain:
                yield from _as_lines(self._records_of(plain), self.mapping)
            return
        with unpacked(self.path, self.limit) as (stream, raw):
            for number, block in enumerate(self._from_text(stream)):
                if number % ROWS_PER_NEWS == 0:
                    news.bytes = raw.position
                yield block

    def _records_of(self, plain: Path) -> Iterator[Record]:
        if self.layout.format == "parquet":
            return parquet.records(plain)
        sheet = self.mapping.sheet if self.mapping else ""
        return self._tabular(workbook.rows(plain, sheet, self.limit))

    def _from_text(self, stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
        layout, encoding = self.layout, self.layout.encoding
        if layout.format == "jsonl" and not self.mapping:
            return _copied(_in_utf8(stream, encoding, newline=None if layout.old_lines else ""))
        if layout.format in ("json", "jsonl"):
            return _mapped(self._json_lines(stream), self.mapping)
        text = encodings.reader(stream, encoding)
        if layout.format == "txt":
            lines = (line.rstrip("\r\n") for line in delimited.text_lines(text))
            return _as_lines(({"text": line} for line in lines if line.strip()), self.mapping)
        rows = delimited.cells(text, layout.delimiter, layout.escape)
        return _as_lines(self._tabular(rows), self.mapping)

    def _json_lines(self, stream: BinaryIO) -> Iterator[bytes]:
        plain = _in_utf8(stream, self.layout.encoding)
        if self.layout.format == "json":
            return json_list.lines(plain, self.layout.key)
        return _byte_lines(plain)

    def _tabular(self, rows: Iterator[list[Any]]) -> Iterator[Record]:
        """Name the cells of each row; cells beyond the last column are kept apart."""
        has_header = self.mapping is None or self.mapping.has_header
        columns = unique(next(rows, [])) if has_header else []
        for cells in rows:
            if not has_header and len(columns) < len(cells):
                columns = unique([""] * len(cells))
            record = dict(zip(columns, cells, strict=False))
            if any(cells[len(columns) :]):
                record[EXTRA] = cells[len(columns) :]
            yield record


def convert(
    path: Path,
    target: Target,
    *,
    layout: Layout,
    mapping: Mapping | None,
    limit: int,
    on_progress: OnProgress,
) -> int:
    """Write a file's examples as JSONL and return how many there are; Unreadable if it cannot."""
    if layout.failure:
        raise Unreadable(layout.failure, **layout.params)
    try:
        return Converter(path, layout, mapping, limit, on_progress).write(target)
    except UnicodeDecodeError as exc:
        raise encodings.bad_bytes(path, layout.encoding, limit) from exc


def _as_lines(records: Iterable[Record], mapping: Mapping | None) -> Iterator[tuple[bytes, int]]:
    """Make an example of each record that holds anything."""
    make = Maker(mapping) if mapping else None
    for record in records:
        full = {key: value for key, value in record.items() if value is not None and value != ""}
        if full:
            yield dumped(make(full) if make else full), 1


def _mapped(lines: Iterable[bytes], mapping: Mapping | None) -> Iterator[tuple[bytes, int]]:
    """The same for JSON. What is no object stays as it is, for the check to name."""
    for line in lines:
        value = json_list.value_of(line) if mapping else None
        if isinstance(value, dict):
            yield from _as_lines([value], mapping)
        else:
            yield line + b"\n", 1


def _copied(stream: Any) -> Iterator[tuple[bytes, int]]:
    ends_with_line = True
    while block := stream.read(READ_BYTES):
        ends_with_line = block.endswith(b"\n")
        yield block, block.count(b"\n")
    if not ends_with_line:
        yield b"\n", 1


def _byte_lines(stream: Any) -> Iterator[bytes]:
    while line := stream.readline(MAX_ROW_BYTES):
        if len(line) >= MAX_ROW_BYTES:
            raise Unreadable("line_too_long", megabytes=MAX_ROW_BYTES // MEGABYTE)
        yield line.rstrip(b"\r\n")


class _Recoded:
    """A text in any encoding, read as UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str, newline: str | None) -> None:
        self._text = encodings.reader(stream, encoding, newline=newline)

    def read(self, size: int) -> bytes:
        return self._text.read(size).encode()

    def readline(self, size: int) -> bytes:
        return self._text.readline(size).encode()


def _in_utf8(stream: BinaryIO, encoding: str, *, newline: str | None = "") -> Any:
    """Give UTF-8 as it is, for the check to name its bad bytes row by row; recode the others."""
    if encoding not in encodings.UTF8 or newline is None:
        return _Recoded(stream, encoding, newline)
    if stream.peek(len(BOM))[: len(BOM)] == BOM:  # type: ignore[attr-defined]
        stream.read(len(BOM))
    return stream


def dumped(example: Any) -> bytes:
    """Write an example on one line. Whole numbers of any size stay what they are."""
    try:
        return orjson.dumps(example, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        return json.dumps(example, ensure_ascii=False, default=str).encode(errors="replace") + b"\n"
