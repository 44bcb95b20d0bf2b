"""Bytes of a file as they were before somebody packed them, never more than are allowed (pure)."""

import gzip
import io
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from apps.datasets.sources.unreadable import Unreadable

GZIP = b"\x1f\x8b"
READ_BYTES = 1024 * 1024
MEGABYTE = 1024 * 1024


class Unpacked(io.RawIOBase):
    """Reads a file, unpacked on the way. `position` counts the bytes of the file itself."""

    def __init__(self, path: Path, limit: int) -> None:
        self._file = path.open("rb")
        self.is_packed = self._file.read(2) == GZIP
        self._file.seek(0)
        self._stream: Any = gzip.GzipFile(fileobj=self._file) if self.is_packed else self._file
        self._limit = limit
        self._given = 0

    @property
    def position(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer; Unreadable when the file is broken, or a bomb."""
        try:
            count: int = self._stream.readinto(buffer)
        except (EOFError, gzip.BadGzipFile, zlib.error) as exc:
            raise Unreadable("broken_gzip") from exc
        self._given += count
        if self.is_packed and self._given > self._limit:
            raise Unreadable("unpacks_too_large", limit=self._limit // MEGABYTE)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def unpacked(path: Path, limit: int) -> Iterator[tuple[BinaryIO, Unpacked]]:
    """Open a file for reading, with the raw stream that knows how far it is."""
    with Unpacked(path, limit) as raw, io.BufferedReader(raw, READ_BYTES) as stream:
        yield stream, raw


@contextmanager
def unpacked_file(path: Path, limit: int) -> Iterator[Path]:
    """Give a path to the unpacked bytes, for readers that jump about in a file."""
    with Unpacked(path, limit) as raw:
        if not raw.is_packed:
            yield path
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part") as copy:
            shutil.copyfileobj(io.BufferedReader(raw, READ_BYTES), copy, READ_BYTES)
            copy.flush()
            yield Path(copy.name)


def head_of(path: Path, size: int, limit: int) -> tuple[bytes, bool]:
    """Return the first bytes, and whether they are all there are."""
    with unpacked(path, max(limit, size + 1)) as (stream, _):
        head = stream.read(size + 1)
    return head[:size], len(head) <= size


def is_packed(path: Path) -> bool:
    """True when the bytes on disk are gzip."""
    with path.open("rb") as file:
        return os.pread(file.fileno(), 2, 0) == GZIP
