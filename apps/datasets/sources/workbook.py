"""Spreadsheets (XLSX). Cells come as the texts that a person sees in them; empty ones are None."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from apps.datasets.sources.delimited import is_header
from apps.datasets.sources.layout import MOST_COLUMNS, SAMPLE_ROWS, Table, unique
from apps.datasets.sources.packing import MEGABYTE
from apps.datasets.sources.unreadable import Unreadable

MOST_SHEETS = 20
HEAD_ROWS = 200  # empty rows above the table are common
BATCH_ROWS = 10_000

Cells = list[Any]


def tables(path: Path, limit: int) -> list[Table]:
    """Return the head of each sheet that holds anything."""
    with _reading(path, limit) as book:
        heads = [(name, _head(book, name)) for name in book.sheet_names[:MOST_SHEETS]]
    return [_table(name, rows) for name, rows in heads if rows]


def rows(path: Path, sheet: str, limit: int) -> Iterator[Cells]:
    """Yield the cells of each row that has any, the header too."""
    with _reading(path, limit) as book:
        name = sheet if sheet in book.sheet_names else book.sheet_names[0]
        frame = book.load_sheet(name, header_row=None, dtypes="string").to_polars()
    for batch in frame.iter_slices(BATCH_ROWS):
        yield from (list(row) for row in batch.rows() if any(row))


def _head(book: Any, name: str) -> list[Cells]:
    frame = book.load_sheet(name, header_row=None, dtypes="string", n_rows=HEAD_ROWS).to_polars()
    full = (list(row) for row in frame.rows() if any(row))
    return [row[:MOST_COLUMNS] for row in islice(full, SAMPLE_ROWS + 1)]


def _table(name: str, head: list[Cells]) -> Table:
    has_header = is_header(head[0])
    names = head[0] if has_header else [""] * len(head[0])
    below = head[1:] if has_header else head[:SAMPLE_ROWS]
    return Table(unique(names), below, name, has_header)


@contextmanager
def _reading(path: Path, limit: int) -> Iterator[Any]:
    """Open a workbook; whatever is wrong with it becomes one clear failure."""
    import fastexcel
    from polars.exceptions import PanicException, PolarsError

    _refuse_bombs(path, limit)
    try:
        yield fastexcel.read_excel(path)
    except (fastexcel.FastExcelError, PolarsError, PanicException, ValueError, OSError) as exc:
        raise Unreadable("broken_workbook") from exc


def _refuse_bombs(path: Path, limit: int) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as exc:
        raise Unreadable("broken_workbook") from exc
    if size > limit:
        raise Unreadable("unpacks_too_large", limit=limit // MEGABYTE)
