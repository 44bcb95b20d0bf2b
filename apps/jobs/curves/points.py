"""The numbers of training steps: written step by step, read as series.

A new step is one row with all its numbers (the tail). Once a job has a long tail, or has ended,
`sealing` makes chunks of thousands of points of it. Where both know a step, the tail is newer.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import orjson
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection

from apps.jobs.curves import chunks, metrics, sealing
from apps.jobs.curves.chunks import Series
from apps.jobs.models import MetricChunk, MetricPoint

LOOK_EVERY = 256  # rows: how often the tail of a job is counted
MANY_ROWS = 500  # of a job at once are sealed without being rows before
WHOLE_CHUNKS = 8  # more chunks than this are read as their peaks, unless every point is asked for

UPSERT = """
INSERT INTO jobs_metricpoint AS kept (job_id, step, numbers)
SELECT job_id, step, numbers
FROM jsonb_to_recordset(%s::jsonb) AS told(job_id bigint, step int, numbers jsonb)
ON CONFLICT (job_id, step) DO UPDATE SET numbers = kept.numbers || EXCLUDED.numbers
WHERE NOT kept.numbers @> EXCLUDED.numbers
"""
READ = """
SELECT name,
  CASE WHEN is_long THEN peak_steps ELSE steps END,
  CASE WHEN is_long THEN peak_numbers ELSE numbers END
FROM (
  SELECT *, count(*) OVER (PARTITION BY name) > %s AS is_long FROM jobs_metricchunk
  WHERE job_id = %s AND name = ANY(%s) AND first_step <= %s AND last_step >= %s
) AS found
ORDER BY name, first_step
"""

Told: TypeAlias = tuple[int, int, Mapping[str, float]]  # job, step, numbers by name
Row: TypeAlias = tuple[float | None, ...]  # a step, then a number for each series
Table: TypeAlias = dict[tuple[int, int], dict[str, float]]


def keep(points: Iterable[Told], *, ended: Collection[int] = ()) -> None:
    """Merge these numbers into what is known; what is not sent stays, what is sent again wins.

    Belongs into the transaction that writes the jobs. The numbers of `ended` jobs are sealed.
    """
    table = _table(points)
    rows = Counter(job_id for job_id, _step in table)
    few = {key: numbers for key, numbers in table.items() if rows[key[0]] <= MANY_ROWS}
    _upsert(few)
    many = _many_rows(table, rows)
    for job_id in sorted({*many, *ended, *sealing.crowded(_to_look_at(few))}):
        sealing.seal(job_id, many.get(job_id, {}))


def _table(points: Iterable[Told]) -> Table:
    """Merge what is told about the same step: one statement may touch a row only once."""
    table: Table = {}
    for job_id, step, told in points:
        finite = {name: n for name in told if (n := metrics.finite_number(told[name])) is not None}
        if finite and 0 <= step <= metrics.LARGEST_STEP:
            table.setdefault((job_id, step), {}).update(finite)
    return table


def _upsert(table: Table) -> None:
    """Write rows in one order for all, so that no two processes wait for each other in a ring."""
    rows = [
        {"job_id": job_id, "step": step, "numbers": table[job_id, step]}
        for job_id, step in sorted(table)
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(UPSERT, [orjson.dumps(rows).decode()])


def _to_look_at(table: Table) -> set[int]:
    """Choose jobs whose tail is counted: each now and then, never all at once."""
    return {key[0] for key in table if hash(key) % LOOK_EVERY == 0}


def _many_rows(table: Table, rows: Mapping[int, int]) -> dict[int, dict[str, Series]]:
    """Return the series of jobs that came with many rows at once."""
    by_job: dict[int, list[tuple[int, Mapping[str, float]]]] = {}
    for job_id, step in sorted(key for key in table if rows[key[0]] > MANY_ROWS):
        by_job.setdefault(job_id, []).append((step, table[job_id, step]))
    return {
        job_id: by_name(told, {name for _step, numbers in told for name in numbers})
        for job_id, told in by_job.items()
    }


def series(
    job_id: int,
    names: Sequence[str],
    *,
    first: int = 0,
    last: int = metrics.LARGEST_STEP,
    in_full: bool = False,
) -> dict[str, Series]:
    """Return the points of these series from one step to another, by name.

    A series of more than `WHOLE_CHUNKS` chunks comes as its peaks unless it is wanted `in_full`.
    """
    parts = _sealed(job_id, names, first, last, in_full=in_full)
    rows = MetricPoint.objects.filter(job_id=job_id, step__range=(first, last)).order_by("step")
    tail = by_name(list(rows.values_list("step", "numbers")), names)
    return {name: _whole(parts.get(name, []), tail[name], first, last) for name in names}


def _sealed(
    job_id: int, names: Sequence[str], first: int, last: int, *, in_full: bool
) -> dict[str, list[Series]]:
    parts: dict[str, list[Series]] = {}
    longest = metrics.LARGEST_STEP if in_full else WHOLE_CHUNKS
    with connection.cursor() as cursor:
        cursor.execute(READ, [longest, job_id, list(names), last, first])
        for name, steps, numbers in cursor.fetchall():
            parts.setdefault(name, []).append(chunks.unpacked(steps, numbers))
    return parts


def _whole(parts: Sequence[Series], tail: Series, first: int, last: int) -> Series:
    if not parts:
        return tail
    steps = np.concatenate([part.steps for part in parts])
    numbers = np.concatenate([part.numbers for part in parts])
    return chunks.merged(Series(steps, numbers).between(first, last), tail)


def by_name(
    rows: Sequence[tuple[int, Mapping[str, float]]], names: Iterable[str]
) -> dict[str, Series]:
    """Turn rows in the order of their steps into series."""
    found: dict[str, Series] = {}
    for name in names:
        pairs = [(step, numbers[name]) for step, numbers in rows if name in numbers]
        steps, numbers = zip(*pairs, strict=True) if pairs else ((), ())
        found[name] = Series(np.array(steps, chunks.STEP), np.array(numbers, chunks.NUMBER))
    return found


def rows(
    job_id: int,
    names: Sequence[str],
    *,
    first: int = 0,
    last: int = metrics.LARGEST_STEP,
    most: int | None = None,
) -> list[Row]:
    """Return the steps of a range with a number, and the numbers; None where there is none.

    Reads whole chunks of every series: ask for one of the `stretches` at a time.
    """
    found = series(job_id, names, first=first, last=last, in_full=True)
    if not found:
        return []
    steps = np.unique(np.concatenate([found[name].steps for name in names]))[:most]
    columns = [_column(found[name], steps) for name in names]
    return list(zip(steps.tolist(), *columns, strict=True))


def first_rows(job_id: int, names: Sequence[str], *, first: int, most: int) -> list[Row]:
    """Return the next so many rows from a step on; costs the same at every place of a job."""
    found: list[Row] = []
    for begin, end in stretches(job_id, first=first):
        found += rows(job_id, names, first=begin, last=end, most=most - len(found))
        if len(found) == most:
            break
    return found


def stretches(job_id: int, *, first: int = 0) -> Iterator[tuple[int, int]]:
    """Cut all steps from the first one on into ranges with about a chunk of points each."""
    lists = MetricChunk.objects.filter(job_id=job_id).values("name")
    cuts = lists.annotate(cuts=ArrayAgg("first_step", order_by="first_step"))
    finest: list[int] = max((row["cuts"] for row in cuts), key=len, default=[])
    begins = [first, *(cut for cut in finest[1:] if cut > first)]
    return zip(begins, [*(begin - 1 for begin in begins[1:]), metrics.LARGEST_STEP], strict=True)


def _column(told: Series, steps: chunks.Steps) -> list[float | None]:
    column: list[float | None] = [None] * len(steps)
    here = told.between(int(steps[0]), int(steps[-1])) if len(steps) else chunks.EMPTY
    places = np.searchsorted(steps, here.steps).tolist()
    for place, number in zip(places, here.numbers.tolist(), strict=True):
        column[place] = number
    return column
