"""Pages of a workspace with 10,000 jobs, 1,000,000 events and a run of 100,000 answers.

    .venv/bin/python benchmarks/lists.py [--jobs 10000] [--events 1000000] [--requests 30]

First each page is asked for through the whole application (session, middleware, views, templates)
in this process, against a throw-away PostgreSQL: server time and CPU, without that of PostgreSQL.
Then the lists are asked over HTTP, one request after the other on one connection, of one uvicorn
process as `./run` starts it. The baseline is the same 50 jobs as a bare table (`plain_site.py`).
Pages of datasets are in `pages.py`.
"""

import argparse
import re
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import web_process  # noqa: E402
from benchmarks.pages import GOAL_MS, measured  # noqa: E402
from benchmarks.web_process import WebProcess  # noqa: E402

if TYPE_CHECKING:
    from django.test import Client

    from benchmarks.lists_data import Crowd

GOAL_RATE = 150
ASKED, WARM_UP = 150, 20
LENGTH, LAST_CHUNK = re.compile(rb"(?i)\r\ncontent-length: *(\d+)"), b"\r\n0\r\n\r\n"
LISTS = ("jobs:list", "datasets:list", "library:list", "playground:list", "notifications:list")


def pages(crowd: "Crowd") -> Iterator[tuple[str, str]]:
    """Yield what is measured: a name and an address."""
    from django.urls import reverse

    job, run = crowd.long_job.get_absolute_url(), crowd.ended_run.get_absolute_url()
    yield "overview", reverse("home:overview")
    yield "list of jobs", reverse("jobs:list")
    yield "list of jobs, last page", reverse("jobs:list") + "?page=200"
    yield "list of jobs, a word", reverse("jobs:list") + "?search=attempt+77"
    yield "list of jobs, by status", reverse("jobs:list") + "?status=running"
    yield "a job with half of the events", job
    yield "its events, first page", f"{job}events/"
    yield "its events, every step", f"{job}events/?events=all"
    yield "its events, every step, page 2000", f"{job}events/?events=all&page=2000"
    yield "list of models", reverse("library:list")
    yield "list of models, last page", reverse("library:list") + "?page=190"
    yield "list of models, by tag", reverse("library:list") + "?tag=production"
    yield "list of datasets", reverse("datasets:list")
    yield "notifications", reverse("notifications:list")
    yield "number beside the bell", reverse("notifications:unread")
    yield "list of conversations", reverse("playground:list")
    yield "list of conversations, last page", reverse("playground:list") + "?page=40"
    yield "list of runs", reverse("evals:list")
    yield "a run that has ended", run
    yield "its rows", f"{run}rows/"
    yield "its rows, last page", f"{run}rows/?page=1250"
    yield "its rows, one slice, got worse", f"{run}rows/?slice=language:de&kind=broken"
    yield "a run that goes on", crowd.going_run.get_absolute_url()
    yield "its rows meanwhile", f"{crowd.going_run.get_absolute_url()}rows/"


def rate(web: WebProcess, path: str, cookie: str) -> tuple[float, float, float]:
    """Ask one after the other; return answers per second, p50 in ms, and CPU in ms."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={cookie}\r\n\r\n"
    taken = []
    with socket.create_connection(("127.0.0.1", web.port)) as connection:
        for number in range(WARM_UP + ASKED):
            if number == WARM_UP:
                cpu, began = web.cpu_seconds(), time.perf_counter()
            asked = time.perf_counter()
            connection.sendall(head.encode())
            _read_answer(connection)
            taken.append(1000 * (time.perf_counter() - asked))
        seconds = time.perf_counter() - began
    busy = 1000 * (web.cpu_seconds() - cpu) / ASKED
    return ASKED / seconds, statistics.median(taken[WARM_UP:]), busy


def _read_answer(connection: socket.socket) -> None:
    got = connection.recv(65536)
    if not got.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"A list was answered {got[:200]!r}")
    head, _, body = got.partition(b"\r\n\r\n")
    if length := LENGTH.search(head):
        while len(body) < int(length[1]):
            body += connection.recv(65536)
    else:
        while not body.endswith(LAST_CHUNK):
            body += connection.recv(65536)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=30)
    options = parser.parse_args()
    from tests.services import services  # starts PostgreSQL and Valkey for this run

    try:
        web_process.prepare()
        compare(options.jobs, options.events, options.requests)
    finally:
        services.stop()


def compare(jobs: int, events: int, requests: int) -> None:
    from django.test import Client

    from benchmarks.lists_data import fill

    crowd = fill(jobs, events)
    browser = Client(headers={"Host": "127.0.0.1"})
    browser.force_login(crowd.owner.user)
    print(f"{jobs:,} jobs, {events:,} events; {requests} requests")
    compare_pages(browser, crowd, requests)
    compare_rates(browser.cookies["sessionid"].value)


def compare_pages(browser: "Client", crowd: "Crowd", requests: int) -> None:
    """Print the pages one below the other."""
    print(f"{'':<38}{'p50 ms':>9}{'p95 ms':>9}{'CPU ms':>9}")
    worst = 0.0
    for name, url in pages(crowd):
        taken, busy = measured(browser, url, requests)
        p95 = taken[int(0.95 * (len(taken) - 1))]
        worst = max(worst, p95)
        print(f"{name:<38}{statistics.median(taken):>9.1f}{p95:>9.1f}{busy:>9.1f}", flush=True)
    print(f"The slowest p95 is {worst:.0f} ms (goal {GOAL_MS}).\n")


def compare_rates(cookie: str) -> None:
    """Print how often a second one process answers."""
    from django.urls import reverse

    print(f"{'':<38}{'answers/s':>10}{'p50 ms':>9}{'CPU ms':>9}")
    with (
        web_process.running("benchmarks.plain_site:application", "/") as plain,
        web_process.running("config.asgi:application") as web,
    ):
        ways = [("50 jobs as a bare table", plain, "/")]
        ways += [(reverse(name), web, reverse(name)) for name in LISTS]
        for name, process, path in ways:
            count, p50, busy = rate(process, path, cookie)
            print(f"{name:<38}{count:>10.0f}{p50:>9.1f}{busy:>9.1f}", flush=True)
    print(f"Goal for a list: {GOAL_RATE} answers per second.")


if __name__ == "__main__":
    main()
