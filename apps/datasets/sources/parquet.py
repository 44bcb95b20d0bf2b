"""Parquet files, batch by batch. Nested columns come as lists and objects."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from apps.datasets.sources.layout import MOST_COLUMNS, SAMPLE_ROWS, Table, is_plain
from apps.datasets.sources.unreadable import Unreadable

BATCH_ROWS = 1_000


def table(path: Path) -> tuple[Table, int]:
    """Return the columns with the first rows, and how many rows there are."""
    import polars

    with _reading():
        scan = polars.scan_parquet(path)
        names = [name for name in scan.collect_schema().names() if is_plain(name)][:MOST_COLUMNS]
        head = scan.select(names).head(SAMPLE_ROWS).collect().to_dicts()
        count = int(scan.select(polars.len()).collect().item())
    rows = [[_value(row[name]) for name in names] for row in head]
    return Table(names, rows), count


def records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield one object per row, without the cells that are null."""
    import polars

    with _reading():
        for batch in polars.scan_parquet(path).collect_batches(chunk_size=BATCH_ROWS, lazy=True):
            for row in batch.to_dicts():
                yield {key: _value(value) for key, value in row.items() if value is not None}


def _value(value: Any) -> Any:
    """Turn a cell into JSON. A key that is null throughout was only there to fill a column."""
    if isinstance(value, dict):
        return {
            key: _value(inner)
            for key, inner in value.items()
            if inner is not None or (key == "content" and value.get("tool_calls"))
        }
    if isinstance(value, list):
        return [_value(inner) for inner in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


@contextmanager
def _reading() -> Iterator[None]:
    from polars.exceptions import PanicException, PolarsError

    try:
        yield
    except (PolarsError, PanicException, OSError, ValueError) as exc:
        raise Unreadable("broken_parquet") from exc
