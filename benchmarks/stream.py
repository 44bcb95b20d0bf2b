"""What a streamed token costs on its way through Retune, beside the bare SDK reading the same.

    .venv/bin/python benchmarks/stream.py [--streams 100] [--seconds 10]

A mock provider sends 20 tokens a second per stream, each carrying the moment it was sent. One web
process (uvicorn, Django, the adapter, a throw-away PostgreSQL) passes them on to this process,
which reads plain sockets. The baseline is one process that only consumes the same streams with the
`openai` SDK. CPU is user and system time of the process under test, from /proc.
"""

import argparse
import asyncio
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

EVERY_SECONDS = 0.05
WARM_UP_SECONDS = 2.0
STAMP = re.compile(rb"@(\d+)")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Result:
    """One run: how long tokens travelled, and what they cost."""

    name: str
    streams: int
    cpu_seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)

    def line(self) -> str:
        tokens = len(self.milliseconds)
        cuts = statistics.quantiles(self.milliseconds, n=100)
        cost = self.cpu_seconds / tokens * 1e6
        return (
            f"{self.name:<22}{self.streams:>8}{tokens:>9}{cost:>11.0f}"
            f"{cuts[49]:>9.2f}{cuts[94]:>9.2f}"
        )


# --- the mock provider ------------------------------------------------------------------------


async def provider(scope: Any, receive: Any, send: Any) -> None:
    """Answer every request with an endless stream of time stamps."""
    await receive()
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    with suppress(asyncio.CancelledError, OSError):
        due = time.monotonic()
        while True:
            await send({"type": "http.response.body", "body": _chunk(), "more_body": True})
            due += EVERY_SECONDS
            await asyncio.sleep(due - time.monotonic())


def _chunk() -> bytes:
    choice = {"index": 0, "delta": {"content": f"@{time.monotonic_ns()} "}, "finish_reason": None}
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "mock",
        "choices": [choice],
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


# --- the baseline: the SDK alone --------------------------------------------------------------


async def read_with_the_sdk(url: str, streams: int, seconds: float) -> Result:
    """Consume the streams with the SDK and do nothing with them."""
    import openai

    result = Result("openai SDK, no proxy", streams)
    client = openai.AsyncOpenAI(api_key="unused", base_url=url, max_retries=0)
    window = Window()

    async def read() -> None:
        ask: Any = {"model": "mock", "messages": [{"role": "user", "content": "Hi"}]}
        async for chunk in await client.chat.completions.create(**ask, stream=True):
            window.note((chunk.choices[0].delta.content or "").encode(), result)

    await window.over([read() for _ in range(streams)], result, os.getpid(), seconds)
    return result


# --- Retune -----------------------------------------------------------------------------------


async def read_from_retune(web: "Server", paths: list[str], cookie: str, seconds: float) -> Result:
    """Read every reply's stream as a browser would, from plain sockets."""
    result = Result("through Retune", len(paths))
    window = Window()

    async def read(path: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={cookie}\r\n\r\n"
        writer.write(head.encode())
        while line := await reader.readline():
            if line.startswith(b"data: "):
                window.note(line, result)

    await window.over([read(path) for path in paths], result, web.process.pid, seconds)
    return result


class Window:
    """Counts only what arrives while it is open, so that starting up is not measured."""

    def __init__(self) -> None:
        self.is_open = False

    def note(self, text: bytes, result: Result) -> None:
        if self.is_open:
            now = time.monotonic_ns()
            result.milliseconds += [(now - int(sent)) / 1e6 for sent in STAMP.findall(text)]

    async def over(self, readers: list[Any], result: Result, pid: int, seconds: float) -> None:
        tasks = []
        for number, reader in enumerate(readers):  # spread over the beat, as real streams are
            tasks.append(asyncio.create_task(reader))
            await asyncio.sleep(EVERY_SECONDS * ((number * 7 % 20) / 20) / 2)
        await asyncio.sleep(WARM_UP_SECONDS)
        before, self.is_open = _cpu_seconds(pid), True
        await asyncio.sleep(seconds)
        self.is_open, result.cpu_seconds = False, _cpu_seconds(pid) - before
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _waiting_replies(url: str, count: int) -> tuple[list[str], str]:
    """Save conversations whose replies wait, and sign somebody in. Return paths and cookie."""
    from uuid import uuid4

    from django.test import Client
    from django.urls import reverse

    from apps.playground import services
    from apps.playground.models import Conversation, Reply
    from tests.factories import make_connection, make_membership

    owner = make_membership()
    connection = make_connection(workspace=owner.workspace, base_url=url)
    for _ in range((count + 1) // 2):
        services.send(
            conversation=Conversation(workspace=owner.workspace),
            columns=[services.ColumnChoice(connection, "mock")] * 2,
            text="Hi",
            form_token=uuid4(),
        )
    browser = Client()
    browser.force_login(owner.user)
    ids = Reply.objects.order_by("pk").values_list("public_id", flat=True)[:count]
    paths = [reverse("playground:stream", args=[reply_id]) for reply_id in ids]
    return paths, browser.cookies["sessionid"].value


# --- processes --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A uvicorn process."""

    port: int
    process: subprocess.Popen[bytes]


@contextmanager
def _serving(application: str, path: str) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port)]
    command += ["--lifespan", "off", "--no-access-log", "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        _wait_for(f"http://127.0.0.1:{port}{path}")
        yield Server(port, process)
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str) -> None:
    for _ in range(200):
        with suppress(OSError):
            urllib.request.urlopen(url, timeout=1).close()
            return
        time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def _prepare_database() -> None:
    import django
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["ALLOW_PRIVATE_HOSTS"] = "true"
    django.setup()
    call_command("migrate", verbosity=0)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--streams", type=int, default=100)
    options.add_argument("--seconds", type=float, default=10)
    chosen = options.parse_args()

    from tests.services import services

    try:
        _prepare_database()
        with _serving("benchmarks.stream:provider", "/") as upstream:
            results = list(_runs(f"http://127.0.0.1:{upstream.port}/v1", chosen))
    finally:
        services.stop()
    print(f"{'':<22}{'streams':>8}{'tokens':>9}{'µs CPU':>11}{'p50 ms':>9}{'p95 ms':>9}")
    for result in results:
        print(result.line())


def _runs(url: str, chosen: argparse.Namespace) -> Iterator[Result]:
    yield asyncio.run(read_with_the_sdk(url, chosen.streams, chosen.seconds))
    with _serving("config.asgi:application", "/sign-in/") as web:
        paths, cookie = _waiting_replies(url, chosen.streams)
        yield asyncio.run(read_from_retune(web, paths, cookie, chosen.seconds))


if __name__ == "__main__":
    main()
