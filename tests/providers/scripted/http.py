"""A small HTTP/1.1 server for scripted providers: quick, and able to break off on command."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, cast
from urllib.parse import parse_qs, unquote, urlsplit

import httptools
import orjson
import uvloop

Ending = Literal["whole", "cut", "half_closed", "reset", "silence"]


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    came_from: int = 0  # the port of the client: the same for requests over one connection

    @cached_property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0])

    @cached_property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query)

    def asked(self, name: str, otherwise: str = "") -> str:
        """Return one value of the query."""
        return self.query.get(name, [otherwise])[0]

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Answer:
    """What to send back, and how far. A body that is not bytes is sent as JSON.

    `cut` stops within the body and drops the connection; `half_closed` stops there too but only
    says that nothing more comes; `reset` drops it before a word; `silence` never answers.
    """

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: AsyncIterator[bytes] | None = None
    delay: float = 0.0
    ending: Ending = "whole"


class Listener:
    """Answers on a port of this machine from a thread that ends with the process."""

    def __init__(self, answer: Callable[[Seen], Answer], *, host: str = "127.0.0.1", port: int = 0):
        self.answer = answer
        self._host = host
        self._port = port
        self._ready = threading.Event()
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    @property
    def origin(self) -> str:
        return f"http://{self._host}:{self._port}"

    def start(self) -> None:
        """Begin to listen; when this returns, the port is known and open."""
        threading.Thread(target=self._serve, daemon=True).start()
        self._ready.wait(10)

    def go_away(self, seconds: float) -> None:
        """Drop every connection and refuse new ones for a while, as a restart would."""
        asyncio.run_coroutine_threadsafe(self._restart(seconds), self._loop)

    def every(self, tick: Callable[[], float]) -> None:
        """Run something again and again, never while a request is half done."""

        def again() -> None:
            self._loop.call_later(tick(), again)

        self._loop.call_soon_threadsafe(again)

    def _serve(self) -> None:
        self._loop = uvloop.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()

    async def _listen(self) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((self._host, self._port))
        self._port = listening.getsockname()[1]
        self._server = await self._loop.create_server(
            lambda: _Connection(self), sock=listening, backlog=1024
        )

    async def _restart(self, seconds: float) -> None:
        if self._server:
            self._server.close()
        for connection in list(self._connections):
            connection.drop()
        await asyncio.sleep(seconds)
        await self._listen()

    def opened(self, connection: "_Connection") -> None:
        self._connections.add(connection)

    def closed(self, connection: "_Connection") -> None:
        self._connections.discard(connection)


class _Connection(asyncio.Protocol):
    """One client. The names of the `on_…` methods are the parser's."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._parser = httptools.HttpRequestParser(self)
        self._body: list[bytes] = []
        self._headers: dict[str, str] = {}
        self._target = ""
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass of it
        self._listener.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._listener.closed(self)
        if self._task:
            self._task.cancel()

    def drop(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as exc:
            self.drop()
            if isinstance(exc, httptools.HttpParserCallbackError):  # a mistake of ours: say so
                raise

    def on_message_begin(self) -> None:
        self._body, self._headers = [], {}

    def on_url(self, url: bytes) -> None:
        self._target = url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        method = self._parser.get_method().decode()
        port = self._transport.get_extra_info("peername")[1]
        seen = Seen(method, self._target, self._headers, b"".join(self._body), port)
        answer = self._listener.answer(seen)
        if answer.stream or answer.delay:
            self._task = asyncio.get_running_loop().create_task(self._send_later(answer))
        else:
            self._send(answer)

    async def _send_later(self, answer: Answer) -> None:
        await asyncio.sleep(answer.delay)
        if answer.stream:
            await self._send_stream(answer, answer.stream)
        else:
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        if answer.ending == "silence":
            return
        if answer.ending == "reset":
            self.drop()
            return
        body = answer.body if isinstance(answer.body, bytes) else _dumped(answer.body)
        kind = "application/octet-stream" if isinstance(answer.body, bytes) else "application/json"
        missing = 0 if answer.ending == "whole" else 1000
        length = {"content-length": str(len(body) + missing)}
        self._transport.write(_head(answer.status, {"content-type": kind, **length}, answer) + body)
        self._end(answer.ending)

    async def _send_stream(self, answer: Answer, pieces: AsyncIterator[bytes]) -> None:
        facts = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}
        self._transport.write(_head(answer.status, facts, answer))
        async for piece in pieces:
            self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if answer.ending == "whole":
            self._transport.write(b"0\r\n\r\n")
        self._end(answer.ending)

    def _end(self, ending: Ending) -> None:
        if ending == "half_closed":
            self._transport.write_eof()
        elif ending == "cut":
            self._transport.close()


def _dumped(body: Any) -> bytes:
    """Return the JSON; what orjson is too strict for (half a character) as `json` writes it."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return json.dumps(body).encode()


def _head(status: int, facts: Mapping[str, str], answer: Answer) -> bytes:
    given = {name.lower(): text for name, text in answer.headers.items()}
    lines = [f"{name}: {text}\r\n" for name, text in {**facts, **given}.items()]
    return f"HTTP/1.1 {status} Scripted\r\n{''.join(lines)}\r\n".encode("latin-1")
