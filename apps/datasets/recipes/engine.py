"""Runs a recipe over a file, part by part: memory stays flat whatever its size (pure)."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from apps.datasets.recipes.parts import Part, cut
from apps.datasets.recipes.plans import Plan, Written
from apps.datasets.recipes.rows import Row, Target, write_block
from apps.datasets.recipes.steps import Recipe, Step, build
from apps.datasets.recipes.taking import StepOutcome, answered, outcomes_of, take

__all__ = ["Change", "Preview", "Progress", "StepOutcome", "preview", "run"]

TRIED_AT_ONCE = 32  # rows of a preview: its time is looked at after so many


@dataclass(slots=True)
class Progress:
    """How far a run is. A recipe that must see all rows first reads the file more than once."""

    bytes: int = 0
    total_bytes: int = 0
    rows: int = 0  # written


OnProgress = Callable[[Progress], None]
Batches = Iterable[list[Row]]


def run(
    recipe: Recipe,
    sources: Sequence[Path],
    target: Target,
    *,
    origins: Target | None = None,
    on_progress: OnProgress | None = None,
) -> list[StepOutcome]:
    """Write the rows of the sources as the recipe makes them; StepError before the first byte."""
    steps = build(recipe)
    passes = 1 + sum(step.needs_scan for step in steps)
    total = passes * sum(path.stat().st_size for path in sources)
    meter = _Meter(Progress(total_bytes=total), on_progress)
    for place, step in enumerate(steps):
        if step.needs_scan:
            step.learn(_results(steps[:place], step, meter.rows_of(sources)))
            meter.end_pass(total // passes)  # a step may have seen enough
    outcomes = outcomes_of(steps)
    for written in _results(steps, None, meter.rows_of(sources)):
        _join(steps, outcomes, written)
        for block in written.blocks:
            write_block(target, block)
        if origins is not None:
            origins.write(written.origins)
        meter.progress.rows += written.rows
    _settle(steps, outcomes)
    return outcomes


def _results(steps: Sequence[Step], last: Step | None, batches: Batches) -> Iterator[Any]:
    """Take all rows through the steps, then those that are added; yield what is left of each part.

    That is what the last step sees when it looks at it, or, without one, as it is written.
    """
    for step in steps:
        step.begin()
    plan = Plan([copy(step) for step in steps], last)
    for rows in batches:
        yield answered(plan.work(rows), steps)
    for place, step in enumerate(steps, 1):
        if added := list(step.added()):
            yield answered(plan.after(place).work(added), steps[place:])


def _join(steps: Sequence[Step], outcomes: Sequence[StepOutcome], written: Written) -> None:
    """Add up what the steps did to a part. Of rows that were added, the last steps alone."""
    skipped = len(steps) - len(written.outcomes)
    for step, outcome, other, counted in zip(
        steps[skipped:], outcomes[skipped:], written.outcomes, written.counted, strict=True
    ):
        outcome.join(other)
        step.counted.update(counted)


def _settle(steps: Sequence[Step], outcomes: Sequence[StepOutcome]) -> None:
    for step, outcome in zip(steps, outcomes, strict=True):
        outcome.added = sum(1 for _row in step.added())
        outcome.learned = step.learned()


class _Meter:
    """Counts what is read and tells of it."""

    def __init__(self, progress: Progress, on_progress: OnProgress | None) -> None:
        self.progress, self._tell, self._passes = progress, on_progress, 0

    def end_pass(self, bytes_per_pass: int) -> None:
        self._passes += 1
        self.progress.bytes = self._passes * bytes_per_pass

    def rows_of(self, sources: Sequence[Path]) -> Batches:
        for part in _parts(sources):
            yield part.rows()
            self.progress.bytes += part.size
            if self._tell:
                self._tell(self.progress)


def _parts(sources: Sequence[Path]) -> Iterator[Part]:
    for source, path in enumerate(sources):
        yield from cut(path, source=source)


@dataclass(frozen=True, slots=True)
class Change:
    """A row before and after. No `before`: added. No `after`: dropped."""

    before: Row | None
    after: Row | None


@dataclass(slots=True)
class Preview:
    """What a recipe would do. Counts are of the rows looked at, which may not be all."""

    changes: list[Change] = field(default_factory=list)
    outcomes: list[StepOutcome] = field(default_factory=list)
    rows: int = 0  # looked at
    left: int = 0  # rows after the recipe, of those looked at
    changed: int = 0  # rows that stay, however many steps change them
    dropped: int = 0
    added: int = 0
    is_complete: bool = True

    @property
    def does_anything(self) -> bool:
        return any(outcome.did_anything for outcome in self.outcomes)


def preview(
    recipe: Recipe,
    path: Path,
    *,
    seconds: float = 1.0,
    most: int = 20,
    sources: Sequence[Path] = (),
) -> Preview:
    """Try a recipe on as many rows as there is time for; show the first that change."""
    steps = build(recipe)
    watch = _Watch(seconds, passes=1 + sum(step.needs_scan for step in steps))
    paths = sources or [path]
    for place, step in enumerate(steps):
        if step.needs_scan:
            step.learn(_results(steps[:place], step, watch.batches(paths)))
    result = Preview(outcomes=outcomes_of(steps))
    _try(steps, watch.batches(paths), result, most)
    result.rows, result.is_complete = watch.rows, not watch.was_cut
    _settle(steps, result.outcomes)
    return result


def _try(steps: Sequence[Step], batches: Batches, result: Preview, most: int) -> None:
    """Take rows through all steps, and see what becomes of each."""
    for step in steps:
        step.begin()
    for rows in batches:
        left = answered(take(rows, steps, result.outcomes), steps)
        after = {(row.source, row.number): row for row in left}
        for row in rows:
            if (now := after.get((row.source, row.number))) is not row:
                _note(result, Change(row, now), most)
        result.left += len(left)
    for place, step in enumerate(steps, 1):
        rest, outcomes = steps[place:], result.outcomes[place:]
        left = answered(take(list(step.added()), rest, outcomes), rest)
        for row in left:
            _note(result, Change(None, row), most)
        result.left += len(left)


def _note(result: Preview, change: Change, most: int) -> None:
    result.added += change.before is None
    result.dropped += change.after is None
    result.changed += change.before is not None and change.after is not None
    if len(result.changes) < most:
        result.changes.append(change)


class _Watch:
    """Gives each pass its share of the time; no pass sees more rows than the one before."""

    def __init__(self, seconds: float, *, passes: int) -> None:
        self._share = seconds / passes
        self._most: int | None = None
        self.rows, self.was_cut = 0, False

    def batches(self, paths: Sequence[Path]) -> Batches:
        rows = self._limited(row for part in _parts(paths) for row in part.rows())
        while batch := list(islice(rows, TRIED_AT_ONCE)):
            yield batch

    def _limited(self, rows: Iterator[Row]) -> Iterator[Row]:
        end = time.monotonic() + self._share
        self.rows = 0
        for row in islice(rows, self._most):
            yield row
            self.rows += 1
            if time.monotonic() > end:
                break
        if next(rows, None) is not None:
            self.was_cut = True
        self._most = self.rows
