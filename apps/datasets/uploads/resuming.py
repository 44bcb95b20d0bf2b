"""Uploads that go on where they broke off: what has arrived stays for a day.

The browser names an upload, by any UUID. The file gets a name of ours made of that and of the
person, so that nobody can write to, or ask about, what somebody else is uploading. The new name is
also the public id of the version, which tells a browser that missed the last answer how it ended.
"""

import asyncio
import errno
import fcntl
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from apps.accounts.models import Membership
from apps.datasets import storage
from apps.datasets.storage import Incoming, StoredFile

READ_BYTES = 4 * 1024 * 1024


class Busy(Exception):
    """Another connection still writes to this upload; it will have ended in some seconds."""


class WrongOffset(Exception):
    """The bytes that come next are others than those that are sent."""


class TooMuch(Exception):
    """More came than was announced."""


@dataclass(frozen=True, slots=True)
class HalfUpload:
    """A file of which some bytes may have arrived."""

    public_id: uuid.UUID

    @classmethod
    def of(cls, membership: Membership, upload: uuid.UUID) -> "HalfUpload":
        """Return what this person calls by this name."""
        return cls(uuid.uuid5(upload, f"membership {membership.pk}"))

    @property
    def path(self) -> Path:
        return storage.folder() / f"{self.public_id}.part"

    @property
    def received(self) -> int:
        """How many bytes have arrived."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def forget(self) -> None:
        """Remove what has arrived."""
        self.path.unlink(missing_ok=True)

    async def areceive(
        self, chunks: AsyncIterator[bytes], *, offset: int, size: int
    ) -> StoredFile | None:
        """Append to what has arrived. The file when it is whole; None while more has to come.

        Whatever breaks this off, the bytes that came stay for the next attempt.
        """
        with self._open() as file:
            if offset != self.received:
                raise WrongOffset
            incoming = await asyncio.to_thread(_counted, file)
            async for block in storage.blocks(chunks):
                if incoming.size_bytes + len(block) > size:
                    raise TooMuch
                await asyncio.to_thread(incoming.write, block)
            if incoming.size_bytes < size:
                return None
            target = storage.upload_path(self.public_id)
            await asyncio.to_thread(storage.put_in_place, file, self.path, target)
        return StoredFile(self.public_id, incoming.size_bytes, incoming.sha256)

    @contextmanager
    def _open(self) -> Iterator[BinaryIO]:
        """Open the file at its end, for one writer at a time."""
        with self.path.open("a+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as exc:
                if exc.errno in (errno.EWOULDBLOCK, errno.EACCES):
                    raise Busy from exc
                raise
            if not self._is_still(file):
                raise Busy  # finished or forgotten by another connection a moment ago
            yield file

    def _is_still(self, file: BinaryIO) -> bool:
        try:
            return self.path.stat().st_ino == os.fstat(file.fileno()).st_ino
        except FileNotFoundError:
            return False


def _counted(file: BinaryIO) -> Incoming:
    """Read what is there once more: only then can its hash be continued."""
    incoming = Incoming(file)
    file.seek(0)
    while block := file.read(READ_BYTES):
        incoming.count(block)
    return incoming
