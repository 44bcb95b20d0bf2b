"""Steps that choose rows by chance: a split and a sample (pure)."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
from django.utils.translation import gettext_lazy as _

from apps.datasets.check import digests
from apps.datasets.recipes.params import Param, StepError
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.shares import Chosen, Numbers, choose
from apps.datasets.recipes.steps import Gate, register

SEED = 42  # as in the preparation tool of old
LARGEST_SEED = 2_147_483_647
CLASSIC_SHARE = 0.8  # of the same tool: at least 80 % of the rows train …
CLASSIC_MOST = 1_000  # … and at most 1,000 rows validate

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
Known = tuple[Numbers, Numbers]  # of each row its question and its label


class ChosenRows(Gate, ABC):
    """A step that must see all rows, and then lets those through that it has chosen."""

    needs_scan = True
    reads_data = False
    stratify: bool

    def __init__(self, *, known: Known | None = None, **params: Any) -> None:
        super().__init__(**params)
        self._known = known  # found anew for each run; no recipe keeps it
        self._place, self._passes = 0, np.zeros(0, bool)

    def look(self, rows: Sequence[Row]) -> Known:
        questions = (digests.question(row.data) if self.groups_rows else 0 for row in rows)
        labels = (digests.label(row.data) if self.stratify else 0 for row in rows)
        count = len(rows)
        return np.fromiter(questions, np.uint64, count), np.fromiter(labels, np.uint64, count)

    def learn(self, looks: Iterable[Known]) -> None:
        """Take in all rows, unless the columns beside them say what they ask and answer."""
        questions, labels = self._known or _joined(looks)
        if not self.groups_rows:
            questions = np.zeros(len(questions), np.uint64)
        self._passes = self.passing(questions, labels)

    def begin(self) -> None:
        super().begin()
        self._place = 0

    def answer(self, question: Any) -> list[bool]:
        place, self._place = self._place, self._place + question
        passes: list[bool] = self._passes[place : self._place].tolist()
        return passes

    def learned(self) -> dict[str, Any]:
        return {"rows": int(np.count_nonzero(self._passes)), "of": len(self._passes)}

    @property
    def groups_rows(self) -> bool:
        """Whether rows that ask the same stay together."""
        return False

    @abstractmethod
    def passing(self, questions: Numbers, labels: Numbers) -> Chosen:
        """Return for each row whether it passes."""


def _joined(looks: Iterable[Known]) -> Known:
    nothing = np.zeros(0, np.uint64)
    questions, labels = zip(*[(nothing, nothing), *looks], strict=True)
    return np.concatenate(questions), np.concatenate(labels)


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
