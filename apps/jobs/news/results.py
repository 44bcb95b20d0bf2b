"""The numbers of a result file: a job's curves where its events carried none."""

import asyncio
import csv
import io
from collections.abc import Iterable

from apps.jobs.curves import metrics
from apps.jobs.curves.metrics import Point
from apps.providers.types import JobSnapshot, Provider, ProviderError


async def points_of(provider: Provider, snapshot: JobSnapshot) -> dict[int, Point]:
    """Read the result file of an ended job.

    Raises ProviderUnavailable; a file that is gone or no table has no numbers.
    """
    if not snapshot.result_files:
        return {}
    try:
        content = await provider.file_content(snapshot.result_files[0])
    except ProviderError:
        return {}
    return await asyncio.to_thread(points_in, content)


def points_in(content: bytes) -> dict[int, Point]:
    """Return the numbers of a CSV by step; what is empty or no number is missing."""
    text = content.decode("utf-8-sig", "replace").replace("\x00", "")
    try:
        return _points(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error:
        return {}


def _points(rows: Iterable[dict[str | None, str | None]]) -> dict[int, Point]:
    points: dict[int, Point] = {}
    for row in rows:
        cells = {str(name).strip(): _number(cell) for name, cell in row.items() if name}
        step = metrics.whole_number(cells.get("step"))
        numbers = metrics.numbers_in(cells)
        if step is not None and numbers:
            points.setdefault(step, {}).update(numbers)
    return points


def _number(cell: object) -> float | None:
    try:
        return float(cell) if isinstance(cell, str) else None
    except ValueError:
        return None
