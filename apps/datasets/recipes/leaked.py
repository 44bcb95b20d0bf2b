"""The step that leaves out of a validation file what the training file holds as well (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.datasets.recipes.params import Param, StepError
from apps.datasets.recipes.picking import NumberedRows, ranges
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.steps import register

MOST_CHARACTERS = 2_000_000


@dataclass(frozen=True, slots=True)
class ManyRows(Param):
    """Row numbers and ranges, more than a person would type."""

    def _rows(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
            raise StepError(_("These are too many rows to leave out one by one."), self.name)
        ranges(value, field=self.name)
        return value


@register
class LeaveOutLeaked(NumberedRows):
    """`rows` of the version it begins with; `of` names the training data, for people."""

    code = "leave_out_leaked"
    title = gettext_lazy("Leave out what the training data holds as well")
    help = gettext_lazy("Leaves out the rows that a comparison with the training data has found.")
    is_offered = False
    params: ClassVar[tuple[Param, ...]] = (
        ManyRows("rows", gettext_lazy("Rows"), "rows"),
        Param("of", gettext_lazy("Training data")),
    )

    def apply(self, row: Row) -> Row | None:
        return None if self.is_named(row) else row


def written(rows: Iterable[int]) -> str:
    """Write row numbers as the step reads them: 1-20,35."""
    parts = []
    for _key, run in groupby(enumerate(sorted(rows)), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _place, number in run]
        parts.append(f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else str(numbers[0]))
    return ",".join(parts)
