"""From rows to chunks: the tail of a job becomes long series, each in few rows.

Each chunk owns the steps from its first one to the next chunk's, so a late number finds its place
and only that chunk is written again. Sealing the same numbers again changes nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from django.db import connection, transaction

from apps.jobs.curves import chunks, metrics
from apps.jobs.curves.chunks import Series
from apps.jobs.models import Job, MetricChunk

LONG_TAIL = 1024  # rows that a job may have before they are sealed

CROWDED = """
SELECT job_id FROM jobs_metricpoint WHERE job_id = ANY(%s) GROUP BY job_id HAVING count(*) > %s
"""
TAKE = """
WITH taken AS (DELETE FROM jobs_metricpoint WHERE job_id = %s RETURNING step, numbers)
SELECT name, array_agg(step ORDER BY step), array_agg(number::float8 ORDER BY step)
FROM taken, jsonb_each_text(numbers) AS told(name, number) GROUP BY name
"""


@dataclass(frozen=True, slots=True)
class Owner:
    """A chunk as its place in the series: which row, and the first step that it owns."""

    pk: int
    first_step: int


def crowded(job_ids: Collection[int]) -> list[int]:
    """Return those of the jobs that have a long tail."""
    if not job_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(CROWDED, [list(job_ids), LONG_TAIL])
        return [job_id for (job_id,) in cursor.fetchall()]


@transaction.atomic
def seal(job_id: int, newest: Mapping[str, Series]) -> None:
    """Move all rows of the tail into chunks, and what is told now over them.

    Two that seal the same job wait for each other.
    """
    list(Job.objects.select_for_update(no_key=True).filter(pk=job_id).values_list("pk"))
    told = _taken(job_id)
    told |= {name: chunks.merged(told.get(name, chunks.EMPTY), newest[name]) for name in newest}
    if not told:
        return
    owners = _owners(job_id)
    kept = [name for name in told if name in owners]
    kept += [name for name in told if name not in owners][: metrics.MOST_SERIES - len(owners)]
    changes = [change for name in kept for change in _changes(name, told[name], owners)]
    _write(job_id, changes)


def _taken(job_id: int) -> dict[str, Series]:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [job_id])
        return {
            name: Series(np.array(steps, chunks.STEP), np.array(numbers, chunks.NUMBER))
            for name, steps, numbers in cursor.fetchall()
        }


def _owners(job_id: int) -> dict[str, list[Owner]]:
    """Return where each series is cut, without reading it."""
    owners: dict[str, list[Owner]] = {}
    rows = MetricChunk.objects.filter(job_id=job_id).order_by("first_step")
    for pk, name, first_step in rows.values_list("pk", "name", "first_step"):
        owners.setdefault(name, []).append(Owner(pk, first_step))
    return owners


Change: TypeAlias = tuple[str, int, Series]  # a series, its chunk or NO_CHUNK, what is new in it
NO_CHUNK = 0


def _changes(name: str, told: Series, owners: Mapping[str, Sequence[Owner]]) -> Iterator[Change]:
    """Give each new point to the chunk that owns its step; early ones belong to the first chunk."""
    mine = owners.get(name)
    if not mine:
        yield name, NO_CHUNK, told
        return
    firsts = [owner.first_step for owner in mine]
    places = np.maximum(np.searchsorted(firsts, told.steps, side="right") - 1, 0)
    for place in np.unique(places):
        is_here = places == place
        yield name, mine[place].pk, Series(told.steps[is_here], told.numbers[is_here])


def _write(job_id: int, changes: Sequence[Change]) -> None:
    rows = MetricChunk.objects.filter(pk__in=[pk for _name, pk, _new in changes])
    old = {
        pk: chunks.unpacked(bytes(steps), bytes(numbers))
        for pk, steps, numbers in rows.values_list("pk", "steps", "numbers")
    }
    rows.delete()
    MetricChunk.objects.bulk_create(
        _row(job_id, name, piece)
        for name, pk, new in changes
        for piece in chunks.pieces(chunks.merged(old.get(pk, chunks.EMPTY), new))
    )


def _row(job_id: int, name: str, piece: Series) -> MetricChunk:
    steps, numbers = chunks.packed(piece)
    peak_steps, peak_numbers = chunks.packed(chunks.peaks(piece))
    return MetricChunk(
        job_id=job_id,
        name=name,
        first_step=int(piece.steps[0]),
        last_step=int(piece.steps[-1]),
        steps=steps,
        numbers=numbers,
        peak_steps=peak_steps,
        peak_numbers=peak_numbers,
    )
