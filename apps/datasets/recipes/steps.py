"""What a step of a recipe is, and the list of all steps (pure).

A step sees one row at a time. What it must know of all rows it learns in a pass of its own, and it
keeps hashes and counts, never rows: files have a million of them. Parts of a large file are worked
on by several processes, each with steps of its own: what they find travels, and is put together by
the step that `learn`s, answers, and knows what was `counted`.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, TypeVar

from django.utils.translation import gettext as _

from apps.datasets.recipes.params import Param, StepError
from apps.datasets.recipes.rows import Row

__all__ = [
    "STEPS",
    "ColumnStep",
    "DataStep",
    "Gate",
    "Recipe",
    "Step",
    "StepError",
    "build",
    "register",
]

Recipe = Sequence[dict[str, Any]]
MOST_STEPS = 50


class Step:
    """One thing done to every row of a file; this one does nothing.

    Settings are read by their declarations, and become attributes.
    """

    code: ClassVar[str] = ""
    title: ClassVar[Any] = ""  # lazy strings
    help: ClassVar[Any] = ""
    reads_data: ClassVar[bool] = True  # False: what rows hold does not matter to it
    needs_scan: bool = False  # whether `learn` must see all rows before `apply`
    params: ClassVar[tuple[Param, ...]] = ()
    is_offered: ClassVar[bool] = True  # False: made by a page of its own, not picked from the list

    def __init__(self, **params: Any) -> None:
        known = {param.name for param in self.params}
        for name in params:
            if name not in known:
                raise StepError(_("There is no setting “%(name)s” here.") % {"name": name}, name)
        self.counted: Counter[str] = Counter()
        for param in self.params:
            setattr(self, param.name, param.read(params.get(param.name, param.default)))

    def look(self, rows: Sequence[Row]) -> Any:
        """Return what must be known of some rows, as the steps before left them."""

    def learn(self, looks: Iterable[Any]) -> None:
        """Take in what the looks at all rows have found, in the order of the rows."""

    def begin(self) -> None:
        """Start over: the rows are about to come once more, in the same order."""
        self.counted = Counter()

    def apply(self, row: Row) -> Row | None:
        """Return the same object when nothing changes, None to drop the row; never change it."""
        return row

    def added(self) -> Iterable[Row]:
        """Yield rows to put at the end of the file."""
        return ()

    def learned(self) -> dict[str, Any]:
        """Return what the step chose or found by itself, for people to read (JSON)."""
        return {}


class DataStep(Step, ABC):
    """A step that changes what a row holds, one row at a time; unreadable rows pass by."""

    def apply(self, row: Row) -> Row | None:
        before = row.data
        if before is None:
            return row
        after = self.change(before)
        return row if after is before else row.having(after)

    @abstractmethod
    def change(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return a changed copy; the same object when nothing is to be changed."""


class ColumnStep(DataStep):
    """A step that changes the texts of one column, many at once; what is no text passes by."""

    column: str

    def change(self, data: dict[str, Any]) -> dict[str, Any]:
        text = data.get(self.column)
        if not isinstance(text, str):
            return data
        [new] = self.change_texts([text])
        return data if new == text else {**data, self.column: new}

    @abstractmethod
    def change_texts(self, texts: list[str]) -> list[str]:
        """Return the texts as they shall be, in their order."""


class Gate(Step, ABC):
    """A step that lets a row through or drops it by what all other rows are.

    What it asks of some rows is answered for one part of the file after the other, in their order.
    """

    def question(self, rows: Sequence[Row]) -> Any:
        """Return what must be known of these rows to answer."""
        return len(rows)

    @abstractmethod
    def answer(self, question: Any) -> list[bool]:
        """Say of each row whether it passes."""


STEPS: dict[str, type[Step]] = {}
S = TypeVar("S", bound=type[Step])


def register(step: S) -> S:
    """Put a step on the list."""
    STEPS[step.code] = step
    return step


def build(recipe: Recipe) -> list[Step]:
    """Make the steps of a recipe; StepError names the first one that is wrong."""
    if len(recipe) > MOST_STEPS:
        raise StepError(_("A recipe has at most %(count)s steps.") % {"count": MOST_STEPS})
    return [_step(entry, place) for place, entry in enumerate(recipe)]


def _step(entry: dict[str, Any], place: int) -> Step:
    settings = dict(entry)
    code = str(settings.pop("step", ""))
    if code not in STEPS:
        raise StepError(_("There is no step “%(code)s”.") % {"code": code}, "step", place)
    try:
        return STEPS[code](**settings)
    except StepError as exc:
        raise StepError(exc.message, exc.field, place) from exc
