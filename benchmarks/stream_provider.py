"""A provider that streams at next to no cost: 20 tokens a second for each stream, without end.

One timer writes for all streams whose turn it is, and the bytes of a token are put together once.
So what a benchmark measures is the one who reads them. Who asks for the model `brief` gets a reply
that ends after a few tokens; then the connection can be used again.
"""

import asyncio
import itertools
import socket
import time
from typing import cast

import httptools

EVERY_SECONDS = 0.05
SLOTS = 50  # streams are spread over the beat, as real ones are
BRIEF_TOKENS = 3

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
TOKEN = (
    b'data: {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "mock",'
    b' "choices": [{"index": 0, "delta": {"content": "@%d "}, "finish_reason": null}]}\n\n'
)
END = b"data: [DONE]\n\n"


class Beat:
    """All streams, each in one slot; every millisecond the next slot gets its token."""

    def __init__(self) -> None:
        self._slots: list[set[asyncio.WriteTransport]] = [set() for _ in range(SLOTS)]
        self._turns = itertools.cycle(slot * 7 % SLOTS for slot in range(SLOTS))

    def join(self, transport: asyncio.WriteTransport) -> None:
        self._slots[next(self._turns)].add(transport)

    def leave(self, transport: asyncio.WriteTransport) -> None:
        for slot in self._slots:
            slot.discard(transport)

    async def go_on(self) -> None:
        due = time.monotonic()
        for slot in itertools.cycle(self._slots):
            due += EVERY_SECONDS / SLOTS
            await asyncio.sleep(due - time.monotonic())
            if slot:
                token = _token()
                for transport in slot:
                    transport.write(token)


class Stream(asyncio.Protocol):
    """One connection; whatever is asked, tokens come back."""

    def __init__(self, beat: Beat) -> None:
        self._beat = beat
        self._parser = httptools.HttpRequestParser(self)
        self._is_brief = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._is_brief = False

    def on_body(self, body: bytes) -> None:
        self._is_brief = self._is_brief or b'"brief"' in body

    def on_message_complete(self) -> None:
        self._transport.write(HEAD + _token())
        if self._is_brief:
            rest = [*(_token() for _ in range(BRIEF_TOKENS - 1)), _chunk(END), _chunk(b"")]
            self._transport.write(b"".join(rest))
        else:
            self._beat.join(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._beat.leave(self._transport)


def serve(listener: socket.socket) -> None:
    """Answer until the benchmark ends."""
    import uvloop

    async def run() -> None:
        beat = Beat()
        loop = asyncio.get_running_loop()
        await loop.create_server(lambda: Stream(beat), sock=listener)
        await beat.go_on()

    uvloop.run(run())


def _token() -> bytes:
    """Return one token, which is the moment at which it was sent."""
    return _chunk(TOKEN % time.monotonic_ns())


def _chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)
