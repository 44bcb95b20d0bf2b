"""What the check keeps of every row: one file of numbers per column, beside the rows (pure).

A million rows are a few megabytes per column, mapped into memory and compared at once. Files that
were checked before there were columns have none; `read` returns None for them.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

DTYPES: dict[str, Any] = {
    "digest": np.uint64,  # of the JSON; 0 where there is none
    "loose": np.uint64,  # of all that is said, whatever its capitals and white space
    "question": np.uint64,  # of what comes before the last answer
    "label": np.uint64,  # of an answer of a few words; 0 for a longer one
    "tokens": np.uint32,  # as the default encoding counts; 0 for a row with errors
    "messages": np.uint16,
    "flags": np.uint16,  # check/features.py says what each bit means
}

FORMAT = 2  # of the digests; columns of another one are as if they were not there

Column = npt.NDArray[Any]


class HasPath(Protocol):
    @property
    def path(self) -> Path: ...


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file. Row 1 is at index 0."""

    digest: Column
    loose: Column
    question: Column
    label: Column
    tokens: Column
    messages: Column
    flags: Column

    def __len__(self) -> int:
        return len(self.digest)


def open(version: HasPath) -> Columns | None:
    """Map the columns of a checked version; None when it has none."""
    return read(version.path)


def read(path: Path) -> Columns | None:
    """Map the columns beside a file of rows; None when they are not there, or not whole."""
    try:
        columns = {
            name: np.memmap(path_of(path, name), dtype, "r") for name, dtype in DTYPES.items()
        }
    except (FileNotFoundError, ValueError):  # ValueError: an empty file
        return None
    return Columns(**columns) if len(set(map(len, columns.values()))) == 1 else None


def path_of(path: Path, name: str) -> Path:
    """Return where a column lies."""
    return path.with_suffix(f".{name}{FORMAT}")


class ColumnFiles:
    """The columns while they are written, row after row."""

    def __init__(self, files: Mapping[str, BinaryIO]) -> None:
        self._files = files

    def add(self, columns: Mapping[str, Column]) -> None:
        """Append the next rows. Values beyond what a column can hold become its largest."""
        for name, file in self._files.items():
            values, dtype = columns[name], DTYPES[name]
            if values.dtype != dtype:
                values = values.clip(0, np.iinfo(dtype).max).astype(dtype)
            file.write(values.data)

    def truncate(self, rows: int) -> None:
        """Leave out what came after this row."""
        for name, file in self._files.items():
            file.truncate(rows * np.dtype(DTYPES[name]).itemsize)


@contextmanager
def writing(path: Path, *, attempt: int) -> Iterator[ColumnFiles]:
    """Write under names that only this attempt has, then put all columns in place."""
    targets = {name: path_of(path, name) for name in DTYPES}
    partial = {
        name: target.with_suffix(f".{name}.{attempt}.part") for name, target in targets.items()
    }
    try:
        with ExitStack() as stack:
            yield ColumnFiles({k: stack.enter_context(p.open("wb")) for k, p in partial.items()})
        for name, target in targets.items():
            partial[name].replace(target)
    finally:
        for leftover in partial.values():
            leftover.unlink(missing_ok=True)
