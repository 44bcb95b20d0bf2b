"""What a streamed token costs on its way through Retune, beside the bare SDK reading the same.

    .venv/bin/python benchmarks/stream.py [--streams 100] [--seconds 10]

A mock provider sends 20 tokens a second per stream, each carrying the moment it was sent. One web
process (uvicorn, Django, the adapter, a throw-away PostgreSQL) passes them on to this process,
which reads plain sockets. The baseline is one process that only consumes the same streams with the
`openai` SDK. CPU is user and system time of the process under test, from /proc.

Below come two things that people notice: how much later the first token of a lone reply comes than
from the provider itself, and how much slower other pages are while all the streams run.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

EVERY_SECONDS = 0.05
WARM_UP_SECONDS = 2.0
FIRST_TOKENS = 20  # replies that are started one after the other, on a quiet process
PAGE_VISITS = 30
PAGES = ("home:health", "playground:list")
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


@dataclass
class Comparison:
    """The same thing timed twice, in milliseconds: at its best, and through or beside Retune."""

    name: str
    best: list[float] = field(default_factory=list)
    real: list[float] = field(default_factory=list)

    def line(self) -> str:
        best, real = statistics.median(self.best), statistics.median(self.real)
        return f"{self.name:<40}{best:>9.1f}{real:>9.1f}{real - best:>+9.1f}{real / best:>8.1f}"


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


@dataclass
class Site:
    """The web process as one signed-in browser sees it."""

    port: int
    pid: int
    cookie: str
    first_token: Comparison = field(default_factory=lambda: Comparison("first token"))
    pages: list[Comparison] = field(default_factory=list)

    async def read_all(self, paths: list[str], seconds: float) -> Result:
        """Read every reply's stream as a browser would, and visit other pages meanwhile."""
        result, window = Result("through Retune", len(paths)), Window()
        await self.visit_pages(is_quiet=True)

        async def read(path: str) -> None:
            async with self.get(path) as reader:
                while line := await reader.readline():
                    if line.startswith(b"data: "):
                        window.note(line, result)

        readers = [read(path) for path in paths]
        visits = self.visit_pages(is_quiet=False)
        await window.over(readers, result, self.pid, seconds, then=visits)
        return result

    async def time_first_tokens(self, upstream: int, paths: list[str]) -> None:
        """Start replies one by one, each beside a call to the provider itself."""
        for path in paths:
            direct = _milliseconds_to_first_token(_get(upstream, "/v1/chat/completions"))
            self.first_token.best.append(await direct)
            self.first_token.real.append(await _milliseconds_to_first_token(self.get(path)))
            await asyncio.sleep(EVERY_SECONDS)  # the reply that was left is written down

    async def visit_pages(self, *, is_quiet: bool) -> None:
        """Load every page again and again, and note how long it took."""
        for page in self.pages:
            times = page.best if is_quiet else page.real
            for _ in range(PAGE_VISITS):
                started = time.monotonic()
                async with self.get(page.name) as reader:
                    await reader.read()
                times.append((time.monotonic() - started) * 1000)

    def get(self, path: str) -> AbstractAsyncContextManager[asyncio.StreamReader]:
        return _get(self.port, path, f"Cookie: sessionid={self.cookie}\r\n")


@asynccontextmanager
async def _get(port: int, path: str, more: str = "") -> AsyncIterator[asyncio.StreamReader]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{more}\r\n"
    writer.write(head.encode())
    try:
        yield reader
    finally:
        writer.close()


async def _milliseconds_to_first_token(
    request: AbstractAsyncContextManager[asyncio.StreamReader],
) -> float:
    started = time.monotonic()
    async with request as reader:
        while not STAMP.search(line := await reader.readline()):
            if not line:
                raise SystemExit("A stream ended before its first token.")
    return (time.monotonic() - started) * 1000


class Window:
    """Counts only what arrives while it is open, so that starting up is not measured."""

    def __init__(self) -> None:
        self.is_open = False

    def note(self, text: bytes, result: Result) -> None:
        if self.is_open:
            now = time.monotonic_ns()
            result.milliseconds += [(now - int(sent)) / 1e6 for sent in STAMP.findall(text)]

    async def over(
        self,
        readers: list[Coroutine[Any, Any, None]],
        result: Result,
        pid: int,
        seconds: float,
        then: Coroutine[Any, Any, None] | None = None,
    ) -> None:
        """Measure for so long, `then` do something else while they still read."""
        tasks = []
        for number, reader in enumerate(readers):  # spread over the beat, as real streams are
            tasks.append(asyncio.create_task(reader))
            await asyncio.sleep(EVERY_SECONDS * ((number * 7 % 20) / 20) / 2)
        await asyncio.sleep(WARM_UP_SECONDS)
        before, self.is_open = _cpu_seconds(pid), True
        await asyncio.sleep(seconds)
        self.is_open, result.cpu_seconds = False, _cpu_seconds(pid) - before
        if then:
            await then
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
        columns = [services.ColumnChoice(place, connection, "mock") for place in range(2)]
        conversation = Conversation(workspace=owner.workspace)
        prompt = services.Prompt("Hi", uuid4(), columns)
        services.send(conversation=conversation, prompt=prompt)
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
    from config.launcher.lifeline import die_with_parent

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port)]
    command += ["--lifespan", "off", "--no-access-log", "--log-level", "warning"]
    tie = die_with_parent(signal.SIGKILL)  # a benchmark that is killed leaves nobody behind
    process = subprocess.Popen(command, cwd=ROOT, preexec_fn=tie)
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
            _measure(upstream.port, chosen.streams, chosen.seconds)
    finally:
        services.stop()


def _measure(upstream: int, streams: int, seconds: float) -> None:
    from django.urls import reverse

    url = f"http://127.0.0.1:{upstream}/v1"
    results = [asyncio.run(read_with_the_sdk(url, streams, seconds))]
    paths, cookie = _waiting_replies(url, streams + FIRST_TOKENS)
    with _serving("config.asgi:application", "/sign-in/") as web:
        site = Site(web.port, web.process.pid, cookie)
        site.pages = [Comparison(reverse(name)) for name in PAGES]
        asyncio.run(site.time_first_tokens(upstream, paths[:FIRST_TOKENS]))
        results.append(asyncio.run(site.read_all(paths[FIRST_TOKENS:], seconds)))
    print(f"{'':<22}{'streams':>8}{'tokens':>9}{'µs CPU':>11}{'p50 ms':>9}{'p95 ms':>9}")
    for result in results:
        print(result.line())
    print(f"{'median ms':<40}{'best':>9}{'real':>9}{'more':>9}{'times':>8}")
    for comparison in (site.first_token, *site.pages):
        print(comparison.line())


if __name__ == "__main__":
    main()
