"""Rows that say nearly the same, put together (pure, flat memory).

Signatures lie in temporary files: 208 bytes per row. Bands are read one at a time and sorted; rows
of one band are compared with their neighbours in it only, so that a million equal rows cost a
million comparisons and not a billion.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from apps.datasets.quality.shingles import BANDS, SLOTS

LEAST_SIMILARITY = 0.8  # of the runs of three words, as far as 128 minima can tell
PAIRS_AT_ONCE = 100_000
MOST_SHOWN = 50
MOST_ROWS_SHOWN = 6

Rows = npt.NDArray[np.int64]


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
    """The signatures of all rows, on disk; gone when closed."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        self._signs, *self._bands = [self._new(folder) for _ in range(BANDS + 1)]
        self.rows = 0

    def _new(self, folder: Path) -> IO[bytes]:
        return self._stack.enter_context(tempfile.TemporaryFile(dir=folder))

    def __enter__(self) -> "Signatures":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def add(self, signs: npt.NDArray[np.uint8], bands: npt.NDArray[np.uint32]) -> None:
        """Keep the signatures of the next rows."""
        self._signs.write(signs.tobytes())
        for file, column in zip(self._bands, bands.T, strict=True):
            file.write(column.tobytes())
        self.rows += len(signs)

    def clusters(self) -> Clusters:
        """Compare all rows that share a band; put together those that are alike."""
        first = np.arange(self.rows)
        if self.rows:
            for file in self._bands:
                file.flush()
                file.seek(0)
                for earlier, later in _neighbours(np.frombuffer(file.read(), np.uint32)):
                    apart = first[earlier] != first[later]
                    self._join(first, earlier[apart], later[apart])
        return Clusters(first)

    def _join(self, first: Rows, earlier: Rows, later: Rows) -> None:
        if len(earlier):
            alike = self.similarity(earlier, later) >= LEAST_SIMILARITY
            unite(first, earlier[alike], later[alike])

    def similarity(self, ones: Rows, others: Rows) -> npt.NDArray[np.float64]:
        """Estimate which share of their text each pair of rows has in common."""
        self._signs.flush()
        signs = np.memmap(self._signs, np.uint8, "r").reshape(-1, SLOTS)
        share: npt.NDArray[np.float64] = (signs[ones] == signs[others]).mean(axis=1)
        return share


def _neighbours(bands: npt.NDArray[np.uint32]) -> Iterator[tuple[Rows, Rows]]:
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
