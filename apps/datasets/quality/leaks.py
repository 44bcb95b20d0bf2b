"""Which rows of one file are in another one as well: validation on these proves nothing (pure).

Compared are the numbers that the check and the examination keep of every row, never the rows: two
files of a million rows each take some tens of milliseconds, near copies about a second.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from apps.datasets import columns
from apps.datasets.check.digests import NOTHING, combined, digest, exact, parts_of
from apps.datasets.quality import clusters
from apps.datasets.quality.clusters import LEAST_SIMILARITY, similarity
from apps.datasets.quality.shingles import BANDS, Bytes, band
from apps.datasets.recipes.parts import read_rows

Digests = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]

TABLE_BITS = 24  # 16 MB while it is used
FACTOR = np.uint64(0x9E3779B97F4A7C15)
MOST_COMPUTED_BYTES = 32 * 1024 * 1024  # of a file that an earlier release has checked
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is compared of every row of a file."""

    exact: Digests
    loose: Digests
    question: Digests


@dataclass(frozen=True, slots=True)
class Leaks:
    """Rows of the validation file (from 0), each with a row of the training file like it."""

    exact: Rows
    loose: Rows  # the same but for capitals and spaces; not those of `exact`
    rows: int

    @property
    def count(self) -> int:
        return len(self.exact) + len(self.loose)

    @property
    def percent(self) -> float:
        return 100 * self.count / max(self.rows, 1)


def numbers_of(path: Path) -> Numbers | None:
    """Read what the check kept of a file; None when it kept nothing and the file is large."""
    if there := columns.read(path):
        return Numbers(there.digest, there.loose, there.question)
    if not path.is_file() or path.stat().st_size > MOST_COMPUTED_BYTES:
        return None
    values = [_digests(row.data) for row in read_rows(path)]
    return Numbers(*np.array(values, np.uint64).reshape(-1, 3).T)


def _digests(data: object) -> tuple[int, int, int]:
    if not isinstance(data, dict):
        return NOTHING, NOTHING, NOTHING
    asked, answered = parts_of(data)
    loose = combined(digest(asked), digest(answered)) if asked or answered else NOTHING
    return exact(data), loose, digest(asked) if asked else NOTHING


def leaks(validation: Numbers, training: Numbers) -> Leaks:
    """Find the rows that the training file holds as well, exactly or loosely."""
    same = _shared(validation.exact, training.exact)
    loosely = _shared(validation.loose, training.loose)
    only_loosely = np.setdiff1d(loosely, same, assume_unique=True)
    return Leaks(same, only_loosely, len(validation.exact))


def leaked_count(validation: Numbers, training: Numbers) -> int:
    """Count those rows; what is the same exactly is the same loosely as well."""
    return len(_shared(validation.loose, training.loose))


def same_questions(validation: Numbers, training: Numbers) -> Rows:
    """Find rows whose question is in the training file, whatever the answer."""
    return _shared(validation.question, training.question)


def _shared(ones: Digests, others: Digests) -> Rows:
    """Return the places of those values that are among the others. NOTHING equals nothing."""
    found = np.flatnonzero(_possible(ones, others))
    values = np.unique(others[_possible(others, ones)])
    found = found[np.isin(ones[found], values)]
    return np.asarray(found[ones[found] != NOTHING], np.int64)


def _possible(ones: Digests, others: Digests) -> npt.NDArray[np.bool_]:
    """Tell by a table which values cannot be among the others: nearly all."""
    shift = np.uint64(64 - TABLE_BITS)
    table = np.zeros(1 << TABLE_BITS, bool)
    table[(np.asarray(others) * FACTOR) >> shift] = True
    answer: npt.NDArray[np.bool_] = table[(np.asarray(ones) * FACTOR) >> shift]
    return answer


def partners(rows: Rows, ones: Digests, others: Digests) -> Rows:
    """Return for each of these rows the first row of the other file with the same value."""
    order = np.argsort(others, kind="stable")
    places = np.searchsorted(others, ones[rows], sorter=order)
    return np.asarray(order[places], np.int64)


@dataclass(frozen=True, slots=True)
class Near:
    """Rows of the validation file that are nearly those of the training file."""

    rows: Rows
    partners: Rows
    shares: npt.NDArray[np.float64]


def near(validation: Path, training: Path, *, without: Rows) -> Near | None:
    """Find near copies beside the rows known already; None until both files were examined."""
    ones, others = clusters.read(validation), clusters.read(training)
    if ones is None or others is None:
        return None
    partner = np.full(len(ones), NOBODY)
    partner[without[without < len(ones)]] = 0  # these need none
    share = np.zeros(len(ones))
    for number in range(BANDS):
        _compare(ones, others, number, partner, share)
    partner[without[without < len(ones)]] = NOBODY
    rows = np.flatnonzero(partner != NOBODY)
    return Near(rows, partner[rows], share[rows])


def _compare(
    ones: Bytes, others: Bytes, number: int, partner: Rows, share: npt.NDArray[np.float64]
) -> None:
    """Give a partner to each row that shares this band with a row like it."""
    open_rows = np.flatnonzero(partner == NOBODY)
    mine, theirs = band(ones[open_rows], number), band(others, number)
    possible = np.flatnonzero(_possible(theirs, mine) & (theirs != 0))
    if not len(possible) or not len(mine):
        return
    values, first = np.unique(theirs[possible], return_index=True)
    places = np.minimum(np.searchsorted(values, mine), len(values) - 1)
    hits = np.flatnonzero(values[places] == mine)
    rows, candidates = open_rows[hits], possible[first[places[hits]]]
    shares = similarity(ones[rows], others[candidates])
    alike = shares >= LEAST_SIMILARITY
    partner[rows[alike]] = candidates[alike]
    share[rows[alike]] = shares[alike]
