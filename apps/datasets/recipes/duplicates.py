"""Steps for rows that repeat others: 8 bytes per row are kept, whatever the rows hold (pure)."""

from array import array
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext_lazy as _

from apps.datasets.check import digests
from apps.datasets.recipes.params import Param
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.shapes import Data
from apps.datasets.recipes.steps import BaseStep, register

NOTHING = digests.NOTHING
DIGESTS: dict[str, Callable[[Any], int]] = {
    "exact": digests.exact,
    "loose": digests.loose,
    "question": digests.question,
}


class _OneOfEach(BaseStep):
    """Keeps one row of each digest; which one is the business of `_best`."""

    needs_scan = True
    digest: Callable[[Data], int]

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._keeps = np.zeros(0, bool)
        self._place = 0

    def learn(self, rows: Iterable[Row]) -> None:
        seen, sizes = array("Q"), array("I")
        for row in rows:
            seen.append(NOTHING if row.data is None else self._digest(row.data))
            sizes.append(len(row.line))
        self._keeps = self._kept(np.frombuffer(seen, np.uint64), np.frombuffer(sizes, np.uint32))

    def begin(self) -> None:
        self._place = 0

    def apply(self, row: Row) -> Row | None:
        place, self._place = self._place, self._place + 1
        return row if place >= len(self._keeps) or self._keeps[place] else None

    def _digest(self, data: Data) -> int:
        raise NotImplementedError

    def _kept(
        self, seen: npt.NDArray[np.uint64], sizes: npt.NDArray[np.uint32]
    ) -> npt.NDArray[np.bool_]:
        """Mark the rows to keep: the first of each digest, in the order of `_order`."""
        keeps = np.zeros(len(seen), bool)
        order = self._order(sizes)
        _different, first = np.unique(seen[order], return_index=True)
        keeps[order[first]] = True
        keeps[seen == NOTHING] = True
        return keeps

    def _order(self, sizes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        raise NotImplementedError


@register
class DropDuplicates(_OneOfEach):
    code = "drop_duplicates"
    title = _("Drop rows that repeat others")
    help = _("A copy counts twice in training and is paid twice.")
    params = (
        Param(
            "same",
            _("Rows are the same when"),
            "choice",
            default="exact",
            choices=(
                ("exact", _("everything in them is the same")),
                ("loose", _("they say the same, apart from capitals and spaces")),
                ("question", _("they ask the same, whatever the answer")),
            ),
        ),
        Param(
            "keep",
            _("Keep"),
            "choice",
            default="first",
            choices=(("first", _("the first of them")), ("last", _("the last of them"))),
        ),
    )
    same: str
    keep: str

    def _digest(self, data: Data) -> int:
        return DIGESTS[self.same](data)

    def _order(self, sizes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        order = np.arange(len(sizes), dtype=np.int64)
        return order if self.keep == "first" else order[::-1]


@register
class MergeDuplicates(_OneOfEach):
    code = "merge_duplicates"
    title = _("Merge rows that say the same")
    help = _(
        "Rows with the same question and answer, apart from capitals and spaces, become one: the "
        "one with the most in it."
    )

    def _digest(self, data: Data) -> int:
        return digests.loose(data)

    def _order(self, sizes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        return np.argsort(-sizes.astype(np.int64), kind="stable")
