"""What a streamed token costs on its way through Retune, beside the bare SDK reading the same.

    .venv/bin/python benchmarks/stream.py [--streams 100] [--seconds 10]

A mock provider sends 20 tokens a second per stream, each carrying the moment it was sent. One web
process (uvicorn, Django, the adapter, a throw-away PostgreSQL) passes them on to a process that
reads plain sockets. The baseline is one process that only consumes the same streams with the
`openai` SDK. CPU is user and system time of the process under test, from /proc.
With more than 250 streams tokens wait for a beat on purpose (`apps/providers/adapters/pace.py`).

Below come two things that people notice: how much later the first token of a lone reply comes than
from the provider itself, and how much slower other pages are while all the streams run. They are
timed here, where nothing else happens. A line for each part says how much CPU everybody used: where
the cores are full, the figures are those of the machine.
"""

import argparse
import multiprocessing
import os
import re
import socket
import statistics
import sys
import time
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import stream_provider, stream_readers, web_process  # noqa: E402

WARM_UP_SECONDS = 2.0
FIRST_TOKENS = 30  # replies that are started one after the other, on a quiet process
PAGE_VISITS = 40
PAGES = ("home:health", "playground:list")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Result:
    """One run: how long tokens travelled, and what they cost."""

    name: str
    streams: int
    cpu_seconds: float
    milliseconds: list[float]

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


class Usage:
    """The CPU that processes use from now on."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._began, self._before = time.monotonic(), self._now()

    def of(self, name: str) -> float:
        """Return the seconds that one process has used."""
        return self._now()[name] - self._before[name]

    def tell(self, when: str) -> None:
        """Print percent of one core for each, and of all cores for the machine."""
        now, wall = self._now(), time.monotonic() - self._began
        shares = {name: (now[name] - self._before[name]) / wall for name in now}
        machine, cores = shares.pop("machine"), os.cpu_count() or 1
        each = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
        print(f"CPU, {when}: {each}; {machine / cores:.0%} of {cores} cores", flush=True)

    def _now(self) -> dict[str, float]:
        each = {name: _cpu_seconds(pid) for name, pid in self._pids.items()}
        return {**each, "machine": _machine_seconds()}


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _machine_seconds() -> float:
    """Return what all processes together have used since the machine started."""
    user, nice, system, _idle, _waiting, *interrupts = Path("/proc/stat").read_text().split()[1:8]
    return sum(map(int, (user, nice, system, *interrupts))) / TICKS


# --- many streams at once ---------------------------------------------------------------------


class Reading:
    """A process that reads all streams."""

    def __init__(self, read: Callable[..., None], *arguments: Any) -> None:
        self._control, other = multiprocessing.Pipe()
        self._process = beside(read, other, *arguments)
        self.pid = self._process.pid or 0
        self._control.recv()  # all streams are open
        time.sleep(WARM_UP_SECONDS)

    def measure(self, name: str, streams: int, seconds: float, pids: Mapping[str, int]) -> Result:
        """Let so much time pass. The first of the processes is the one whose CPU counts."""
        usage, self._from = Usage(pids), time.monotonic_ns()
        time.sleep(seconds)
        cpu, self._until = usage.of(next(iter(pids))), time.monotonic_ns()
        usage.tell(f"{name}, {streams} streams")
        return Result(name, streams, cpu, [])

    def stop(self) -> list[float]:
        """Return for how many milliseconds each token of the measured time has travelled."""
        self._control.send(None)
        moments = array("q", self._control.recv_bytes())
        self._process.kill()
        pairs = zip(moments[::2], moments[1::2], strict=True)
        return [(came - sent) / 1e6 for came, sent in pairs if self._from <= came < self._until]


def read_with_the_sdk(url: str, streams: int, seconds: float, provider: int) -> Result:
    """Measure the baseline."""
    reading = Reading(stream_readers.read_with_the_sdk, url, streams)
    pids = {"SDK": reading.pid, "provider": provider}
    result = reading.measure("openai SDK, no proxy", streams, seconds, pids)
    result.milliseconds = reading.stop()
    return result


@dataclass
class Site:
    """The web process as one signed-in browser sees it."""

    port: int
    cookie: str
    pids: Mapping[str, int]
    first_tokens: list[Comparison] = field(default_factory=list)
    pages: list[Comparison] = field(default_factory=list)

    def read_all(self, paths: list[str], seconds: float) -> Result:
        """Let every reply's stream be read, and then visit other pages meanwhile."""
        self.visit_pages(is_quiet=True)
        reading = Reading(stream_readers.read_pages, self.port, self.cookie, paths)
        pids = {**self.pids, "reader": reading.pid, "visitor": os.getpid()}
        result = reading.measure("through Retune", len(paths), seconds, pids)
        usage = Usage(pids)
        self.visit_pages(is_quiet=False)
        usage.tell("and while pages are visited")
        result.milliseconds = reading.stop()
        return result

    def time_first_tokens(self, name: str, upstream: int, paths: list[str]) -> None:
        """Start replies one by one, each beside a call to the provider itself."""
        times = Comparison(name)
        for path in paths:
            direct = _milliseconds(upstream, "/v1/chat/completions", "", until=stream_readers.STAMP)
            times.best.append(direct)
            times.real.append(
                _milliseconds(self.port, path, self.cookie, until=stream_readers.STAMP)
            )
            time.sleep(stream_provider.EVERY_SECONDS)  # the reply that was left is written down
        self.first_tokens.append(times)

    def visit_pages(self, *, is_quiet: bool) -> None:
        """Load every page again and again, and note how long it took."""
        for page in self.pages:
            times = page.best if is_quiet else page.real
            times += [_milliseconds(self.port, page.name, self.cookie) for _ in range(PAGE_VISITS)]


def _milliseconds(
    port: int, path: str, cookie: str, until: re.Pattern[bytes] | None = None
) -> float:
    """Return how long an answer takes: to this word in it, or all of it."""
    started, got = time.monotonic(), b""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(stream_readers.request(path, cookie))
        while part := connection.recv(65536):
            got += part
            if until and until.search(got):
                break
        took = time.monotonic() - started
    if not got.startswith(b"HTTP/1.1 200") or (until and not until.search(got)):
        raise SystemExit(f"{path} answered {got[:200]!r}")
    return took * 1000


def waiting_replies(url: str, counts: Mapping[str, int]) -> tuple[dict[str, list[str]], str]:
    """Save replies that wait, so many of each model. Return their paths, and a signed-in cookie."""
    from uuid import uuid4

    from django.test import Client
    from django.urls import reverse

    from apps.playground import services
    from apps.playground.models import Conversation, Reply
    from tests.factories import make_connection, make_membership

    owner = make_membership()
    connection = make_connection(workspace=owner.workspace, base_url=url)
    paths: dict[str, list[str]] = {}
    for model, count in counts.items():
        for _ in range((count + 1) // 2):
            columns = [services.ColumnChoice(place, connection, model) for place in range(2)]
            conversation = Conversation(workspace=owner.workspace)
            prompt = services.Prompt("Hi", uuid4(), columns)
            services.send(conversation=conversation, prompt=prompt)
        replies = Reply.objects.filter(model=model).order_by("pk")[:count]
        paths[model] = [reverse("playground:stream", args=[each.public_id]) for each in replies]
    browser = Client()
    browser.force_login(owner.user)
    return paths, browser.cookies["sessionid"].value


# --- processes --------------------------------------------------------------------------------


def beside(function: Callable[..., None], *arguments: Any) -> multiprocessing.process.BaseProcess:
    """Start a process that ends with this one."""
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=function, args=arguments, daemon=True)
    process.start()
    return process


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--streams", type=int, default=100)
    options.add_argument("--seconds", type=float, default=10)
    chosen = options.parse_args()

    from tests.services import services

    try:
        web_process.prepare()
        listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
        provider = beside(stream_provider.serve, listener)
        _measure(listener.getsockname()[1], provider.pid or 0, chosen.streams, chosen.seconds)
    finally:
        services.stop()


def _measure(upstream: int, provider: int, streams: int, seconds: float) -> None:
    from django.urls import reverse

    url = f"http://127.0.0.1:{upstream}/v1"
    results = [read_with_the_sdk(url, streams, seconds, provider)]
    wanted = {"mock": streams, "first": FIRST_TOKENS, "brief": FIRST_TOKENS}
    paths, cookie = waiting_replies(url, wanted)
    with web_process.running("config.asgi:application") as web:
        site = Site(web.port, cookie, {"web": web.pid, "provider": provider})
        site.pages = [Comparison(reverse(name)) for name in PAGES]
        site.time_first_tokens("first token", upstream, paths["first"])
        site.time_first_tokens("first token, after one that ended", upstream, paths["brief"])
        results.append(site.read_all(paths["mock"], seconds))
    print(f"{'':<22}{'streams':>8}{'tokens':>9}{'µs CPU':>11}{'p50 ms':>9}{'p95 ms':>9}")
    for result in results:
        print(result.line())
    print(f"{'median ms':<40}{'best':>9}{'real':>9}{'more':>9}{'times':>8}")
    for comparison in (*site.first_tokens, *site.pages):
        print(comparison.line())


if __name__ == "__main__":
    main()
