"""Steps for rows that repeat others: 8 bytes per row are kept, whatever the rows hold (pure)."""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from django.utils.translation import gettext_lazy as _

from apps.datasets.check import digests
from apps.datasets.recipes.params import Param
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.shapes import Data
from apps.datasets.recipes.steps import Step, register

NOTHING = digests.NOTHING
MOST_NEWEST = 1_000_000
LARGEST = 2**64 - 1


def _exact(data: Data) -> int:
    """Digest a row for the length of a run: Python's own hash is another in every process."""
    return hash(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)) & LARGEST or 1


DIGESTS: dict[str, Callable[[Any], int]] = {
    "exact": _exact,
    "loose": digests.loose,
    "question": digests.question,
}


class Seen:
    """Digests met so far. The newest are quick to find; the many others take 8 bytes each."""

    def __init__(self) -> None:
        self._newest: set[int] = set()
        self._older: npt.NDArray[np.uint64] = np.zeros(0, np.uint64)

    def is_new(self, digest: int) -> bool:
        """Say whether a digest comes for the first time, and remember it."""
        if digest in self._newest or self._is_older(digest):
            return False
        self._newest.add(digest)
        if len(self._newest) >= MOST_NEWEST:
            newest = np.fromiter(self._newest, np.uint64, len(self._newest))
            self._older = np.sort(np.concatenate([self._older, newest]))
            self._newest = set()
        return True

    def _is_older(self, digest: int) -> bool:
        if not len(self._older):
            return False
        place = int(np.searchsorted(self._older, np.uint64(digest)))
        return place < len(self._older) and int(self._older[place]) == digest


class _OneOfEach(Step, ABC):
    """Keeps one row of each digest: the first in the order of `_order`."""

    needs_scan = True

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

    @abstractmethod
    def _digest(self, data: Data) -> int:
        """Return what equal rows have in common; NOTHING for a row that is like no other."""

    def _kept(
        self, seen: npt.NDArray[np.uint64], sizes: npt.NDArray[np.uint32]
    ) -> npt.NDArray[np.bool_]:
        keeps = np.zeros(len(seen), bool)
        order = self._order(sizes)
        _different, first = np.unique(seen[order], return_index=True)
        keeps[order[first]] = True
        keeps[seen == NOTHING] = True
        return keeps

    @abstractmethod
    def _order(self, sizes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        """Return the places of the rows, those to keep before those like them."""


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

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._digest_of = DIGESTS[self.same]
        self.needs_scan = self.keep == "last"  # the first ones are known as they come

    def begin(self) -> None:
        super().begin()
        self._seen = Seen()

    def apply(self, row: Row) -> Row | None:
        if self.needs_scan:
            return super().apply(row)
        if row.data is None:
            return row
        digest = self._digest_of(row.data)
        return row if digest == NOTHING or self._seen.is_new(digest) else None

    def _digest(self, data: Data) -> int:
        return self._digest_of(data)

    def _order(self, sizes: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        return np.arange(len(sizes), dtype=np.int64)[::-1]


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
