"""Two versions compared, shaped for the page."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from apps.datasets.models import Version
from apps.datasets.quality import leaks
from apps.datasets.recipes.leaked import written
from apps.datasets.selectors.quality import Beside, beside

PAGE_PAIRS = 10
MOST_LISTED = 500
EXACT, LOOSE, NEAR, QUESTION = "exact", "loose", "near", "question"
LEAKED = (EXACT, LOOSE, NEAR)  # what the button leaves out; a question alone may come twice


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of the validation data and one of the training data that is like it."""

    kind: str
    number: int
    other: int
    percent: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many rows leak, in which way, and the first pairs of each."""

    counts: dict[str, int | None]  # None: not known yet
    pairs: list[Pair]
    rows: str  # those to leave out, as the step reads them
    total: int

    @property
    def leaked(self) -> int:
        return sum(self.counts[kind] or 0 for kind in LEAKED)

    @property
    def percent(self) -> float:
        return round(100 * self.leaked / max(self.total, 1), 1)

    @property
    def remaining(self) -> int:
        return self.total - self.leaked


def compare(validation: Version, training: Version) -> Comparison | None:
    """Compare two checked versions; None when one was checked too long ago to be compared."""
    mine, theirs = leaks.numbers_of(validation.path), leaks.numbers_of(training.path)
    if mine is None or theirs is None:
        return None
    found = leaks.leaks(mine, theirs)
    known = np.concatenate((found.exact, found.loose))
    near = leaks.near(validation.path, training.path, without=known)
    everything = known if near is None else np.concatenate((known, near.rows))
    asked = np.setdiff1d(leaks.same_questions(mine, theirs), everything)
    pairs = [
        *_pairs(EXACT, found.exact, mine.exact, theirs.exact),
        *_pairs(LOOSE, found.loose, mine.loose, theirs.loose),
        *(_near_pairs(near) if near else ()),
        *_pairs(QUESTION, asked, mine.question, theirs.question),
    ]
    counts = {
        EXACT: len(found.exact),
        LOOSE: len(found.loose),
        NEAR: None if near is None else len(near.rows),
        QUESTION: len(asked),
    }
    return Comparison(counts, pairs, written((everything + 1).tolist()), len(mine.exact))


def _pairs(kind: str, rows: Any, ones: Any, others: Any) -> list[Pair]:
    listed = rows[:MOST_LISTED]
    if not len(listed):
        return []
    partners = leaks.partners(listed, ones, others)
    return [
        Pair(kind, row + 1, other + 1)
        for row, other in zip(listed.tolist(), partners.tolist(), strict=True)
    ]


def _near_pairs(near: leaks.Near) -> list[Pair]:
    return [
        Pair(NEAR, int(row) + 1, int(other) + 1, round(100 * float(share)))
        for row, other, share in zip(
            near.rows[:MOST_LISTED], near.partners, near.shares, strict=False
        )
    ]


@dataclass(frozen=True, slots=True)
class Opened:
    """A pair with the rows themselves."""

    pair: Pair
    mine: Beside
    theirs: Beside


def opened_pairs(validation: Version, training: Version, pairs: list[Pair]) -> list[Opened]:
    """Read the rows of each pair."""
    return [
        Opened(pair, beside(validation, pair.number), beside(training, pair.other))
        for pair in pairs
    ]


def leaked_rows(validation: Version | None, training: Version | None) -> int | None:
    """Count quickly, for a form; None when it cannot be told, or there is nothing to compare."""
    if validation is None or training is None or validation == training:
        return None
    mine, theirs = leaks.numbers_of(validation.path), leaks.numbers_of(training.path)
    return leaks.leaked_count(mine, theirs) if mine and theirs else None
