"""Large files in parts, by OpenAI's Uploads API.

An upload that was left behind cannot be found again: it ends by itself after an hour, and only a
completed one becomes a file. So whoever tries again looks for the file first. A part may be sent
twice without harm: only the parts that are named at the end count.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import openai

from apps.providers.adapters.http import UPLOAD
from apps.providers.profiles.parts import Uploads
from apps.providers.types import ProviderError, ProviderUnavailable

TRIES = 3
PART_SECONDS = 1800.0  # 64 MiB over a slow line
LONGEST_WAIT = 30.0
SLOWLY: dict[str, Any] = {"within": PART_SECONDS, "timeout": UPLOAD}
MIME_TYPE = "text/jsonl"

Ask = Callable[..., Awaitable[Mapping[str, Any]]]


def is_large(path: Path, rule: Uploads) -> bool:
    """Say whether this file has to go in parts."""
    return path.stat().st_size > rule.above_bytes


def client_for(client: openai.AsyncOpenAI, rule: Uploads) -> openai.AsyncOpenAI:
    """Return the client that reaches the Uploads API: at Azure it is beside /v1, not below."""
    if not rule.api_version:
        return client
    beside = str(client.base_url).rstrip("/").removesuffix("/v1")
    return client.with_options(
        base_url=beside,
        default_query={"api-version": rule.api_version},
        default_headers={"api-key": client.api_key},
    )


async def send(client: openai.AsyncOpenAI, ask: Ask, path: Path, name: str, rule: Uploads) -> str:
    """Send the file and return its id. `ask` makes one call and returns the object in the answer.

    Whatever goes wrong, the provider is told to forget what it has.
    """
    uploads = client.uploads.with_raw_response
    size = await asyncio.to_thread(os.path.getsize, path)
    upload = await ask(
        uploads.create, bytes=size, filename=name, mime_type=MIME_TYPE, purpose="fine-tune"
    )
    try:
        parts = [
            await _send_part(client, ask, upload["id"], part)
            async for part in _pieces(path, size, rule.part_bytes)
        ]
        done = await ask(uploads.complete, upload_id=upload["id"], part_ids=parts, **SLOWLY)
        return str(done["file"]["id"])
    except BaseException:
        with suppress(ProviderError, ProviderUnavailable):
            await ask(uploads.cancel, upload_id=upload["id"])
        raise


async def _send_part(client: openai.AsyncOpenAI, ask: Ask, upload_id: str, part: bytes) -> str:
    """Send one part, again when it did not arrive; returns its id."""
    create = client.uploads.parts.with_raw_response.create
    for left in reversed(range(TRIES)):
        try:
            answer = await ask(create, upload_id=upload_id, data=("part", part), **SLOWLY)
        except ProviderUnavailable as refusal:
            if not left:
                raise
            await asyncio.sleep(min(refusal.retry_after or TRIES - left, LONGEST_WAIT))
        else:
            return str(answer["id"])
    raise AssertionError("a part is sent or refused")


async def _pieces(path: Path, size: int, part_bytes: int) -> AsyncIterator[bytes]:
    """Yield exactly `size` bytes: the total was declared, and a file may grow meanwhile."""
    with path.open("rb") as content:
        while size > 0 and (piece := await asyncio.to_thread(content.read, min(part_bytes, size))):
            size -= len(piece)
            yield piece
