"""Brings a file to Together: ask where to, send it there, tell that it is there.

Read from: the together package 3.1.1, `lib/resources/files.py`.
"""

import asyncio
import hashlib
from contextlib import suppress
from pathlib import Path

from apps.providers.adapters.fields import objects, text
from apps.providers.adapters.paths import segment
from apps.providers.adapters.rest import Object, Rest
from apps.providers.types import ProviderError

USELESS = frozenset({"FAILED", "INVALID_FORMAT", "PENDING"})  # pending: perhaps not all there
SENT_ELSEWHERE, THERE_ALREADY = 302, 409
SLOWLY = 600.0  # the service looks through the file before it answers


async def find(rest: Rest, filename: str, size_bytes: int) -> str | None:
    """Return the id of a sound file that was uploaded under this name with this size, if any."""
    for file in objects((await rest.ask("GET", "/files")).get("data")):
        is_same = (file.get("filename"), file.get("bytes")) == (filename, size_bytes)
        if is_same and file.get("processing_status") not in USELESS and file.get("id"):
            return text(file["id"], 200)
    return None


async def upload(rest: Rest, path: Path, filename: str) -> str:
    """Send the file and return its id. The same bytes again are the same file."""
    fields = {
        "purpose": "fine-tune",
        "file_name": filename,
        "file_type": "jsonl",
        "checksum": await asyncio.to_thread(_checksum, path),
    }
    form = {name: (None, value) for name, value in fields.items()}
    asked = await rest.reply("POST", "/files", files=form, also={SENT_ELSEWHERE, THERE_ALREADY})
    if asked.status_code == THERE_ALREADY:
        known = _known(rest, rest.object_in(asked))
        with suppress(ProviderError):  # it may be looked through already
            await _look_through(rest, known)
        return known
    place, file_id = asked.headers.get("Location"), asked.headers.get("X-Together-File-Id")
    if not place or not file_id:
        raise rest.translate.garbage()
    await rest.put_file(place, path, {})
    await _look_through(rest, file_id)
    return file_id


async def _look_through(rest: Rest, file_id: str) -> None:
    """Tell the service that the file is there; it checks the rows."""
    await rest.ask("POST", f"/files/{segment(file_id)}/preprocess", within=SLOWLY)


def _known(rest: Rest, told: Object) -> str:
    """Return which file has these bytes already."""
    if file_id := text(told.get("file_id"), 200):
        return file_id
    raise rest.translate.refused(THERE_ALREADY, told, {})


def _checksum(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
