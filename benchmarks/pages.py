"""Server time of the pages of a dataset with a million rows and a million problems.

    .venv/bin/python benchmarks/pages.py [--rows 1000000] [--requests 30]

The dataset is made without an upload: rows, index and columns are written as the check writes
them, the problems come by COPY. Each page is asked for through the whole application (session,
middleware, views, templates) in this process, against a throw-away PostgreSQL. A search that finds
nothing answers in steps: the table shows one of them, the last line how long all of them take.
CPU is the time of this process, without that of PostgreSQL and of waiting for it.
"""

import argparse
import random
import re
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

if TYPE_CHECKING:
    from django.test import Client

    from apps.datasets.models import Version

BLOCK_ROWS = 20_000
WARM_UP = 3
GOAL_MS = 100
# Of a million problems: nine in ten of one kind, the rest of two others.
KINDS = (("unknown_role", "error"), ("untrimmed_answer", "warning"), ("exact_copy", "info"))
WORDS = ("lion", "tiger", "mouse", "river", "stone", "winter", "answer", "careful", "between")
ROW = (
    '{"messages": [{"role": "system", "content": "You are kind."},'
    ' {"role": "user", "content": "%s?"}, {"role": "assistant", "content": "%s."}]}\n'
)
STEP = re.compile(r'hx-get="([^"]+)" hx-trigger="load"')


def write_rows(file: BinaryIO, rows: int) -> "np.ndarray[Any, Any]":
    """Write conversations of varied length; return where each begins, and the end."""
    chance = random.Random(7)
    sizes: list[int] = []
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(3, 60))) for _ in range(5_000)]
    for first in range(0, rows, BLOCK_ROWS):
        count = min(BLOCK_ROWS, rows - first)
        pairs = zip(chance.choices(texts, k=count), chance.choices(texts, k=count), strict=True)
        lines = [ROW % pair for pair in pairs]
        sizes += map(len, lines)
        file.write("".join(lines).encode())
    return np.cumsum([0, *sizes]).astype(np.uint64)


def write_columns(path: Path, rows: int) -> None:
    """Write columns in which every filter finds something."""
    from apps.datasets import columns
    from apps.datasets.check import digests, features

    chance, everyday = np.random.default_rng(7), features.SYSTEM | features.USER
    flags = np.full(rows, everyday | features.ASSISTANT, np.uint16)
    flags[:: rows // 1_000 or 1] |= features.TOOLS | features.TOOL
    label = np.zeros(rows, np.uint64)
    label[chance.random(rows) < 0.3] = digests.label_of("yes")
    with columns.writing(path, attempt=1) as files:
        files.add(
            {
                "digest": np.arange(rows, dtype=np.uint64),
                "loose": np.arange(rows, dtype=np.uint64),
                "question": np.arange(rows, dtype=np.uint64),
                "label": label,
                "tokens": chance.integers(10, 4_000, rows),
                "messages": np.full(rows, 3),
                "flags": flags,
            }
        )


def write_problems(version: "Version", rows: int) -> None:
    from django.db import connection

    from apps.datasets.lifecycle.problems import COPY

    kinds = [KINDS[0] if row % 10 else KINDS[1 + row // 10 % 2] for row in range(1, rows + 1)]
    with connection.cursor() as cursor:
        with cursor.copy(COPY) as copy:
            for row, (code, severity) in enumerate(kinds, 1):
                copy.write_row((version.pk, row, "messages[1].role", code, severity, "{}"))
        cursor.execute("ANALYZE datasets_problem")
    groups = [{"code": code, "problems": kinds.count((code, _)), "rows": 1} for code, _ in KINDS]
    version.problem_groups, version.problem_count = groups, rows
    version.problem_row_count, version.status = kinds.count(KINDS[0]), "invalid"
    version.save()


def prepare(rows: int) -> tuple["Client", "Version"]:
    """Make a signed-in person and the dataset."""
    from django.core.management import call_command
    from django.test import Client

    from tests.factories import make_membership, make_version

    call_command("migrate", verbosity=0)
    owner = make_membership()
    version = make_version(workspace=owner.workspace, row_count=rows)
    with version.path.open("wb") as file:
        starts = write_rows(file, rows)
    starts.tofile(version.index_path)
    version.size_bytes = int(starts[-1])
    write_columns(version.path, rows)
    write_problems(version, rows)
    client = Client()
    client.force_login(owner.user)
    return client, version


def pages(version: "Version", rows: int) -> Iterator[tuple[str, str]]:
    """Yield what is measured: a name and an address."""
    from django.urls import reverse

    deep = rows * 9 // 10
    place = version.problems.filter(row__gte=deep).in_order()[0].pk
    base = reverse("datasets:detail", args=version.address)
    yield "list of datasets", reverse("datasets:list")
    yield "report", base
    yield "rows: first page", f"{base}rows/"
    yield "rows: deep", f"{base}rows/?row={deep}"
    yield "rows: with tools, deep", f"{base}rows/?has=tools&after={deep}"
    yield "rows: label and tokens, deep", f"{base}rows/?label=yes&tokens_from=3000&after={deep}"
    yield "rows: by problem, deep", f"{base}rows/?code=unknown_role&after={deep}"
    yield "rows: severity and tokens", f"{base}rows/?severity=warning&tokens_to=500"
    yield "rows: a word that is everywhere", f"{base}rows/?q=tiger"
    yield "rows: one step of a search", f"{base}rows/?q=nowhere"
    yield "problems: first page", f"{base}problems/"
    yield "problems: deep", f"{base}problems/?after={deep}-{place}"
    yield "problems: by code, deep", f"{base}problems/?code=untrimmed_answer&after={deep}-{place}"
    yield "problems: by severity, deep", f"{base}problems/?severity=info&after={deep}-{place}"
    yield "problems: from a row on", f"{base}problems/?code=unknown_role&row={deep}"


def measured(client: "Client", url: str, requests: int) -> tuple[list[float], float]:
    """Ask so many times; return milliseconds, the fastest first, and those of our processor."""
    taken, busy = [], []
    for number in range(WARM_UP + requests):
        began, cpu = time.perf_counter(), time.process_time()
        response = client.get(url)
        if number >= WARM_UP:
            taken.append(1000 * (time.perf_counter() - began))
            busy.append(1000 * (time.process_time() - cpu))
        assert response.status_code == 200, url
    return sorted(taken), statistics.median(busy)


def whole_search(client: "Client", url: str) -> tuple[int, float]:
    """Follow a search through the file as the page does; return its steps and seconds."""
    began, steps, found = time.perf_counter(), 0, url
    while found:
        steps += 1
        page = client.get(found, headers={"HX-Request": "true"}).content.decode()
        step = STEP.search(page)
        found = step[1].replace("&amp;", "&") if step else ""
    return steps, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=30)
    options = parser.parse_args()
    from tests.services import services  # starts PostgreSQL and Valkey for this run

    try:
        compare(options.rows, options.requests)
    finally:
        services.stop()


def compare(rows: int, requests: int) -> None:
    """Print the pages one below the other."""
    import django

    django.setup()
    client, version = prepare(rows)
    size = version.path.stat().st_size / 1_000_000
    print(f"{rows:,} rows, {size:.0f} MB, {version.problem_count:,} problems; {requests} requests")
    print(f"{'':<34}{'p50 ms':>9}{'p95 ms':>9}{'CPU ms':>9}")
    worst = 0.0
    for name, url in pages(version, rows):
        taken, busy = measured(client, url, requests)
        p95 = taken[int(0.95 * (len(taken) - 1))]
        worst = max(worst, p95)
        print(f"{name:<34}{statistics.median(taken):>9.1f}{p95:>9.1f}{busy:>9.1f}", flush=True)
    steps, seconds = whole_search(client, f"{version.get_absolute_url()}rows/?q=nowhere")
    print(f"\nA search through all {rows:,} rows: {steps} steps, {seconds:.1f} s.")
    print(f"The slowest p95 is {worst:.0f} ms (goal {GOAL_MS}).")


if __name__ == "__main__":
    main()
