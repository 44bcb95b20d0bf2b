"""Steps for rows that repeat others: 8 bytes per row are kept, whatever the rows hold (pure)."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext_lazy as _

from apps.datasets.check import digests
from apps.datasets.recipes.params import Param
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.steps import Gate, register

Digests = npt.NDArray[np.uint64]
Sizes = npt.NDArray[np.uint32]  # of rows, in bytes
NOTHING = digests.NOTHING
MOST_NEWEST = 1_000_000


DIGESTS: dict[str, Callable[[Any], int]] = {
    "exact": digests.exact,
    "loose": digests.loose,
    "question": digests.question,
}


class Seen:
    """Digests met so far. The newest are quick to find; the many others take 8 bytes each."""

    def __init__(self) -> None:
        self._newest: set[int] = set()
        self._older: npt.NDArray[np.uint64] = np.zeros(0, np.uint64)

    def are_new(self, digests: list[int]) -> list[bool]:
        """Say which digests come for the first time, and remember them; that of nothing may."""
        newest, has_older = self._newest, bool(len(self._older))
        new = []
        for digest in digests:
            is_new = digest not in newest and not (has_older and self._is_older(digest))
            if is_new and digest != NOTHING:
                newest.add(digest)
            new.append(is_new)
        self._settle()
        return new

    def _settle(self) -> None:
        if len(self._newest) >= MOST_NEWEST:
            newest = np.fromiter(self._newest, np.uint64, len(self._newest))
            self._older = np.sort(np.concatenate([self._older, newest]))
            self._newest = set()

    def _is_older(self, digest: int) -> bool:
        place = int(np.searchsorted(self._older, np.uint64(digest)))
        return place < len(self._older) and int(self._older[place]) == digest


class _OneOfEach(Gate, ABC):
    """Keeps one row of each digest: the first in the order of `_order`."""

    needs_scan = True
    digest_of: Callable[[Any], int]  # what equal rows have in common; NOTHING is like no other

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._keeps = np.zeros(0, bool)
        self._place = 0

    def look(self, rows: Sequence[Row]) -> tuple[Digests, Sizes]:
        sizes = (len(row.line) for row in rows)
        return self._digests(rows), np.fromiter(sizes, np.uint32, len(rows))

    def _digests(self, rows: Sequence[Row]) -> Digests:
        of = self.digest_of
        found = [NOTHING if row.data is None else of(row.data) for row in rows]
        return np.array(found, np.uint64)

    def learn(self, looks: Iterable[tuple[Digests, Sizes]]) -> None:
        nothing = np.zeros(0, np.uint64), np.zeros(0, np.uint32)
        seen, sizes = zip(*[nothing, *looks], strict=True)
        self._keeps = self._kept(np.concatenate(seen), np.concatenate(sizes))

    def begin(self) -> None:
        super().begin()
        self._place = 0

    def answer(self, question: Any) -> list[bool]:
        place, self._place = self._place, self._place + question
        passes: list[bool] = self._keeps[place : self._place].tolist()
        return passes

    def _kept(self, seen: Digests, sizes: Sizes) -> npt.NDArray[np.bool_]:
        keeps = np.zeros(len(seen), bool)
        order = self._order(sizes)
        _different, first = np.unique(seen[order], return_index=True)
        keeps[order[first]] = True
        keeps[seen == NOTHING] = True
        return keeps

    @abstractmethod
    def _order(self, sizes: Sizes) -> npt.NDArray[np.int64]:
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
        self.digest_of = DIGESTS[self.same]
        self.needs_scan = self.keep == "last"  # the first ones are known as they come

    def begin(self) -> None:
        super().begin()
        self._seen = Seen()

    def question(self, rows: Sequence[Row]) -> Any:
        return super().question(rows) if self.needs_scan else self._digests(rows).tolist()

    def answer(self, question: Any) -> list[bool]:
        if self.needs_scan:
            return super().answer(question)
        return self._seen.are_new(question)

    def _order(self, sizes: Sizes) -> npt.NDArray[np.int64]:
        return np.arange(len(sizes), dtype=np.int64)[::-1]


@register
class MergeDuplicates(_OneOfEach):
    code = "merge_duplicates"
    title = _("Merge rows that say the same")
    help = _(
        "Rows with the same question and answer, apart from capitals and spaces, become one: the "
        "one with the most in it."
    )
    digest_of = staticmethod(digests.loose)

    def _order(self, sizes: Sizes) -> npt.NDArray[np.int64]:
        return np.argsort(-sizes.astype(np.int64), kind="stable")
