"""What is done with the rows of a part: they go through steps, and are written (pure)."""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from apps.datasets.recipes.rows import Row, Span, read_data
from apps.datasets.recipes.steps import Step
from apps.datasets.recipes.taking import Passing, Question, StepOutcome, outcomes_of, take


@dataclass(frozen=True, slots=True)
class Written:
    """What the steps have left of some rows, as it is written, and what each of them did."""

    blocks: list[bytes | Span]
    rows: int
    origins: bytes  # of each row its number in the first file, or 0, in 4 bytes
    outcomes: list[StepOutcome]
    counted: list[Counter[str]]


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps, and who looks at what they leave; without anybody, it is written."""

    steps: Sequence[Step]
    looker: Step | None

    def work(self, rows: list[Row]) -> Generator[Question, Passing, Any]:
        """Take rows through the steps. Yields what has to be known of all others."""
        outcomes = outcomes_of(self.steps)
        for step in self.steps:
            step.counted = Counter()
        left = yield from take(rows, self.steps, outcomes)
        if self.looker is not None:
            read_data(left)
            return self.looker.look(left)
        counted = [step.counted for step in self.steps]
        return Written(list(_blocks(left)), len(left), _origins(left), outcomes, counted)

    def after(self, place: int) -> "Plan":
        """Return the plan for rows that come in behind the first steps."""
        return Plan(self.steps[place:], self.looker)


def _blocks(rows: Iterable[Row]) -> Iterator[bytes | Span]:
    for is_held, group in groupby(rows, key=lambda row: row.span is None):
        if is_held:
            yield b"\n".join([row.line for row in group]) + b"\n"
        else:
            yield from (row.span for row in group if row.span)


def _origins(rows: Sequence[Row]) -> bytes:
    numbers = (row.number if row.source == 0 else 0 for row in rows)
    return np.fromiter(numbers, "<u4", len(rows)).tobytes()
