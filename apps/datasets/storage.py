"""Bytes on disk: received piece by piece under a passing name, then put in place whole."""

import asyncio
import hashlib
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import RequestAborted

from apps.core.disk import sync_folder

ROWS_TIMES = 2  # of what may be uploaded
WRITE_BYTES = 1024 * 1024
LEFTOVER_AGE = timedelta(days=1)


class TooLarge(Exception):
    """More bytes came than this installation takes."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is whole and safely on disk."""

    public_id: uuid.UUID
    size_bytes: int
    sha256: str


class Incoming:
    """A file while it is written: hashed and counted on the way."""

    def __init__(self, file: BinaryIO, *, limit: int | None = None) -> None:
        self._file = file
        self._limit = settings.MAX_UPLOAD_BYTES if limit is None else limit
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes) -> int:
        """Take some more bytes; TooLarge as soon as there are too many."""
        self.count(data)
        self._file.write(data)
        return len(data)

    def count(self, data: bytes) -> None:
        """Take note of bytes that are in the file already; TooLarge when there are too many."""
        self.size_bytes += len(data)
        if self.size_bytes > self._limit:
            raise TooLarge
        self._hash.update(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def folder() -> Path:
    """Return where datasets live, made if need be."""
    path = Path(settings.DATA_DIR, "datasets")
    path.mkdir(parents=True, exist_ok=True)
    return path


def upload_path(public_id: uuid.UUID) -> Path:
    """Where an upload is, until somebody has seen that it is JSONL: then it is the rows."""
    return folder() / f"{public_id}.source"


def most_row_bytes() -> int:
    """Return how large the rows of a version may be: JSON is longer than the table it came from."""
    return ROWS_TIMES * int(settings.MAX_UPLOAD_BYTES)


@contextmanager
def rows(public_id: uuid.UUID, *, attempt: int) -> Iterator[Incoming]:
    """Write the rows of a version; they appear whole at the end of the block, or not at all.

    Attempts have files of their own: a worker that went silent may still be writing.
    """
    partial = folder() / f"{public_id}.{attempt}.rows.part"
    with _written(partial, folder() / f"{public_id}.jsonl", limit=most_row_bytes()) as file:
        yield file


@contextmanager
def _written(partial: Path, target: Path, *, limit: int | None = None) -> Iterator[Incoming]:
    try:
        with partial.open("wb") as file:
            yield Incoming(file, limit=limit)
            put_in_place(file, partial, target)
    finally:
        partial.unlink(missing_ok=True)


def put_in_place(file: BinaryIO, partial: Path, target: Path) -> None:
    """Give a file that is whole the name under which it is found, once it is safely on disk."""
    file.flush()
    os.fsync(file.fileno())
    partial.replace(target)
    sync_folder(folder())


def _uploaded(public_id: uuid.UUID) -> AbstractContextManager[Incoming]:
    return _written(folder() / f"{public_id}.part", upload_path(public_id))


async def areceive(chunks: AsyncIterator[bytes]) -> StoredFile:
    """Write a body to disk as it comes; memory holds about a megabyte of it."""
    public_id = uuid.uuid4()
    with _uploaded(public_id) as file:
        async for block in blocks(chunks):
            await asyncio.to_thread(file.write, block)
    return StoredFile(public_id, file.size_bytes, file.sha256)


async def blocks(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Gather small chunks, so that a thread is asked once per megabyte.

    When the chunks break off, what had been gathered comes first, then the error.
    """
    gathered, error = bytearray(), None
    try:
        async for chunk in chunks:
            gathered += chunk
            if len(gathered) >= WRITE_BYTES:
                yield bytes(gathered)
                gathered.clear()
    except RequestAborted as exc:
        error = exc
    if gathered:
        yield bytes(gathered)
    if error:
        raise error


def receive(chunks: Iterator[bytes]) -> StoredFile:
    """The same for bytes that are already here (a form's upload, the samples)."""
    public_id = uuid.uuid4()
    with _uploaded(public_id) as file:
        for chunk in chunks:
            file.write(chunk)
    return StoredFile(public_id, file.size_bytes, file.sha256)


def remove(path: Path) -> None:
    """Remove a dataset's file and everything the check wrote beside it."""
    for beside in path.parent.glob(f"{path.stem}.*"):
        beside.unlink(missing_ok=True)


def remove_leftovers(*, older_than: datetime) -> None:
    """Remove what a killed process was in the middle of writing."""
    for partial in folder().glob("*.part"):
        if partial.stat().st_mtime < older_than.timestamp():
            partial.unlink(missing_ok=True)
