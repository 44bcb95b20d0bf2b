"""What it costs to ask for the news of many jobs, beside one Celery task per job.

    .venv/bin/python benchmarks/poll.py [--jobs 1000] [--rounds 3] [--latency-ms 0]

A mock provider in a process of its own serves N running jobs; each has one new event in every
round. Three designs ask for them, in turn, against a throw-away PostgreSQL: ours (one sweep), a
task per job that makes its client (fewer jobs: it is slow), and a task per job that shares one.
The tasks run eagerly in this process: no broker, so the baselines are better than in real life.
CPU is user and system time of this process; PostgreSQL and the provider are not in it.
"""

import argparse
import asyncio
import json
import multiprocessing
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

NAIVE_JOBS = 100
CREATED = 1_795_000_000


@dataclass
class Result:
    """One design: jobs brought up to date, and what that took."""

    name: str
    jobs: int
    calls: int
    seconds: float
    cpu_seconds: float

    def line(self) -> str:
        rate, cost = self.jobs / self.seconds, self.cpu_seconds / self.jobs * 1000
        return f"{self.name:<42}{rate:>9.0f}{cost:>12.2f}{self.calls / self.jobs:>12.3f}"


# --- the mock provider ------------------------------------------------------------------------


class Provider:
    """Serves running jobs and, of each, one event per round; counts calls."""

    def __init__(self, jobs: int, latency: float) -> None:
        self.ids = [f"ftjob-{number}" for number in range(jobs)]
        self.latency = latency
        self.round = 0
        self.calls = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path, query = scope["path"], parse_qs(scope["query_string"].decode())
        if path == "/round":
            answer: Any = {"calls": self.calls}
            self.round, self.calls = self.round + 1, 0
        else:
            self.calls += 1
            await asyncio.sleep(self.latency)
            answer = self.answer(path, query)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def answer(self, path: str, query: dict[str, list[str]]) -> Any:
        parts = path.strip("/").split("/")[3:]  # v1 / fine_tuning / jobs / …
        if not parts:
            return self.page(query)
        return self.events(parts[0]) if parts[1:] == ["events"] else self.job(parts[0])

    def page(self, query: dict[str, list[str]]) -> Any:
        after = query.get("after", [""])[0]
        start = int(after.split("-")[1]) + 1 if after else 0
        end = start + int(query["limit"][0])
        data = [self.job(job_id) for job_id in self.ids[start:end]]
        return {"object": "list", "data": data, "has_more": end < len(self.ids)}

    def job(self, job_id: str) -> Any:
        return {
            "id": job_id,
            "object": "fine_tuning.job",
            "created_at": CREATED,
            "status": "running",
            "model": "tiny-chat-1m",
            "metadata": {},
            "result_files": [],
            "hyperparameters": {"n_epochs": 3},
        }

    def events(self, job_id: str) -> Any:
        step, data = self.round, {"train_loss": 1.0 / (self.round + 1), "total_steps": 1000}
        event = {
            "id": f"ftevent-{job_id}-{step}",
            "object": "fine_tuning.job.event",
            "created_at": CREATED + step,
            "level": "info",
            "type": "metrics",
            "message": f"Step {step}/1000",
            "data": data | {"step": step},
        }
        return {"object": "list", "data": [event], "has_more": False}


def serve(listener: socket.socket, jobs: int, latency: float) -> None:
    """Run the mock provider until the benchmark ends."""
    import uvicorn

    config = uvicorn.Config(Provider(jobs, latency), lifespan="off", log_level="critical")
    with suppress(KeyboardInterrupt):
        asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


def next_round(url: str) -> int:
    """Let every job have one more event; return the calls since the last time."""
    import urllib.request

    answer = urllib.request.urlopen(url.replace("/v1", "/round"), timeout=10)
    return int(json.load(answer)["calls"])


# --- the designs ------------------------------------------------------------------------------


def sweep() -> None:
    """Ours: claim what is due, ask, write; again until nothing is due."""
    from apps.jobs import polling

    while polling.poll_due_jobs():
        pass


def task_per_job(limit: int, *, shares_client: bool) -> Callable[[], None]:
    """The usual design: a task fetches one job and its events, and saves what it finds."""
    from asgiref.sync import async_to_sync

    def run() -> None:
        from apps.jobs.models import Job

        ids = list(Job.objects.order_by("pk").values_list("pk", flat=True)[:limit])
        if shares_client:
            async_to_sync(_all_with_one_client)(ids)
        else:
            for pk in ids:
                async_to_sync(_one_with_its_own_client)(pk)

    return run


async def _one_with_its_own_client(pk: int) -> None:
    from apps.jobs.models import Job
    from apps.providers.registry import open_provider

    job = await Job.objects.select_related("connection").aget(pk=pk)
    async with open_provider(job.connection) as provider:
        await _ask_and_save(provider, job)


async def _all_with_one_client(ids: list[int]) -> None:
    from apps.jobs.models import Job
    from apps.providers.registry import open_provider

    first = await Job.objects.select_related("connection").aget(pk=ids[0])
    async with open_provider(first.connection) as provider:
        for pk in ids:
            job = await Job.objects.select_related("connection").aget(pk=pk)
            await _ask_and_save(provider, job)


async def _ask_and_save(provider: Any, job: Any) -> None:
    from apps.jobs.models import JobEvent, MetricPoint

    snapshot = await provider.get_job(job.provider_job_id)
    for event in await provider.list_events(job.provider_job_id):
        kind = {"level": event.level, "type": event.type, "message": event.message}
        await JobEvent.objects.aget_or_create(
            job=job,
            provider_event_id=event.provider_event_id,
            defaults={**kind, "created_at": event.created_at, "data": dict(event.data)},
        )
        numbers = {"numbers": {"train_loss": event.data["train_loss"]}}
        await MetricPoint.objects.aupdate_or_create(
            job=job, step=event.data["step"], defaults=numbers
        )
    job.status, job.raw = snapshot.status, dict(snapshot.raw)
    await job.asave(update_fields=["status", "raw"])


def measured(name: str, url: str, jobs: int, work: Callable[[], None]) -> Result:
    """Give every job one new event, then time the design that brings it here."""
    from django.utils import timezone

    from apps.jobs.models import Job

    due = {"next_poll_at": timezone.now(), "poll_lease_until": None}
    Job.objects.update(**due)
    next_round(url)
    began, cpu = time.perf_counter(), time.process_time()
    work()
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    return Result(name, jobs, next_round(url), seconds, cpu_seconds)


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
        Job(name=f"Job {n}", provider_job_id=f"ftjob-{n}", **shared) for n in range(jobs)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency-ms", type=float, default=0.0)
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
        compare(url, options.jobs, options.rounds)
    finally:
        services.stop()
        provider.terminate()


def compare(url: str, jobs: int, rounds: int) -> None:
    """Print the designs beside each other."""
    import django
    from django.conf import settings

    django.setup()
    settings.ALLOW_PRIVATE_HOSTS = True  # the mock provider lives on 127.0.0.1
    prepare(url, jobs)
    few = min(NAIVE_JOBS, jobs)
    designs: list[tuple[str, int, Callable[[], None]]] = [
        ("one task per job, its own client", few, task_per_job(few, shares_client=False)),
        ("one task per job, shared client", few, task_per_job(few, shares_client=True)),
        ("Retune: one sweep", jobs, sweep),
    ]
    print(f"{jobs} running jobs, one new event each; best of {rounds}")
    print(f"{'':<42}{'jobs/s':>9}{'CPU ms/job':>12}{'calls/job':>12}")
    for name, count, work in designs:
        results = [measured(name, url, count, work) for _round in range(rounds)]
        print(min(results, key=lambda result: result.seconds).line(), flush=True)


if __name__ == "__main__":
    main()
