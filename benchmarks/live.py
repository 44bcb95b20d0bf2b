"""What pages that are left open cost: 1,000 pages of running jobs that have nothing new.

    .venv/bin/python benchmarks/live.py [--pages 1000] [--streams 0]

First each kind of live part is asked again and again on one connection for what has not changed:
CPU of the web process for one such answer. Most are answered in front of Django
(`apps/core/unchanged.py`); "in Django" is with session, person and the query for the version. Then
so many pages of as many jobs stay open and ask as often as the page does. The baseline is the same
number of requests to an ASGI application that answers 204 and nothing else. With `--streams` so
many replies stream through the same process meanwhile. The pages are opened
evenly over as long as an answer holds, so that Django is asked evenly as well. CPU is user and
system time from /proc, of the web process and of PostgreSQL.
"""

import argparse
import multiprocessing
import re
import socket
import statistics
import sys
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apps.jobs.models import Job

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import (  # noqa: E402
    live_pages,
    stream,
    stream_provider,
    stream_readers,
    web_process,
)
from benchmarks.web_process import WebProcess  # noqa: E402

ASKED = 300  # times each live part is asked
WARM_UP = 20
GOAL_MS, GOAL_SHARE = 2, 0.5
LIVE = re.compile(r'hx-get="([^"]+)"\s+hx-trigger="(?:load[^"]*, )?every (\d+)s"')


async def nothing_new(scope: Any, receive: Any, send: Any) -> None:
    """The baseline: an application that has nothing to say."""
    await receive()
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@dataclass
class Part:
    """A live part of a page: where it asks, and how often."""

    name: str
    path: str
    seconds: float


@dataclass
class Seeds:
    """Who looks, and at what."""

    cookie: str
    parts: list[Part]
    jobs: list[str]  # what the page of each job asks


def seed(jobs: int) -> Seeds:
    """Make that many running jobs, and read from their pages what a browser asks."""
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from apps.jobs.models import Job
    from tests.factories import make_connection, make_membership, make_version

    owner = make_membership()
    shared = {
        "workspace": owner.workspace,
        "connection": make_connection(workspace=owner.workspace),
        "training_data": make_version(workspace=owner.workspace),
        "base_model": "tiny-chat-1m",
        "status": "running",
        "last_news_at": timezone.now() + timedelta(hours=1),  # no poller runs here
    }
    Job.objects.bulk_create(
        Job(name=f"Job {n}", provider_job_id=f"ftjob-{n}", **shared) for n in range(jobs)
    )
    browser = Client()
    browser.force_login(owner.user)
    first, *others = Job.objects.order_by("pk")
    part = live_part(browser, "page of a running job", first.get_absolute_url())
    parts = [
        part,
        Part("the same, each time in Django", f"{part.path}&again={{}}", part.seconds),
        live_part(browser, "list of jobs", reverse("jobs:list")),
        Part("number beside the bell", reverse("notifications:unread") + "?seen=0", 30),
    ]
    paths = [part.path, *(path_of(part.path, first, other) for other in others)]
    return Seeds(browser.cookies["sessionid"].value, parts, paths)


def path_of(path: str, first: "Job", other: "Job") -> str:
    """Return what the page of another job asks, without opening it."""
    path = path.replace(first.get_absolute_url(), other.get_absolute_url())
    return path.replace(str(first.updated_at.timestamp()), str(other.updated_at.timestamp()))


def live_part(browser: Any, name: str, url: str) -> Part:
    """Return the live part that is the reason for this page."""
    found = LIVE.findall(browser.get(url, headers={"Host": "127.0.0.1"}).content.decode())
    [(path, seconds)] = [each for each in found if each[0].startswith(f"{url}?")]
    return Part(name, path.replace("&amp;", "&"), float(seconds))


@dataclass
class Asked:
    """One kind of request: how long it took, and what it cost both processes."""

    milliseconds: Sequence[float]
    cpu_seconds: float
    database_seconds: float
    seconds: float

    @property
    def cost_ms(self) -> float:
        return 1000 * self.cpu_seconds / len(self.milliseconds)

    def line(self, name: str) -> str:
        cuts = statistics.quantiles(self.milliseconds, n=20)
        share, theirs = self.cpu_seconds / self.seconds, self.database_seconds / self.seconds
        count = len(self.milliseconds) / self.seconds
        return (
            f"{name:<40}{count:>9.0f}{self.cost_ms:>9.2f}{share:>8.0%}{theirs:>12.0%}"
            f"{cuts[9]:>9.1f}{cuts[18]:>9.1f}"
        )


HEAD = f"{'':<40}{'asked/s':>9}{'CPU ms':>9}{'CPU':>8}{'PostgreSQL':>12}{'p50 ms':>9}{'p95 ms':>9}"


def ask(web: WebProcess, path: str, cookie: str, *, times: int = ASKED) -> Asked:
    """Ask for one live part, one time after the other, on one connection.

    Where the path has a place for a number, each question is another one.
    """
    messages = [live_pages.request(path.format(n), cookie) for n in range(WARM_UP + times)]
    taken = []
    with socket.create_connection(("127.0.0.1", web.port)) as connection:
        for message in messages[:WARM_UP]:
            _unchanged(connection, message)
        usage = Usage(web)
        for message in messages[WARM_UP:]:
            began = time.perf_counter()
            _unchanged(connection, message)
            taken.append(1000 * (time.perf_counter() - began))
        return usage.asked(taken)


def _unchanged(connection: socket.socket, message: bytes) -> None:
    connection.sendall(message)
    answer = connection.recv(65536)
    if not answer.startswith(live_pages.UNCHANGED):
        raise SystemExit(f"{message[:100]!r} was answered {answer[:200]!r}")


def keep_open(
    web: WebProcess,
    cookie: str,
    paths: Sequence[str],
    *,
    every: float,
    within: float,
    meanwhile: Callable[[], object],
) -> Asked:
    """Open all these pages within so many seconds, and measure them during what is done then."""
    control, other = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    arguments = (other, web.port, cookie, paths, every, within)
    pages = context.Process(target=live_pages.keep_open, args=arguments, daemon=True)
    pages.start()
    control.recv()  # all are open
    time.sleep(every)
    control.send(None)
    usage = Usage(web)
    meanwhile()
    asked = usage.asked([])
    control.send(None)
    taken, renewed, broken = control.recv()
    pages.kill()
    if renewed or broken:
        raise SystemExit(f"{renewed} answers were news, {broken} pages broke")
    asked.milliseconds = array("d", taken)
    return asked


class Usage:
    """What the web process and PostgreSQL use from now on."""

    def __init__(self, web: WebProcess) -> None:
        self._web = web
        self._began, self._before = time.perf_counter(), self._now()

    def asked(self, taken: Sequence[float]) -> Asked:
        """Return it, for requests that took so many milliseconds."""
        ours, theirs = (now - then for now, then in zip(self._now(), self._before, strict=True))
        return Asked(taken, ours, theirs, time.perf_counter() - self._began)

    def _now(self) -> tuple[float, float]:
        return self._web.cpu_seconds(), web_process.database_seconds()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--streams", type=int, default=0, help="replies that stream meanwhile")
    parser.add_argument("--seconds", type=float, default=15)
    options = parser.parse_args()
    from tests.services import services  # starts PostgreSQL and Valkey for this run

    try:
        web_process.prepare()
        compare(seed(options.pages), options.seconds, options.streams)
    finally:
        services.stop()


def compare(seeds: Seeds, seconds: float, streams: int) -> None:
    """Print what one unchanged answer costs, then what all the open pages do."""
    from apps.core.unchanged import LONGEST_SECONDS

    print(HEAD)
    every, pages = seeds.parts[0].seconds, len(seeds.jobs)
    with (
        web_process.running("benchmarks.live:nothing_new", "/") as bare,
        web_process.running("config.asgi:application") as web,
    ):
        single = [ask(bare, "/", "", times=20 * ASKED)]
        print(single[0].line("nothing new, and nothing else (baseline)"))
        for part in seeds.parts:
            single.append(ask(web, part.path, seeds.cookie))
            print(single[-1].line(part.name), flush=True)
        paths = ["/"] * pages
        rest = partial(time.sleep, seconds / 3)
        least = keep_open(bare, "", paths, every=every, within=every, meanwhile=rest)
        print(least.line(f"{pages} pages, every {every:.0f} s (baseline)"), flush=True)
        open_pages = partial(
            keep_open, web, seeds.cookie, seeds.jobs, every=every, within=LONGEST_SECONDS
        )
        if streams:
            found = beside_streams(web, streams, seconds, open_pages)
        else:
            found = open_pages(meanwhile=partial(time.sleep, seconds))
        print(found.line(f"{pages} pages of running jobs, every {every:.0f} s"))
    most = max(each.cost_ms for each in single[1:])
    print(f"\nNothing new costs at most {most:.2f} ms of CPU (goal {GOAL_MS}).")
    share, beside = found.cpu_seconds / found.seconds, f" and {streams} streams" if streams else ""
    goal = "" if streams else f" (goal for 1000: {GOAL_SHARE:.0%})"
    print(f"{pages} open pages{beside} cost {share:.0%} of a core{goal}.")


def beside_streams(
    web: WebProcess, streams: int, seconds: float, open_pages: "Callable[..., Asked]"
) -> Asked:
    """Let so many replies stream as well, and print how their tokens fared."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
    provider = stream.beside(stream_provider.serve, listener)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    paths, cookie = stream.waiting_replies(url, {"mock": streams})
    reading = stream.Reading(stream_readers.read_pages, web.port, cookie, paths["mock"])
    results: list[stream.Result] = []
    pids = {"web": web.pid, "provider": provider.pid or 0, "reader": reading.pid}
    asked = open_pages(
        meanwhile=lambda: results.append(reading.measure("all", streams, seconds, pids))
    )
    results[0].milliseconds = reading.stop()
    cuts = statistics.quantiles(results[0].milliseconds, n=20)
    print(f"{streams} streams: a token took {cuts[9]:.1f} ms (p50), {cuts[18]:.1f} ms (p95)")
    return asked


if __name__ == "__main__":
    main()
