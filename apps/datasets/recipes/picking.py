"""Steps that pick rows: by number, by a search, and the files of a merge (pure)."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from apps.datasets.recipes.params import Param, StepError
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.shares import Chosen
from apps.datasets.recipes.steps import Step, register

RANGE = re.compile(r"\s*(\d{1,15})\s*(?:[-–]\s*(\d{1,15})\s*)?\Z")


@dataclass(frozen=True, slots=True)
class RowsParam(Param):
    """Row numbers and ranges: 1-20, 35."""

    def _rows(self, value: Any) -> str:
        text = self._text(value)
        ranges(text, field=self.name)
        return text


def ranges(text: str, *, field: str = "rows") -> list[tuple[int, int]]:
    """Read "1-20, 35" as sorted ranges that do not touch; StepError when it is something else."""
    found = sorted(_range(part, field) for part in text.split(",") if part.strip())
    if not found:
        raise StepError(str(_("Write row numbers and ranges, like 1-20, 35.")), field)
    joined: list[tuple[int, int]] = []
    for first, last in found:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _range(part: str, field: str) -> tuple[int, int]:
    match = RANGE.match(part)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 0 < first <= last:
        words = _("Write row numbers and ranges, like 1-20, 35. “%(part)s” is neither.")
        raise StepError(str(words % {"part": part.strip()[:40]}), field)
    return first, last


class NumberedRows(Step):
    """A step that knows rows by their number in the version it begins with."""

    reads_data = False
    params: ClassVar[tuple[Param, ...]] = (
        RowsParam("rows", _("Rows"), "rows", placeholder="1-20, 35"),
    )
    rows: str

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._ranges = ranges(self.rows)
        self._firsts = [first for first, _last in self._ranges]

    def is_named(self, row: Row) -> bool:
        place = bisect_right(self._firsts, row.number) - 1
        return place >= 0 and row.number <= self._ranges[place][1]


@register
class KeepRows(NumberedRows):
    code = "keep_rows"
    title = _("Keep rows by number")
    help = _("Keeps these rows of the version; all others are left out.")

    def apply(self, row: Row) -> Row | None:
        return row if self.is_named(row) else None


@register
class LeaveOutRows(NumberedRows):
    code = "leave_out_rows"
    title = _("Leave out rows by number")
    help = _("Leaves these rows of the version out.")

    def apply(self, row: Row) -> Row | None:
        return None if self.is_named(row) else row


@register
class Filter(Step):
    """Keeps what a search and filters of the rows page find; filtering.py finds it for the run."""

    code = "filter"
    title = _("Keep rows that match")
    help = _("Keeps the rows that a search found; all others are left out.")
    is_offered = False
    reads_data = False
    params: ClassVar[tuple[Param, ...]] = (
        Param("q", _("Words")),
        Param("code", _("Problem")),
        Param("severity", _("How grave")),
        Param("role", _("With a message of")),
        Param("has", _("With"), "names", ()),
        Param("label", _("Answer")),
        Param("tokens_from", _("Tokens from"), "number", None),
        Param("tokens_to", _("Tokens up to"), "number", None),
        Param("messages_from", _("Messages from"), "number", None),
        Param("messages_to", _("Messages up to"), "number", None),
    )

    def __init__(self, *, chosen: Chosen | None = None, **params: Any) -> None:
        super().__init__(**params)
        self._chosen = chosen  # found anew for each run; no recipe keeps it

    def apply(self, row: Row) -> Row | None:
        if self._chosen is None or not 0 < row.number <= len(self._chosen):
            return row  # made by a step before, which no search could find
        return row if self._chosen[row.number - 1] else None


@register
class Merge(Step):
    """Says whose rows follow each other. Whoever builds the version hands the files to the run."""

    code = "merge"
    title = _("Merge")
    help = _("Puts the rows of several versions one after the other.")
    is_offered = False
    reads_data = False
    params: ClassVar[tuple[Param, ...]] = (
        Param("versions", _("Versions"), "names", (), is_required=True),
    )
    versions: list[str]  # public ids, in their order

    def apply(self, row: Row) -> Row | None:
        return row
