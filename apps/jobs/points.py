"""The numbers of training steps: written step by step, read as series.

A new step is one row with all its numbers (the tail). Once a job has a long tail, or has ended,
`sealing` makes chunks of thousands of points of it. Where both know a step, the tail is newer.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import orjson
from django.db import connection

from apps.jobs import chunks, metrics, sealing
from apps.jobs.chunks import Series
from apps.jobs.models import MetricPoint

LOOK_EVERY = 256  # rows: how often the tail of a job is counted
WHOLE_CHUNKS = 8  # more chunks than this are read as their peaks, unless every point is asked for

UPSERT = """
INSERT INTO jobs_metricpoint AS kept (job_id, step, numbers)
SELECT job_id, step, numbers::jsonb
FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS told(job_id, step, numbers)
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
    if table:
        jobs, steps = zip(*sorted(table), strict=True)  # one order for all: no two wait in a ring
        numbers = [orjson.dumps(table[key]).decode() for key in zip(jobs, steps, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(UPSERT, [list(jobs), list(steps), numbers])
    for job_id in sorted({*sealing.crowded(_to_look_at(table)), *ended}):
        sealing.seal(job_id)


def _table(points: Iterable[Told]) -> Table:
    """Merge what is told about the same step: one statement may touch a row only once."""
    table: Table = {}
    for job_id, step, told in points:
        finite = {name: n for name in told if (n := metrics.finite_number(told[name])) is not None}
        if finite and 0 <= step <= metrics.LARGEST_STEP:
            table.setdefault((job_id, step), {}).update(finite)
    return table


def _to_look_at(table: Table) -> set[int]:
    """Choose the jobs whose tail is counted: with many rows, else now and then, not all at once."""
    rows = Counter(job_id for job_id, _step in table)
    many = {job_id for job_id, count in rows.items() if count >= LOOK_EVERY}
    return many | {key[0] for key in table if hash(key) % LOOK_EVERY == 0}


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
    job_id: int, names: Sequence[str], *, first: int = 0, last: int = metrics.LARGEST_STEP
) -> list[Row]:
    """Return every step of a range with a number, and the numbers; None where there is none."""
    found = series(job_id, names, first=first, last=last, in_full=True)
    steps = np.unique(np.concatenate([found[name].steps for name in names]))
    columns = [_column(found[name], steps) for name in names]
    return list(zip(steps.tolist(), *columns, strict=True))


def _column(told: Series, steps: chunks.Steps) -> list[float | None]:
    column: list[float | None] = [None] * len(steps)
    places = np.searchsorted(steps, told.steps).tolist()
    for place, number in zip(places, told.numbers.tolist(), strict=True):
        column[place] = number
    return column
