"""Cuts a file into pieces that begin and end with a row (pure)."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from apps.datasets.batches import Piece

PIECE_BYTES = 1024 * 1024
WINDOW_BYTES = 64 * 1024
SMALL_BYTES = 8 * PIECE_BYTES  # below this, starting processes costs more than it saves
MOST_PROCESSES = 4


def processes_for(size_bytes: int) -> int:
    """How many processes a file of this size is worth; 0 means none but this one."""
    cores = len(os.sched_getaffinity(0))
    return 0 if size_bytes < SMALL_BYTES or cores == 1 else min(cores, MOST_PROCESSES)


def cut(path: Path, *, encodings: tuple[str, ...], expected: str, fast: bool) -> Iterator[Piece]:
    """Yield the pieces of a file, one after the other."""
    start, size = 0, path.stat().st_size
    with path.open("rb") as file:
        while start < size:
            end = _line_end(file, start + PIECE_BYTES, size)
            yield Piece(path, start, end, encodings, expected, fast)
            start = end


def _line_end(file: BinaryIO, position: int, size: int) -> int:
    """Return where the line that holds this position ends."""
    file.seek(min(position, size))
    while window := file.read(WINDOW_BYTES):
        found = window.find(b"\n")
        if found >= 0:
            return file.tell() - len(window) + found + 1
    return size
