"""A whole file → what is allowed and bad for the model (pure, flat memory)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.datasets import columns
from apps.datasets.check import processes
from apps.datasets.quality import judge
from apps.datasets.quality.clusters import writing
from apps.datasets.quality.hits import CERTAIN
from apps.datasets.quality.look import Place, Tally, stretches
from apps.datasets.quality.merged import Merged, OnProgress, Progress

LANGUAGE_SAMPLE = 1_000  # rows
VERSION = 1

__all__ = ["Examination", "Progress", "examine"]


@dataclass(slots=True)
class Examination:
    """Problems to list, and what the page shows (JSON)."""

    places: list[Place] = field(default_factory=list)  # rows from 0; -1 for the file
    results: dict[str, Any] = field(default_factory=dict)


def examine(
    path: Path,
    *,
    row_count: int,
    over_limit: int = 0,
    limit: int = 0,
    on_progress: OnProgress,
    process_count: int | None = None,
) -> Examination:
    """Examine a checked file. `over_limit` rows are longer than `limit` tokens, says the check."""
    if process_count is None:
        process_count = processes.process_count_for(path.stat().st_size)
    every = max(1, row_count // LANGUAGE_SAMPLE)
    there = columns.read(path)
    parts = stretches(path, every=every, digests=there is None)
    with writing(path) as signatures:
        merged = Merged(there, signatures, on_progress)
        for looked in processes.work_through(parts, count=process_count):
            merged.add(looked)
        if over_limit:
            merged.whole("truncated", sure=CERTAIN, count=over_limit, limit=limit)
        return _judged(merged)


def _judged(merged: Merged) -> Examination:
    results = {
        "version": VERSION,
        **judge.judge_repeats(merged),
        **judge.judge_answers(merged),
        **judge.judge_languages(merged),
        **judge.judge_systems(merged),
    }
    results["groups"] = [_group(code, tally) for code, tally in merged.tallies.items()]
    places = [place for listed in merged.places.values() for place in listed]
    return Examination(sorted(places, key=lambda place: place.row), results)


def _group(code: str, tally: Tally) -> dict[str, Any]:
    return {
        "code": code,
        "problems": tally.places,
        "rows": tally.rows,
        "sure": dict(tally.sure),
        "kinds": dict(tally.kinds.most_common()),
    }
