"""A provider that costs next to nothing: running jobs, each with one new event in every round.

A bare protocol over httptools, so that what a benchmark measures is the one who asks.
"""

import asyncio
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httptools
import orjson

CREATED = 1_795_000_000
PREFIX = b"/v1/fine_tuning/jobs"


class Shelf:
    """The jobs, the round, and how often anything was asked."""

    def __init__(self, jobs: int, status: str) -> None:
        self.ids = [f"ftjob-{number}" for number in range(jobs)]
        self.status = status
        self.round = 0
        self.calls = 0

    def answer(self, target: bytes) -> bytes:
        parts = urlsplit(target)
        path = parts.path.decode().strip("/").split("/")
        if path[0] == "round":
            calls, self.calls, self.round = self.calls, 0, self.round + 1
            self.status = parse_qs(parts.query.decode()).get("status", [self.status])[0]
            return orjson.dumps({"calls": calls})
        self.calls += 1
        return orjson.dumps(self._told(path[3:], parse_qs(parts.query.decode())))

    def _told(self, path: list[str], query: dict[str, list[str]]) -> Any:
        if not path:
            return self._page(query)
        return self._events(path[0]) if path[1:] == ["events"] else self._job(path[0])

    def _page(self, query: dict[str, list[str]]) -> Any:
        after = query.get("after", [""])[0]
        start = int(after.split("-")[1]) + 1 if after else 0
        end = start + int(query["limit"][0])
        data = [self._job(job_id) for job_id in self.ids[start:end]]
        return {"object": "list", "data": data, "has_more": end < len(self.ids)}

    def _job(self, job_id: str) -> Any:
        return {
            "id": job_id,
            "object": "fine_tuning.job",
            "created_at": CREATED,
            "status": self.status,
            "model": "tiny-chat-1m",
            "metadata": {},
            "result_files": [],
            "hyperparameters": {"n_epochs": 3},
        }

    def _events(self, job_id: str) -> Any:
        step = self.round
        numbers = {"step": step, "total_steps": 1000, "train_loss": 1.0 / (step + 1)}
        event = {
            "id": f"ftevent-{job_id}-{step}",
            "object": "fine_tuning.job.event",
            "created_at": CREATED + step,
            "level": "info",
            "type": "metrics",
            "message": f"Step {step}/1000",
            "data": numbers,
        }
        return {"object": "list", "data": [event], "has_more": False}


class Connection(asyncio.Protocol):
    """One kept connection; a request has no body."""

    def __init__(self, shelf: Shelf, latency: float) -> None:
        self.shelf, self.latency = shelf, latency
        self.parser = httptools.HttpRequestParser(self)
        self.target = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.target = url

    def on_message_complete(self) -> None:
        body = self.shelf.answer(self.target)
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        answer = head % len(body) + body
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, self._send, answer)
        else:
            self._send(answer)

    def _send(self, answer: bytes) -> None:
        self.transport.write(answer)  # type: ignore[attr-defined]


def serve(listener: socket.socket, jobs: int, latency: float) -> None:
    """Answer until the benchmark ends."""
    import uvloop

    async def run() -> None:
        shelf = Shelf(jobs, "running")
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(shelf, latency), sock=listener)
        await server.serve_forever()

    with suppress(KeyboardInterrupt):
        uvloop.run(run())
