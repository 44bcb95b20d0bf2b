"""Runs a recipe over a file, row by row: memory stays flat whatever its size (pure)."""

import struct
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from apps.datasets.recipes.rows import Row, Target, read_rows, write_row
from apps.datasets.recipes.steps import DataStep, Recipe, Step, build

NEWS_BYTES = 1024 * 1024
NEWS_ROWS = 2_000
ORIGIN = struct.Struct("<I")


@dataclass(slots=True)
class Progress:
    """How far a run is. A recipe that must see all rows first reads the file more than once."""

    bytes: int = 0
    total_bytes: int = 0
    rows: int = 0  # written


OnProgress = Callable[[Progress], None]


@dataclass(slots=True)
class StepOutcome:
    """What one step did."""

    step: str
    changed: int = 0
    dropped: int = 0
    added: int = 0
    learned: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def did_anything(self) -> bool:
        return bool(self.changed or self.dropped or self.added)


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
            step.learn(_through(steps[:place], meter.watched(_rows(sources))))
            meter.end_pass(total // passes)  # a step may have seen enough
    outcomes = [StepOutcome(step.code) for step in steps]
    for row in _through(steps, meter.watched(_rows(sources)), outcomes):
        write_row(target, row)
        meter.progress.rows += 1
        if origins is not None:
            origins.write(ORIGIN.pack(row.number if row.source == 0 else 0))
    for step, outcome in zip(steps, outcomes, strict=True):
        outcome.learned = step.learned()
    return outcomes


def _rows(sources: Sequence[Path]) -> Iterator[Row]:
    for source, path in enumerate(sources):
        yield from read_rows(path, source=source)


class _Meter:
    """Counts what is read and tells of it now and then."""

    def __init__(self, progress: Progress, on_progress: OnProgress | None) -> None:
        self.progress, self._tell, self._passes = progress, on_progress, 0

    def end_pass(self, bytes_per_pass: int) -> None:
        self._passes += 1
        self.progress.bytes = self._passes * bytes_per_pass

    def watched(self, rows: Iterable[Row]) -> Iterator[Row]:
        told, unheard, tell = self.progress.bytes, 0, self._tell
        for row in rows:
            yield row
            self.progress.bytes += row.size
            unheard += 1
            if unheard >= NEWS_ROWS or self.progress.bytes - told >= NEWS_BYTES:
                told, unheard = self.progress.bytes, 0
                if tell:
                    tell(self.progress)


def _through(
    steps: Sequence[Step], rows: Iterable[Row], outcomes: Sequence[StepOutcome] = ()
) -> Iterator[Row]:
    """Yield what the steps leave of the rows, then what they add."""
    for step in steps:
        step.begin()
    plan = _plan(steps, outcomes or [StepOutcome(step.code) for step in steps])
    for row in rows:
        if (left := _applied(plan, row)) is not None:
            yield left
    for place, step in enumerate(steps):
        for row in step.added():
            plan[place].outcome.added += 1
            if (left := _applied(plan[place + 1 :], row)) is not None:
                yield left


class _Planned(NamedTuple):
    """How a step is taken: by its `change` of the data alone where it has one, else by `apply`."""

    apply: Callable[[Row], Row | None]
    change: Callable[[dict[str, Any]], dict[str, Any]] | None
    outcome: StepOutcome


def _plan(steps: Sequence[Step], outcomes: Sequence[StepOutcome]) -> list[_Planned]:
    return [
        _Planned(step.apply, _change_of(step), outcome)
        for step, outcome in zip(steps, outcomes, strict=True)
    ]


def _change_of(step: Step) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
    is_plain = isinstance(step, DataStep) and type(step).apply is DataStep.apply
    return step.change if is_plain and isinstance(step, DataStep) else None


def _applied(plan: Sequence[_Planned], row: Row) -> Row | None:
    """Take one row through the steps. Several changes of its data make one new row."""
    data: dict[str, Any] | None = None  # what the row will hold, when it has been changed
    for apply, change, outcome in plan:
        if change is not None:
            before = row.data if data is None else data
            if before is not None and (new := change(before)) is not before:
                outcome.changed += 1
                data = new
            continue
        if data is not None:
            row, data = row.having(data), None
        after = apply(row)
        if after is None:
            outcome.dropped += 1
            return None
        if after is not row:
            outcome.changed += 1
            row = after
    return row if data is None else row.having(data)


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
            step.learn(_through(steps[:place], watch.limited(_rows(paths))))
    result = Preview(outcomes=[StepOutcome(step.code) for step in steps])
    _try(steps, watch.limited(_rows(paths)), result, most)
    result.rows, result.is_complete = watch.rows, not watch.was_cut
    for step, outcome in zip(steps, result.outcomes, strict=True):
        outcome.learned = step.learned()
    return result


def _try(steps: Sequence[Step], rows: Iterable[Row], result: Preview, most: int) -> None:
    """Send rows through one at a time, to see what becomes of each."""
    for step in steps:
        step.begin()
    plan = _plan(steps, result.outcomes)
    for row in rows:
        after = _applied(plan, row)
        if after is not row:
            _note(result, Change(row, after), most)
        result.left += after is not None
    for place, step in enumerate(steps):
        for row in step.added():
            plan[place].outcome.added += 1
            if (after := _applied(plan[place + 1 :], row)) is not None:
                _note(result, Change(None, after), most)
                result.left += 1


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

    def limited(self, rows: Iterator[Row]) -> Iterator[Row]:
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
