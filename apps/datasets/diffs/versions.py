"""Which rows of two versions differ, from a few numbers per row: a million rows in half a second.

Where it is known which row each row was made from, that decides. Elsewhere rows with the same
digest are the same row, as often as both versions have it, and of the others those with the same
question are one row that changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Digests = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]
SameLine = Callable[[int, int], bool]
NOTHING = 0  # the digest of a row that cannot be read; such rows are compared byte by byte
MOST_LINES_READ = 5_000  # of those; beyond, they pass for equal


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Side:
    """What is known of each row of a version."""

    digests: Digests
    questions: Digests


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that differs. Rows count from 1; 0 where a side does not have it."""

    before: int
    after: int

    @property
    def kind(self) -> Kind:
        if not self.before:
            return Kind.ADDED
        return Kind.CHANGED if self.after else Kind.REMOVED


class Diff:
    """All rows that differ, in the order of the newer version; a table of two columns."""

    def __init__(self, table: Rows) -> None:
        self.table = table  # the first line: (equal rows, whether they stand in another order)
        self._before, self._after = table[1:, 0], table[1:, 1]

    @property
    def same(self) -> int:
        return int(self.table[0, 0])

    @property
    def is_reordered(self) -> bool:
        """True when rows that both versions have come in another order."""
        return bool(self.table[0, 1])

    @property
    def counts(self) -> dict[Kind, int]:
        added = int(np.count_nonzero(self._before == 0))
        removed = int(np.count_nonzero(self._after == 0))
        changed = len(self._before) - added - removed
        return {Kind.CHANGED: changed, Kind.ADDED: added, Kind.REMOVED: removed}

    @property
    def is_empty(self) -> bool:
        return not len(self._before)

    def page(self, *, start: int, most: int, kind: Kind | None) -> tuple[list[Entry], int | None]:
        """Return entries from a place on, and the place where the next page begins."""
        start = min(max(0, start), len(self._before))
        places = np.flatnonzero(self._is(kind, start))[: most + 1] + start
        shown = [Entry(int(self._before[at]), int(self._after[at])) for at in places[:most]]
        return shown, int(places[most]) if len(places) > most else None

    def _is(self, kind: Kind | None, start: int) -> Any:
        before, after = self._before[start:], self._after[start:]
        if kind is Kind.ADDED:
            return before == 0
        if kind is Kind.REMOVED:
            return after == 0
        if kind is Kind.CHANGED:
            return (before != 0) & (after != 0)
        return np.ones(len(before), bool)


def compare_versions(
    before: Side, after: Side, *, origins: Rows | None, is_same_line: SameLine
) -> Diff:
    """Find the rows that differ. `origins`: for each row of `after` its row in `before`, or 0."""
    pairs = _paired(before, after, origins)
    is_equal = before.digests[pairs[0]] == after.digests[pairs[1]]
    unread = np.flatnonzero(is_equal & (before.digests[pairs[0]] == NOTHING))[:MOST_LINES_READ]
    for place in unread:
        ours, theirs = int(pairs[0][place]) + 1, int(pairs[1][place]) + 1
        is_equal[place] = is_same_line(ours, theirs)
    return Diff(_table(pairs, is_equal, len(before.digests), len(after.digests)))


def unchanged_rows(
    before: Side,
    after: Side,
    *,
    origins: Rows | None,
    is_same_line: SameLine,
    wanted: Sequence[int],
) -> dict[int, int]:
    """Say where rows of `before` are in `after`; those that changed or are gone are left out."""
    ours, theirs = _paired(before, after, origins)
    place = np.zeros(len(before.digests) + 1, np.int64)  # the row in `after`, from 1
    place[ours + 1] = theirs + 1
    pairs = ((row, int(place[row])) for row in wanted if 0 < row < len(place) and place[row])
    return {
        row: there
        for row, there in pairs
        if before.digests[row - 1] == after.digests[there - 1]
        and (before.digests[row - 1] != NOTHING or is_same_line(row, there))
    }


def composed(first: Rows, second: Rows) -> Rows:
    """Follow origins over two generations: from the rows of the last to those of the first."""
    followed = np.zeros(len(second), np.uint32)
    known = (second > 0) & (second <= len(first))
    followed[known] = first[second[known] - 1]
    return followed


def _paired(before: Side, after: Side, origins: Rows | None) -> tuple[Places, Places]:
    """Pair the rows of two versions: the places of each pair, from 0."""
    if origins is None:
        return _paired_by_digest(before, after)
    return _paired_by_origin(origins, len(before.digests))


def _paired_by_origin(origins: Rows, before_rows: int) -> tuple[Places, Places]:
    """Pair each row with the one it was made from; what is made twice is an addition."""
    theirs = np.flatnonzero((origins > 0) & (origins <= before_rows))
    ours, first = np.unique(origins[theirs].astype(np.int64) - 1, return_index=True)
    return ours, theirs[first]


def _paired_by_digest(before: Side, after: Side) -> tuple[Places, Places]:
    ours, theirs = _matched(before.digests, after.digests)
    lone_before = _others(ours, len(before.digests), before.questions)
    lone_after = _others(theirs, len(after.digests), after.questions)
    asked, answered = _matched(before.questions[lone_before], after.questions[lone_after])
    return (
        np.concatenate([ours, lone_before[asked]]),
        np.concatenate([theirs, lone_after[answered]]),
    )


def _others(taken: Places, rows: int, questions: Digests) -> Places:
    """Return the rows that have no partner yet, and a question to find one by."""
    is_free = np.ones(rows, bool)
    is_free[taken] = False
    return np.flatnonzero(is_free & (questions != NOTHING))


def _matched(before: Digests, after: Digests) -> tuple[Places, Places]:
    """Pair equal values: the first on one side with the first on the other, and so on."""
    ours, theirs = np.argsort(before, kind="stable"), np.argsort(after, kind="stable")
    mine, other = before[ours], after[theirs]
    rank = np.arange(len(mine)) - np.searchsorted(mine, mine, side="left")
    place = np.searchsorted(other, mine, side="left") + rank
    inside = np.flatnonzero(place < len(other))
    hits = inside[other[place[inside]] == mine[inside]]
    return ours[hits], theirs[place[hits]]


def _table(
    pairs: tuple[Places, Places],
    is_equal: npt.NDArray[np.bool_],
    before_rows: int,
    after_rows: int,
) -> Rows:
    """Put what differs in order: a row that is gone stands where it would have been."""
    ours, theirs = pairs
    partner = np.zeros(before_rows, np.int64)  # the row in `after`, from 1
    partner[ours] = theirs + 1
    is_new = np.ones(after_rows, bool)
    is_new[theirs] = False
    added = np.flatnonzero(is_new) + 1
    removed = np.flatnonzero(partner == 0) + 1
    changed = np.flatnonzero(~is_equal)
    old = np.concatenate([ours[changed] + 1, np.zeros(len(added), np.int64), removed])
    new = np.concatenate([theirs[changed] + 1, added, np.zeros(len(removed), np.int64)])
    anchor = np.concatenate([theirs[changed] + 1, added, _before_gaps(partner)[removed - 1]])
    order = np.lexsort((old, new == 0, anchor))
    steps = partner[partner > 0]
    head = [len(ours) - len(changed), bool(np.any(steps[1:] < steps[:-1]))]
    return np.vstack([head, np.column_stack([old, new])[order]]).astype(np.uint32)


def _before_gaps(partner: Places) -> Places:
    """Return for each row of the older version the place of the last one that is still there."""
    at = np.where(partner > 0, np.arange(len(partner)), -1)
    last = np.maximum.accumulate(at) if len(at) else at
    return np.where(last >= 0, partner[last], 0)
