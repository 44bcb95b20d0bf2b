"""What it costs to ask for the news of many jobs, beside one Celery task per job.

    .venv/bin/python benchmarks/poll.py [--jobs 10000] [--rounds 3] [--latency-ms 0] [--profile]

A mock provider in a process of its own serves N running jobs; each has one new event in every
round. Against a throw-away PostgreSQL three designs ask for them, in turn: a task per job that
makes its client, a task per job that shares one (both for fewer jobs: they are slow), and one sweep
of ours. The tasks run eagerly in this process: no broker, so the baselines are better than in real
life. CPU is user and system time of this process. All of them share the machine, so what the mock
provider and PostgreSQL took meanwhile stands beside it (from /proc; the goals do not count it).
Staleness is how long the last of N jobs waits for its news.
"""

import argparse
import json
import multiprocessing
import os
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.mock_provider import serve  # noqa: E402

NAIVE_JOBS = 200
EVENTS = 100_000
HEAD = (
    f"{'':<40}{'jobs/s':>9}{'CPU ms/job':>12}{'provider':>10}{'PostgreSQL':>12}"
    f"{'calls/job':>11}{'staleness':>11}"
)


@dataclass
class Result:
    """One design: jobs brought up to date, and what that took."""

    name: str
    jobs: int
    calls: int
    seconds: float
    cpu_seconds: float
    provider_seconds: float
    database_seconds: float

    @property
    def rate(self) -> float:
        return self.jobs / self.seconds

    def line(self, all_jobs: int) -> str:
        cost, provider, database = (
            seconds / self.jobs * 1000
            for seconds in (self.cpu_seconds, self.provider_seconds, self.database_seconds)
        )
        calls, stale = self.calls / self.jobs, all_jobs / self.rate
        return (
            f"{self.name:<40}{self.rate:>9.0f}{cost:>12.3f}{provider:>10.3f}{database:>12.3f}"
            f"{calls:>11.3f}{stale:>9.2f} s"
        )


@dataclass
class Processes:
    """The processes that share the machine with this one."""

    provider: int
    database: int  # the one that all of PostgreSQL's are children of

    def cpu_seconds(self) -> tuple[float, float, float]:
        """Return what this process, the provider's and PostgreSQL's have taken so far."""
        ended = sum(_clock(self.database, 11, 15))  # its own, and of its children that have ended
        living = sum(sum(_clock(pid, 11, 13)) for pid in _children(self.database))
        return time.process_time(), sum(_clock(self.provider, 11, 13)), ended + living


def _stat(pid: int | str) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return ["0"] * 20


def _clock(pid: int, first: int, end: int) -> list[float]:
    return [int(ticks) / os.sysconf("SC_CLK_TCK") for ticks in _stat(pid)[first:end]]


def _children(parent: int) -> list[int]:
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if int(_stat(pid)[1]) == parent]


def processes(provider: int) -> Processes:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    return Processes(provider, int(_stat(backend)[1]))


def next_round(url: str, status: str = "running") -> int:
    """Let every job have one more event; return the calls since the last time."""
    address = url.replace("/v1", f"/round?status={status}")
    return int(json.load(urllib.request.urlopen(address, timeout=10))["calls"])


# --- the designs ------------------------------------------------------------------------------


def sweep() -> None:
    """Ours: claim what is due, ask, write; again until every job was asked about once."""
    from django.utils import timezone

    from apps.jobs.models import Job
    from apps.jobs.news import polling

    began = timezone.now()
    while Job.objects.exclude(last_polled_at__gt=began).exists():
        polling.poll_due_jobs()


def task_per_job(limit: int, url: str, *, shares_client: bool) -> Callable[[], None]:
    """The usual design: a task fetches one job and its events, and saves what it finds."""
    import openai

    def client() -> openai.OpenAI:
        return openai.OpenAI(api_key="sk-test-0000", base_url=url)

    def run() -> None:
        from apps.jobs.models import Job

        shared = client()
        for pk in list(Job.objects.order_by("pk").values_list("pk", flat=True)[:limit]):
            ask_and_save(shared if shares_client else client(), pk)

    return run


def ask_and_save(client: Any, pk: int) -> None:
    from apps.jobs.models import Job, JobEvent, MetricPoint

    job = Job.objects.select_related("connection").get(pk=pk)
    told = client.fine_tuning.jobs.retrieve(job.provider_job_id)
    for event in client.fine_tuning.jobs.list_events(job.provider_job_id, limit=100).data:
        kind = {"level": event.level, "type": event.type, "message": event.message}
        moment = datetime.fromtimestamp(event.created_at, UTC)
        JobEvent.objects.get_or_create(
            job=job,
            provider_event_id=event.id,
            defaults={**kind, "created_at": moment, "data": event.data},
        )
        numbers = {"train_loss": event.data["train_loss"]}
        MetricPoint.objects.update_or_create(
            job=job, step=event.data["step"], defaults={"numbers": numbers}
        )
    job.status, job.raw = told.status, told.to_dict()
    job.save(update_fields=["status", "raw"])


def measured(
    name: str,
    url: str,
    jobs: int,
    work: Callable[[], None],
    taking: Processes,
    status: str = "running",
) -> Result:
    """Give every job one new event, then time the design that brings it here."""
    from django.utils import timezone

    from apps.jobs.models import Job

    Job.objects.update(next_poll_at=timezone.now(), poll_lease_until=None)
    next_round(url, status)
    before, began = taking.cpu_seconds(), time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    cpu = [now - then for now, then in zip(taking.cpu_seconds(), before, strict=True)]
    return Result(name, jobs, next_round(url, status), seconds, *cpu)


def best(results: list[Result]) -> Result:
    return min(results, key=lambda result: result.seconds)


# --- the rows ---------------------------------------------------------------------------------


def prepare(url: str, jobs: int) -> None:
    """Make a database with that many running jobs of one connection."""
    from django.core.management import call_command

    from apps.jobs.models import Job
    from tests.factories import make_connection, make_version, make_workspace

    call_command("migrate", verbosity=0)
    workspace = make_workspace()
    connection = make_connection(workspace=workspace, base_url=url)
    shared = {
        "workspace": workspace,
        "connection": connection,
        "training_data": make_version(workspace=workspace),
        "base_model": "tiny-chat-1m",
        "status": "running",
    }
    Job.objects.bulk_create(
        (Job(name=f"Job {n}", provider_job_id=f"ftjob-{n}", **shared) for n in range(jobs)),
        batch_size=1000,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--profile", action="store_true", help="print where a sweep spends its CPU")
    options = parser.parse_args()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    provider = multiprocessing.Process(
        target=serve, args=(listener, options.jobs, options.latency_ms / 1000), daemon=True
    )
    provider.start()
    from tests.services import services  # starts PostgreSQL and Valkey for this run

    try:
        compare(url, options, provider.pid or 0)
    finally:
        services.stop()
        provider.terminate()


def compare(url: str, options: argparse.Namespace, provider: int) -> None:
    """Print the designs beside each other."""
    import django
    from django.conf import settings

    django.setup()
    settings.ALLOW_PRIVATE_HOSTS = True  # the mock provider lives on 127.0.0.1
    from config import garbage
    from config.celery import use_fast_loops

    use_fast_loops()
    garbage.look_for_it_seldom()  # as in every worker
    prepare(url, options.jobs)
    taking = processes(provider)
    if options.profile:
        profile(url, options.jobs, taking)
        return
    few = min(NAIVE_JOBS, options.jobs)
    print(f"{options.jobs} running jobs, one new event each; best of {options.rounds}\n{HEAD}")
    designs: list[tuple[str, int, Callable[[], None], str]] = [
        ("one task per job, its own client", few, task_per_job(few, url, shares_client=False), ""),
        ("one task per job, shared client", few, task_per_job(few, url, shares_client=True), ""),
        ("Retune: one sweep, all changed", options.jobs, sweep, "running"),
        ("Retune: one sweep, nothing changed", options.jobs, sweep, "queued"),
    ]
    found: list[Result] = []
    for name, count, work, status in designs:
        if status == "queued":
            measured(name, url, count, work, taking, status)  # the change itself
        rounds = [
            measured(name, url, count, work, taking, status or "running")
            for _n in range(options.rounds)
        ]
        found.append(best(rounds))
        print(found[-1].line(options.jobs), flush=True)
    print(f"Retune is {found[2].rate / found[0].rate:.0f} times the first line.")
    print_events()


def profile(url: str, jobs: int, taking: Processes) -> None:
    import cProfile
    import pstats
    import threading

    profiler = cProfile.Profile()
    threading.setprofile(lambda *_args: profiler.enable())
    sweep()
    profiler.enable()
    measured("", url, jobs, sweep, taking)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(45)


# --- events -----------------------------------------------------------------------------------


def print_events() -> None:
    """Write events of which half are known, ours beside COPY into a table and INSERT from it."""
    from apps.jobs.news import event_rows
    from apps.providers.types import ProviderEvent

    def told(start: int) -> list[ProviderEvent]:
        moment = datetime.now(UTC)
        return [
            ProviderEvent(
                f"ftevent-{n}", moment, "info", "metrics", f"Step {n}", {"step": n, "loss": 1 / n}
            )
            for n in range(start, start + EVENTS)
        ]

    job_id, half = _any_job(), EVENTS // 2
    print(f"\n{EVENTS} events, half of them known")
    rates = []
    for name, write, start in (
        ("COPY, then INSERT", copy_then_insert, 10_000_000),
        ("Retune", event_rows.insert, 20_000_000),
    ):
        _in_transaction(event_rows.insert, [(job_id, event) for event in told(start)[:half]])
        pairs = [(job_id, event) for event in told(start)]
        began = time.perf_counter()
        _in_transaction(write, pairs)
        rates.append(EVENTS / (time.perf_counter() - began))
        print(f"{name:<40}{rates[-1]:>9.0f} events/s", flush=True)
    print(f"Retune is at {rates[1] / rates[0]:.0%} of it.")


def copy_then_insert(pairs: list[tuple[int, Any]]) -> None:
    """The quickest way there is: rows that are ready, written by COPY."""
    from django.db import connection

    from apps.jobs.news import event_rows

    rows = [event_rows._row(job_id, event) for job_id, event in pairs]
    with connection.cursor() as cursor:
        cursor.execute(event_rows.MAKE_TABLE)
        with cursor.copy(event_rows.COPY) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(event_rows.TAKE_OVER)


def _in_transaction(write: Callable[[Any], None], pairs: list[tuple[int, Any]]) -> None:
    from django.db import transaction

    with transaction.atomic():
        write(pairs)


def _any_job() -> int:
    from apps.jobs.models import Job

    return int(Job.objects.values_list("pk", flat=True)[0])


if __name__ == "__main__":
    main()
