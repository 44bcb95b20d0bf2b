"""Takes rows through the steps of a recipe, many at a time (pure)."""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import compress, groupby
from operator import is_not, ne
from typing import Any, TypeVar

from apps.datasets.recipes.rows import Row, read_data
from apps.datasets.recipes.steps import ColumnStep, DataStep, Gate, Step

Data = dict[str, Any]
Question = tuple[int, Any]  # the place of the gate that asks, and what it asks
Passing = Iterable[bool]
Asking = Generator[Question, Passing, list[Row]]
R = TypeVar("R")


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

    def join(self, other: "StepOutcome") -> None:
        """Add what the step did to other rows."""
        self.changed += other.changed
        self.dropped += other.dropped
        self.added += other.added


def outcomes_of(steps: Sequence[Step]) -> list[StepOutcome]:
    return [StepOutcome(step.code) for step in steps]


def take(rows: list[Row], steps: Sequence[Step], outcomes: Sequence[StepOutcome]) -> Asking:
    """Take rows through the steps; yield what a gate asks, and be sent which rows pass."""
    places = enumerate(zip(steps, outcomes, strict=True))
    for changes, members in groupby(places, key=lambda member: _changes_data(member[1][0])):
        if changes:
            rows = _changed(rows, [member for _place, member in members])
            continue
        for place, (step, outcome) in members:
            if step.reads_data:
                read_data(rows)
            if isinstance(step, Gate):
                passes = yield place, step.question(rows)
                left = list(compress(rows, passes))
            else:
                left = _applied(rows, step, outcome)
            outcome.dropped += len(rows) - len(left)
            rows = left
    return rows


def _changes_data(step: Step) -> bool:
    return isinstance(step, DataStep) and type(step).apply is DataStep.apply


def _changed(rows: list[Row], members: Iterable[tuple[Any, StepOutcome]]) -> list[Row]:
    """Take rows through steps that only change their data: several changes make one new row."""
    read_data(rows)
    before = after = [row.data for row in rows]
    for is_column, group in groupby(members, key=lambda member: isinstance(member[0], ColumnStep)):
        if is_column:
            after = _with_columns(after, list(group))
            continue
        for step, outcome in group:
            change: Callable[[Data], Data] = step.change
            last, after = after, [None if data is None else change(data) for data in after]
            outcome.changed += sum(map(is_not, last, after))
    changes = zip(rows, before, after, strict=True)
    return [row if new is old or new is None else row.having(new) for row, old, new in changes]


def _with_columns(
    data: Sequence[Data | None], members: Sequence[tuple[ColumnStep, StepOutcome]]
) -> list[Data | None]:
    """Take each column out, change its texts by all steps for it, and put it back."""
    made = list(data)
    for column in dict.fromkeys(step.column for step, _outcome in members):
        texts = {
            place: text
            for place, row in enumerate(made)
            if row is not None and isinstance(text := row.get(column), str)
        }
        before = after = list(texts.values())
        for step, outcome in members:
            if step.column == column:
                last, after = after, step.change_texts(after)
                outcome.changed += sum(map(ne, last, after))
        for place, old, new in zip(texts, before, after, strict=True):
            if new != old:
                made[place] = {**(made[place] or {}), column: new}
    return made


def _applied(rows: list[Row], step: Step, outcome: StepOutcome) -> list[Row]:
    after = list(map(step.apply, rows))
    left = [row for row in after if row is not None]
    outcome.changed += sum(map(is_not, rows, after)) - (len(rows) - len(left))
    return left


def answered(asking: Generator[Question, Any, R], steps: Sequence[Step]) -> R:
    """Answer what is asked about some rows; they have to come in their order."""
    answer = None
    while True:
        try:
            place, question = asking.send(answer)
        except StopIteration as end:
            result: R = end.value
            return result
        gate = steps[place]
        answer = gate.answer(question) if isinstance(gate, Gate) else None
