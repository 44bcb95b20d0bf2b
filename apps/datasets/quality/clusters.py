"""Rows that say nearly the same, put together (pure, flat memory).

Signatures lie in a file beside the rows: 128 bytes per row. Bands are read one at a time and
sorted; rows of one band are compared with their neighbours in it only, so that a million equal rows
cost a million comparisons and not a billion.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from apps.datasets.quality.shingles import BANDS, SLOTS, Bytes, band

SUFFIX = ".signs"
LEAST_SIMILARITY = 0.8  # of the runs of three words, as far as 128 minima can tell
PAIRS_AT_ONCE = 100_000
MOST_SHOWN = 50
MOST_ROWS_SHOWN = 6

Rows = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


@dataclass(slots=True)
class Clusters:
    """Which cluster each row is in, named by its first row (counted from 0)."""

    first: Rows
    sizes: Rows = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        self.sizes = np.bincount(self.first, minlength=len(self.first))

    @property
    def copies(self) -> Rows:
        """Rows that are like an earlier one."""
        return np.flatnonzero(self.first != np.arange(len(self.first)))

    def largest(self, most: int = MOST_SHOWN) -> list[tuple[int, int, list[int]]]:
        """List (first row, size, its first rows), the largest first."""
        heads = np.flatnonzero(self.sizes > 1)
        heads = heads[np.argsort(-self.sizes[heads], kind="stable")][:most]
        return [(int(head), int(self.sizes[head]), self._rows_of(head)) for head in heads]

    def _rows_of(self, head: Any) -> list[int]:
        rows: list[int] = np.flatnonzero(self.first == head)[:MOST_ROWS_SHOWN].tolist()
        return rows


class Signatures:
    """The signatures of all rows while they are written, and then compared."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.rows = 0

    def add(self, signs: Bytes) -> None:
        """Keep the signatures of the next rows."""
        self._file.write(signs.tobytes())
        self.rows += len(signs)

    def clusters(self, tick: Callable[[], None] = lambda: None) -> Clusters:
        """Compare all rows that share a band; put together those that are alike.

        Calls `tick` now and then: a million rows take seconds.
        """
        first = np.arange(self.rows)
        signs = self._read()
        for number in range(BANDS):
            tick()
            for earlier, later in _neighbours(band(signs, number)):
                apart = first[earlier] != first[later]
                earlier, later = earlier[apart], later[apart]
                alike = similarity(signs[earlier], signs[later]) >= LEAST_SIMILARITY
                unite(first, earlier[alike], later[alike])
        return Clusters(first)

    def shared(self, ones: Rows, others: Rows) -> Shares:
        """Estimate which share of their text each pair of rows has in common."""
        signs = self._read()
        return similarity(signs[ones], signs[others])

    def _read(self) -> Bytes:
        self._file.flush()
        if not self.rows:
            return np.zeros((0, SLOTS), np.uint8)
        return np.memmap(self._file, np.uint8, "r").reshape(-1, SLOTS)


@contextmanager
def writing(path: Path) -> Iterator[Signatures]:
    """Write the signatures of the file of rows at this path; they are there whole or not at all."""
    target = path.with_suffix(SUFFIX)
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f"{path.stem}{SUFFIX}.", suffix=".part", delete=False
    ) as file:
        try:
            yield Signatures(file)
            file.flush()
            Path(file.name).replace(target)
        finally:
            Path(file.name).unlink(missing_ok=True)


def read(path: Path) -> Bytes | None:
    """Map the signatures beside a file of rows; None when it was not examined yet."""
    try:
        signs = np.memmap(path.with_suffix(SUFFIX), np.uint8, "r")
    except (FileNotFoundError, ValueError):  # ValueError: an empty file
        return None
    return signs.reshape(-1, SLOTS) if not len(signs) % SLOTS else None


def similarity(ones: Bytes, others: Bytes) -> Shares:
    """Estimate for each pair of signatures which share of their text is the same."""
    share: Shares = (ones == others).mean(axis=1)
    return share


def _neighbours(bands: npt.NDArray[np.uint64]) -> Iterator[tuple[Rows, Rows]]:
    """Yield pairs of rows with the same band, each with the one before it and with the first."""
    order = np.argsort(bands, kind="stable")
    order = order[bands[order] != 0]
    values = bands[order]
    same = np.flatnonzero(values[1:] == values[:-1])
    heads = np.concatenate(([0], np.flatnonzero(values[1:] != values[:-1]) + 1))
    head_of = heads[np.searchsorted(heads, same, side="right") - 1]
    for start in range(0, len(same), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        yield order[same[part]], order[same[part] + 1]
        yield order[head_of[part]], order[same[part] + 1]


def unite(first: Rows, ones: Rows, others: Rows) -> None:
    """Put the clusters of each pair together, in place, until every pair has one name."""
    while len(ones):
        left, right = first[ones], first[others]
        low, high = np.minimum(left, right), np.maximum(left, right)
        np.minimum.at(first, high, low)
        while (nearer := first[first]).tobytes() != first.tobytes():
            first[:] = nearer
        apart = first[ones] != first[others]
        ones, others = ones[apart], others[apart]
