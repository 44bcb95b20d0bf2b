"""Cuts a file into pieces that begin and end with a row, and reads the rows of a piece (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from apps.datasets.check.gathered import Checked, Gathered
from apps.datasets.check.lines import MAX_ROW_BYTES

PIECE_BYTES = 512 * 1024
MAX_PIECE_ROWS = 10_000  # what is found in a million rows of three bytes would fill the memory
WINDOW_BYTES = 16 * 1024
LINE_END = ord("\n")


@dataclass(frozen=True, slots=True)
class Piece:
    """Which bytes of which file, and how to look at them. Begins and ends with a row."""

    path: Path
    start: int
    end: int
    encodings: tuple[str, ...]
    expected: str = ""
    fast: bool = True

    def work(self) -> Checked:
        """Check every row by every rule and count its tokens."""
        gathered = Gathered(self)
        with self.path.open("rb") as file:
            for start, block in _blocks(file, self):
                gathered.add(start, block)
        return gathered.checked()


def cut(path: Path, *, encodings: tuple[str, ...], expected: str, fast: bool) -> Iterator[Piece]:
    """Yield the pieces of a file, one after the other."""
    start, size = 0, path.stat().st_size
    window = np.empty(PIECE_BYTES, np.uint8)
    with path.open("rb", buffering=0) as file:
        while start < size:
            end = _end(file, start, size, window)
            yield Piece(path, start, end, encodings, expected, fast)
            start = end


def _end(file: FileIO, start: int, size: int, window: npt.NDArray[np.uint8]) -> int:
    """Return where a piece ends: about half a megabyte on, or earlier where rows are very short."""
    file.seek(start)
    is_end = window[: file.readinto(window.data)] == LINE_END
    if np.count_nonzero(is_end) <= MAX_PIECE_ROWS:
        return _line_end(file, start + PIECE_BYTES, size)
    return start + int(np.flatnonzero(is_end)[MAX_PIECE_ROWS - 1]) + 1


def _line_end(file: FileIO, position: int, size: int) -> int:
    """Return where the line that holds this position ends."""
    file.seek(min(position, size))
    while window := file.read(WINDOW_BYTES):
        found = window.find(b"\n")
        if found >= 0:
            return file.tell() - len(window) + found + 1
    return size


def _blocks(file: BinaryIO, piece: Piece) -> Iterator[tuple[int, bytes]]:
    """Yield whole lines and where they start; of one too large to read, only the beginning."""
    file.seek(piece.start)
    size = piece.end - piece.start
    if size > 2 * PIECE_BYTES:
        yield from _long_lines(file, piece)
    else:
        yield piece.start, file.read(size)


def _long_lines(file: BinaryIO, piece: Piece) -> Iterator[tuple[int, bytes]]:
    """Read line by line, so that memory never holds two of the longest."""
    while (start := file.tell()) < piece.end:
        line = rest = file.readline(MAX_ROW_BYTES + 1)
        while len(rest) > MAX_ROW_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(MAX_ROW_BYTES + 1)
        yield start, line
