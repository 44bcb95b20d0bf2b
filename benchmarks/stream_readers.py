"""Reads many streams and notes when each token came: as a browser would, or with the bare SDK.

Each runs in a process of its own, so that whoever times pages meanwhile has nothing else to do.
"""

import asyncio
import re
import time
from array import array
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, cast

STAMP = re.compile(rb"@(\d+) ")  # one that a packet cuts in two is not counted
BETWEEN_OPENINGS = 0.015  # seconds


class Notes:
    """When tokens came and when they were sent, in pairs of nanoseconds."""

    def __init__(self) -> None:
        self.moments = array("q")

    def note(self, text: bytes) -> None:
        now = time.monotonic_ns()
        for sent in STAMP.findall(text):
            self.moments.extend((now, int(sent)))


class Page(asyncio.Protocol):
    """The stream of one reply: raw bytes, of which nothing is parsed."""

    def __init__(self, request: bytes, notes: Notes) -> None:
        self._request = request
        self.data_received = notes.note  # type: ignore[method-assign, assignment]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.WriteTransport, transport).write(self._request)


def request(path: str, cookie: str = "") -> bytes:
    """Return a GET as a signed-in browser sends it."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    return f"{head}Cookie: sessionid={cookie}\r\n\r\n".encode()


def read_pages(control: Connection, port: int, cookie: str, paths: Sequence[str]) -> None:
    """Read the streams at these paths of the web process until told to stop."""
    import uvloop

    async def open_all(notes: Notes) -> None:
        loop = asyncio.get_running_loop()
        for path in paths:
            page = Page(request(path, cookie), notes)
            await loop.create_connection(lambda page=page: page, "127.0.0.1", port)  # type: ignore[misc]
            await asyncio.sleep(BETWEEN_OPENINGS)

    uvloop.run(_until_told(control, open_all))


def read_with_the_sdk(control: Connection, url: str, streams: int) -> None:
    """Consume so many streams of the provider with the SDK, and do nothing with them."""
    import openai

    tasks = []

    async def open_all(notes: Notes) -> None:
        client = openai.AsyncOpenAI(api_key="unused", base_url=url, max_retries=0)
        for _ in range(streams):
            tasks.append(asyncio.create_task(_read_one(client, notes)))
            await asyncio.sleep(BETWEEN_OPENINGS)

    with suppress(asyncio.CancelledError):
        asyncio.run(_until_told(control, open_all))


async def _read_one(client: Any, notes: Notes) -> None:
    messages = [{"role": "user", "content": "Hi"}]
    create = client.chat.completions.create
    async for chunk in await create(model="mock", messages=messages, stream=True):
        notes.note((chunk.choices[0].delta.content or "").encode())


async def _until_told(control: Connection, open_all: Callable[[Notes], Awaitable[None]]) -> None:
    """Open the streams, say so, read until a word comes, and answer with what was noted."""
    notes = Notes()
    await open_all(notes)
    control.send(None)
    await asyncio.to_thread(control.recv)
    control.send_bytes(notes.moments.tobytes())
