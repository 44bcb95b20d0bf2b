"""Steps that choose rows: a split, a sample, rows by number, the files of a merge (pure)."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from django.utils.translation import gettext_lazy as _

from apps.datasets.check import digests
from apps.datasets.recipes.params import Param, StepError
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.shares import Chosen, Numbers, choose
from apps.datasets.recipes.steps import BaseStep, register

SEED = 42  # as in the preparation tool of old
LARGEST_SEED = 2_147_483_647
CLASSIC_SHARE = 0.8  # of the same tool: at least 80 % of the rows train …
CLASSIC_MOST = 1_000  # … and at most 1,000 rows validate
RANGE = re.compile(r"\s*(\d{1,15})\s*(?:[-–]\s*(\d{1,15})\s*)?\Z")

SEED_PARAM = Param(
    "seed", _("Seed"), "number", SEED, minimum=0, maximum=LARGEST_SEED, is_required=True
)
STRATIFY = Param(
    "stratify",
    _("Keep the mix of labels"),
    "flag",
    default=False,
    help=_("Each short answer keeps its share of the rows."),
)


class ChosenRows(BaseStep):
    """A step that must see all rows, and then lets those through that it has chosen."""

    needs_scan = True
    stratify: bool

    def learn(self, rows: Iterable[Row]) -> None:
        questions, labels = array("Q"), array("Q")
        for row in rows:
            questions.append(digests.question(row.data) if self.groups_rows else 0)
            labels.append(digests.label(row.data) if self.stratify else 0)
        self._passes = self.passing(_numbers(questions), _numbers(labels))
        self._place = 0

    def begin(self) -> None:
        self._place = 0

    def apply(self, row: Row) -> Row | None:
        self._place += 1
        return row if self._passes[self._place - 1] else None

    def learned(self) -> dict[str, Any]:
        return {"rows": int(np.count_nonzero(self._passes)), "of": len(self._passes)}

    @property
    def groups_rows(self) -> bool:
        """Whether rows that ask the same stay together."""
        return False

    def passing(self, questions: Numbers, labels: Numbers) -> Chosen:
        """Return for each row whether it passes."""
        raise NotImplementedError


def _numbers(values: "array[int]") -> Numbers:
    return np.frombuffer(values, np.uint64) if values else np.zeros(0, np.uint64)


@register
class Split(ChosenRows):
    """One of the two parts. Both are chosen alike, so that each row is in exactly one of them."""

    code = "split"
    title = _("Split")
    help = _("Keeps the rows of one part: those to train on, or those to validate with.")
    is_offered = False
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            "part",
            _("Part"),
            "choice",
            "train",
            choices=(("train", _("Training")), ("validation", _("Validation"))),
        ),
        Param("share", _("Share to train on"), "share", CLASSIC_SHARE, maximum=1),
        Param("count", _("Rows to validate with"), "number", None, minimum=1),
        Param("most", _("At most so many rows to validate with"), "number", None, minimum=1),
        SEED_PARAM,
        STRATIFY,
        Param(
            "group",
            _("Keep rows with the same question together"),
            "flag",
            default=True,
            help=_("Else the validation rows may ask what the model was trained to answer."),
        ),
    )
    part: str
    share: float | None
    count: int | None
    most: int | None
    seed: int
    group: bool

    @property
    def groups_rows(self) -> bool:
        return self.group

    def validation_rows(self, rows: int) -> int:
        """Return how many of so many rows are to validate; one at least is left to train on."""
        if self.count is not None:
            want = self.count
        else:
            want = rows - int((CLASSIC_SHARE if self.share is None else self.share) * rows)
            want = min(want, self.most) if self.most else want
        return max(0, min(want, rows - 1))

    def validating(self, questions: Numbers, labels: Numbers) -> Chosen:
        """Return for each row whether it is one of the validation rows."""
        return choose(
            self.validation_rows(len(questions)),
            groups=questions,
            strata=labels if self.stratify else None,
            seed=self.seed,
        )

    def passing(self, questions: Numbers, labels: Numbers) -> Chosen:
        validating = self.validating(questions, labels)
        return ~validating if self.part == "train" else validating


@register
class Sample(ChosenRows):
    code = "sample"
    title = _("Take a sample")
    help = _("Keeps a number of rows, chosen by chance.")
    params: ClassVar[tuple[Param, ...]] = (
        Param("count", _("Rows"), "number", None, minimum=1),
        Param("share", _("Share of the rows"), "share", None, maximum=1),
        SEED_PARAM,
        STRATIFY,
    )
    count: int | None
    share: float | None
    seed: int

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        if self.count is None and not self.share:
            raise StepError(str(_("Say how many rows, or which share of them.")), "count")

    def sampled_rows(self, rows: int) -> int:
        """Return how many of so many rows are taken; one at least."""
        want = self.count if self.count is not None else round((self.share or 0) * rows)
        return max(min(1, rows), min(want, rows))

    def passing(self, questions: Numbers, labels: Numbers) -> Chosen:
        return choose(
            self.sampled_rows(len(questions)),
            groups=questions,  # zeros: each row is on its own
            strata=labels if self.stratify else None,
            seed=self.seed,
        )


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


class NumberedRows(BaseStep):
    """A step that knows rows by their number in the version it begins with."""

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


@dataclass(frozen=True, slots=True)
class MaskParam(Param):
    """For each row of the version whether it is chosen; never kept, found anew for each run."""

    def _mask(self, value: Any) -> Chosen | None:
        if value is None or isinstance(value, np.ndarray):
            return value
        raise StepError(str(_("This is not for people to set.")), self.name)


@register
class Filter(BaseStep):
    """Keeps what a search and filters of the rows page find; filtering.py finds it for the run."""

    code = "filter"
    title = _("Keep rows that match")
    help = _("Keeps the rows that a search found; all others are left out.")
    is_offered = False
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
        MaskParam("chosen", "", "mask", None),
    )
    chosen: Chosen | None

    def apply(self, row: Row) -> Row | None:
        if self.chosen is None or not 0 < row.number <= len(self.chosen):
            return row  # made by a step before, which no search could find
        return row if self.chosen[row.number - 1] else None


@register
class Merge(BaseStep):
    """Says whose rows follow each other. Whoever builds the version hands the files to the run."""

    code = "merge"
    title = _("Merge")
    help = _("Puts the rows of several versions one after the other.")
    is_offered = False
    params: ClassVar[tuple[Param, ...]] = (
        Param("versions", _("Versions"), "names", (), is_required=True),
    )
    versions: list[str]  # public ids, in their order

    def apply(self, row: Row) -> Row | None:
        return row
