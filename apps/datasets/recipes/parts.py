"""Cuts a file into parts of whole rows, and reads the rows of a part (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from apps.datasets.check.lines import MAX_ROW_BYTES
from apps.datasets.recipes.rows import BOM, READ_BYTES, UNREAD, Row, Span

PART_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that follow each other in a file, the first of several."""

    path: Path
    start: int
    end: int
    first: int  # the number of its first row
    source: int = 0  # which of several files

    @property
    def size(self) -> int:
        return self.end - self.start

    def rows(self) -> list[Row]:
        """Read the rows; of one that is too large, only where it is."""
        if self.size > MAX_ROW_BYTES:
            return list(self._one_by_one())
        numbered = enumerate(self.lines(), self.first)
        return [Row(number, line, UNREAD, self.source) for number, line in numbered]

    def lines(self) -> list[bytes]:
        """Read the lines as they are, without their ends."""
        with self.path.open("rb", buffering=0) as file:
            file.seek(self.start)
            block = file.read(self.size)
        if self.start == 0:
            block = block.removeprefix(BOM)
        lines = block.removesuffix(b"\n").split(b"\n")
        return [line.rstrip(b"\r") for line in lines] if b"\r" in block else lines

    def _one_by_one(self) -> Iterator[Row]:
        number, start = self.first, self.start
        with self.path.open("rb", buffering=READ_BYTES) as file:
            file.seek(start)
            while start < self.end and (line := file.readline(MAX_ROW_BYTES + 1)):
                if len(line) > MAX_ROW_BYTES and not line.endswith(b"\n"):
                    size = len(line) + _skip(file)
                    yield Row(number, b"", None, self.source, Span(self.path, start, size))
                else:
                    size = len(line)
                    text = line if start else line.removeprefix(BOM)
                    yield Row(number, text.rstrip(b"\r\n"), UNREAD, self.source)
                number, start = number + 1, start + size


def cut(path: Path, *, source: int = 0) -> Iterator[Part]:
    """Yield the parts of a file, one after the other."""
    first, start = 1, 0
    with path.open("rb") as file:
        while block := file.read(PART_BYTES):
            rows = block.count(b"\n")
            if not block.endswith(b"\n"):
                rows += 1
                _skip(file)
            end = file.tell()
            yield Part(path, start, end, first, source)
            first, start = first + rows, end


def read_rows(path: Path) -> Iterator[Row]:
    """Yield every row of a file; memory holds a part of it."""
    for part in cut(path):
        yield from part.rows()


def _skip(file: BinaryIO) -> int:
    """Read to the end of a line; return how many bytes that were."""
    size = 0
    while rest := file.readline(READ_BYTES):
        size += len(rest)
        if rest.endswith(b"\n"):
            break
    return size
