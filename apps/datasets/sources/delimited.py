"""Tables written as text: cells between commas, semicolons, tabs or bars (pure)."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from apps.datasets.check.lines import MAX_ROW_BYTES
from apps.datasets.sources.layout import MOST_COLUMNS, SAMPLE_ROWS, Table, unique
from apps.datasets.sources.unreadable import Unreadable

DELIMITERS = (",", "\t", ";", "|")
DECLARED = re.compile(r"sep=([,\t;|])\r?\n", re.IGNORECASE)  # as Excel reads it
LOOKED_AT = 50
LONGEST_TITLE = 60
END = "\0end of the file\0"
csv.field_size_limit(MAX_ROW_BYTES)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are kept apart. `share` of the first rows have `width` cells."""

    delimiter: str
    escape: str
    width: int
    share: float
    fits_first: bool = False  # the first row, which mostly holds the names, has as many

    @property
    def is_table(self) -> bool:
        return self.width > 1 and self.share >= 0.8


def dialect_of(sample: str, *, is_whole: bool, prefers: str = ",") -> Dialect:
    """Find the delimiter whose rows agree best on a width; `prefers` wins a draw."""
    if declared := DECLARED.match(sample):
        return _tried(sample[declared.end() :], declared[1], "", is_whole=is_whole)
    delimiters = sorted(DELIMITERS, key=lambda delimiter: delimiter != prefers)
    tried = [_tried(sample, d, "", is_whole=is_whole) for d in delimiters]
    if '\\"' in sample:
        tried += [_tried(sample, d, "\\", is_whole=is_whole) for d in delimiters]
    return max(tried, key=lambda d: (d.is_table, d.fits_first, round(d.share, 1), d.width))


def _tried(sample: str, delimiter: str, escape: str, *, is_whole: bool) -> Dialect:
    try:
        rows = [row for row in _reader(io.StringIO(sample, newline=""), delimiter, escape) if row]
    except csv.Error:
        return Dialect(delimiter, escape, 1, 0.0)
    rows = rows if is_whole or len(rows) < 2 else rows[:-1]
    widths = Counter(len(row) for row in rows[:LOOKED_AT])
    width, count = widths.most_common(1)[0] if widths else (1, 0)
    fits_first = bool(rows) and len(rows[0]) == width
    return Dialect(delimiter, escape, width, count / max(1, widths.total()), fits_first)


def _reader(lines: Iterable[str], delimiter: str, escape: str) -> Any:
    return csv.reader(lines, delimiter=delimiter, escapechar=escape or None)


def cells(text: io.TextIOBase, delimiter: str, escape: str) -> Iterator[list[str]]:
    """Yield the cells of each row that has any; quoted cells may hold line breaks.

    A mark follows the last line: it comes out as a row of its own unless a quote is still open.
    """
    reader = _reader(chain(text_lines(text), [END]), delimiter, escape)
    begins_at = 1
    try:
        for row in reader:
            if row == [END]:
                return
            if row and row[-1].endswith(END):
                break
            if row and not (begins_at == 1 and row[0].lower().startswith("sep=")):
                yield row
            begins_at = reader.line_num + 1
    except csv.Error as exc:
        raise Unreadable("open_quote", line=begins_at) from exc
    raise Unreadable("open_quote", line=begins_at)


def text_lines(text: io.TextIOBase) -> Iterator[str]:
    """Yield lines with their ends."""
    while line := text.readline(MAX_ROW_BYTES):
        if len(line) >= MAX_ROW_BYTES:
            raise Unreadable("line_too_long", megabytes=MAX_ROW_BYTES // 1024**2)
        yield line


def is_header(row: list[Any]) -> bool:
    """Tell whether the first row holds names: short, all different, and no sentences or numbers."""
    names = [str(cell).strip() for cell in row if cell not in (None, "")]
    if not names or len(set(names)) < len(names):
        return False
    return all(_is_title(name) for name in names)


def _is_title(name: str) -> bool:
    if len(name) > LONGEST_TITLE or "\n" in name or name[-1] in "?!.:,":
        return False
    return not name.replace(".", "").replace(",", "").isdigit()


def table(text: str, delimiter: str, escape: str) -> Table:
    """Read the first rows of a table."""
    head: list[list[Any]] = []
    try:
        for row in islice(cells(io.StringIO(text, newline=""), delimiter, escape), LOOKED_AT):
            head.append([cell or None for cell in row[:MOST_COLUMNS]])
    except Unreadable:
        pass  # the head may end inside a quoted cell
    head = [row for row in head if any(row)] or [[None]]
    has_header = is_header(head[0])
    width = len(head[0]) if has_header else max(map(len, head))
    below = [(row + [None] * width)[:width] for row in head[has_header:][:SAMPLE_ROWS]]
    return Table(unique(head[0] if has_header else [""] * width), below, has_header=has_header)
