"""Curves of a job with a million steps, and one new step for each of 10,000 jobs.

    .venv/bin/python benchmarks/chart.py [--steps 1000000] [--jobs 10000] [--requests 20]

Beside what Retune does stands what it did before, and what most dashboards do: a row per step in
PostgreSQL with a column per series, read whole and thinned in Python. The chart is asked for
through the whole application in this process against a throw-away PostgreSQL; zip is the size of
one series as it travels. CPU is the time of this process, without that of PostgreSQL.
"""

import argparse
import gzip
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

if TYPE_CHECKING:
    from django.test import Client

    from apps.jobs.models import Job

BLOCK = 50_000
GOAL_MS, GOAL_KB = 30, 20
BASELINE = """
CREATE TABLE wide (
  job_id bigint NOT NULL, step int NOT NULL, train_loss float8, valid_loss float8,
  full_valid_loss float8, train_mean_token_accuracy float8, PRIMARY KEY (job_id, step)
)
"""
UPSERT_WIDE = """
INSERT INTO wide (job_id, step, train_loss)
SELECT * FROM unnest(%s::bigint[], %s::int[], %s::float8[])
ON CONFLICT (job_id, step) DO UPDATE SET train_loss = COALESCE(EXCLUDED.train_loss, wide.train_loss)
"""
NAMES = ("train_loss", "valid_loss", "full_valid_loss", "train_mean_token_accuracy")


def numbers(steps: int) -> "np.ndarray[Any, Any]":
    """Return a training: losses that fall with noise, validation now and then."""
    chance, x = np.random.default_rng(7), np.arange(1, steps + 1)
    loss = 0.4 + 2.5 * (x / steps + 0.01) ** -0.3 * 0.3 + chance.normal(0, 0.05, steps)
    valid = np.where(x % 10 == 0, loss + 0.1, np.nan)
    full = np.where(x % (steps // 20 or 1) == 0, loss + 0.08, np.nan)
    return np.column_stack([loss, valid, full, 1 - loss / 5])


def fill(job: "Job", steps: int) -> float:
    """Tell all the steps, as polling does; return the seconds it took."""
    from apps.jobs.curves import metrics, points

    table, taken = numbers(steps), 0.0
    for first in range(0, steps, BLOCK):
        block = table[first : first + BLOCK].tolist()
        told = [
            (job.pk, step, {name: n for name, n in zip(NAMES, row, strict=True) if n == n})
            for step, row in enumerate(block, first + 1)
        ]
        began = time.perf_counter()
        points.keep(told)
        taken += time.perf_counter() - began
    points.keep([], ended=[job.pk])
    job.latest_metrics = metrics.latest({}, {steps: dict.fromkeys(NAMES, 1.0)})
    job.step = job.total_steps = steps
    job.save()
    return taken


def fill_wide(job: "Job", steps: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(BASELINE)
        with cursor.copy("COPY wide FROM STDIN") as copy:
            for step, row in enumerate(numbers(steps).tolist(), 1):
                copy.write_row((job.pk, step, *(n if n == n else None for n in row)))
        cursor.execute("ANALYZE")


def wide_chart(job: "Job") -> bytes:
    """Read every row and thin each series to the same peaks."""
    import orjson
    from django.db import connection

    from apps.jobs.curves import chunks

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT step, {', '.join(NAMES)} FROM wide WHERE job_id = %s ORDER BY step", [job.pk]
        )
        table = np.array(cursor.fetchall(), dtype=float)
    answer = {}
    for place, name in enumerate(NAMES, 1):
        known = ~np.isnan(table[:, place])
        thin = chunks.peaks(chunks.Series(table[known, 0], table[known, place]), 2000)
        answer[name] = [thin.steps.tolist(), thin.numbers.tolist()]
    return orjson.dumps(answer)


@dataclass(frozen=True)
class Times:
    """Milliseconds: typical, slowest but one in twenty, and of this processor."""

    p50: float
    p95: float
    cpu: float


def timed(work: Callable[[], Any], times: int) -> Times:
    work()
    taken, busy = [], []
    for _time in range(times):
        began, cpu = time.perf_counter(), time.process_time()
        work()
        taken.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (time.process_time() - cpu))
    taken.sort()
    return Times(statistics.median(taken), taken[int(0.95 * (times - 1))], statistics.median(busy))


def one_step_each(jobs: list[int], upsert: Callable[[list[int], int], None]) -> Times:
    """Give every job steps, one at a time in batches as polling does."""
    counter = iter(range(1, 1000))

    def sweep() -> None:
        step = next(counter)
        for first in range(0, len(jobs), 500):
            upsert(jobs[first : first + 500], step)

    return timed(sweep, 10)


def upsert_ours(jobs: list[int], step: int) -> None:
    from apps.jobs.curves import points

    points.keep((pk, step, {"train_loss": 1.5}) for pk in jobs)


def upsert_wide(jobs: list[int], step: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(UPSERT_WIDE, [jobs, [step] * len(jobs), [1.5] * len(jobs)])


def prepare(jobs: int) -> tuple["Client", "Job", list[int]]:
    from django.core.management import call_command
    from django.test import Client

    from apps.jobs.models import Job
    from tests.factories import make_job, make_membership

    call_command("migrate", verbosity=0)
    owner = make_membership()
    job = make_job(workspace=owner.workspace)
    shared = {
        "workspace": job.workspace,
        "connection": job.connection,
        "training_data": job.training_data,
        "base_model": "tiny-chat-1m",
    }
    made = Job.objects.bulk_create(Job(name=f"Job {n}", **shared) for n in range(jobs))
    client = Client()
    client.force_login(owner.user)
    return client, job, [each.pk for each in made]


def line(name: str, times: Times, note: str = "") -> None:
    print(f"{name:<42}{times.p50:>9.1f}{times.p95:>9.1f}{times.cpu:>9.1f}  {note}", flush=True)


def compare(steps: int, jobs: int, requests: int) -> None:
    import django

    django.setup()
    client, job, others = prepare(jobs)
    seconds = fill(job, steps)
    fill_wide(job, steps)
    print(f"{steps:,} steps, {len(NAMES)} series; kept and sealed in {seconds:.1f} s")
    print(f"{'':<42}{'p50 ms':>9}{'p95 ms':>9}{'CPU ms':>9}")
    base = job.get_absolute_url()
    biggest = max(map(len, zipped(client, f"{base}series/")))
    line("rows: read, thinned, encoded", timed(lambda: wide_chart(job), 3))
    line(
        "chart, whole (the request)",
        timed(lambda: client.get(f"{base}series/"), requests),
        f"{biggest / 1000:.1f} kB zip per series, goal {GOAL_KB}",
    )
    middle = f"{base}series/?first={steps // 2}&last={steps // 2 + 1500}"
    line("chart, zoomed to 1,500 steps", timed(lambda: client.get(middle), requests))
    wide = f"{base}series/?first={steps // 4}&last={steps * 3 // 4}"
    line("chart, half of it", timed(lambda: client.get(wide), requests))
    line("numbers, first page", timed(lambda: client.get(f"{base}numbers/"), requests))
    line(
        "numbers, deep",
        timed(lambda: client.get(f"{base}numbers/?from={steps * 9 // 10}"), requests),
    )
    line("page of the job", timed(lambda: client.get(base), requests))
    began = time.perf_counter()
    size = len(client.get(f"{base}metrics.csv").getvalue())
    print(f"CSV of everything: {size / 1e6:.0f} MB in {time.perf_counter() - began:.1f} s")
    print(f"disk: rows {disk('wide')} MB, chunks {disk('jobs_metricchunk')} MB")
    print(f"\nOne new step for each of {jobs:,} jobs, in batches of 500")
    line("rows with a column per series", one_step_each(others, upsert_wide))
    line("Retune", one_step_each(others, upsert_ours))


def zipped(client: "Client", url: str) -> list[bytes]:
    import orjson

    told = client.get(url).json()["series"]
    return [gzip.compress(orjson.dumps(each)) for each in told.values()]


def disk(table: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s) / 1000000", [table])
        return int(cursor.fetchone()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=20)
    options = parser.parse_args()
    from tests.services import services  # starts PostgreSQL and Valkey for this run

    try:
        compare(options.steps, options.jobs, options.requests)
    finally:
        services.stop()


if __name__ == "__main__":
    main()
