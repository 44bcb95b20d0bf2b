"""Statistics of many small whole numbers in little memory: how often each one came (pure).

A million rows have only a few thousand different lengths, so every figure below is exact.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

BINS = 24
WAITING_VALUES = 100_000  # counted at once: sorting many costs less than sorting a few, often


class Distribution:
    """Counts of values; the figures of the page come from it."""

    def __init__(self) -> None:
        self._settled: Counter[int] = Counter()
        self._waiting: list[npt.NDArray[Any]] = []
        self._waiting_values = 0

    def add(self, values: npt.NDArray[Any]) -> None:
        """Count some more values."""
        self._waiting.append(values)
        self._waiting_values += len(values)
        if self._waiting_values >= WAITING_VALUES:
            self._settle()

    def _settle(self) -> None:
        seen, counts = np.unique(np.concatenate(self._waiting), return_counts=True)
        for value, count in zip(seen.tolist(), counts.tolist(), strict=True):
            self._settled[value] += count
        self._waiting, self._waiting_values = [], 0

    @property
    def counts(self) -> Counter[int]:
        """How often each value came."""
        if self._waiting:
            self._settle()
        return self._settled

    def above(self, limit: int) -> int:
        """Count the values beyond a limit."""
        return sum(count for value, count in self.counts.items() if value > limit)

    def capped_total(self, limit: int) -> int:
        """Add up the values, none of them counted beyond the limit."""
        return sum(min(value, limit) * count for value, count in self.counts.items())

    def figures(self) -> dict[str, Any]:
        """Return total, min, median, p95, max and a histogram; empty without values."""
        if not self.counts:
            return {}
        values = np.array(sorted(self.counts), np.int64)
        counts = np.array([self.counts[value] for value in values.tolist()], np.int64)
        cumulated = np.cumsum(counts)
        return {
            "total": int((values * counts).sum()),
            "min": int(values[0]),
            "median": _at(0.5, values, cumulated),
            "p95": _at(0.95, values, cumulated),
            "max": int(values[-1]),
            "histogram": _histogram(values, counts),
        }


def _at(share: float, values: npt.NDArray[np.int64], cumulated: npt.NDArray[np.int64]) -> int:
    """Return the smallest value that at least this share of all values do not exceed."""
    return int(values[np.searchsorted(cumulated, share * cumulated[-1])])


def _histogram(values: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> dict[str, Any]:
    """Return bins that grow by a constant factor; the last edge is one beyond the largest value."""
    edges = _edges(int(values[0]), int(values[-1]))
    heights, _ = np.histogram(values, bins=edges, weights=counts)
    return {"edges": edges, "counts": [int(height) for height in heights]}


def _edges(smallest: int, largest: int) -> list[int]:
    """Return at most BINS + 1 rising whole numbers."""
    spaced = np.geomspace(max(smallest, 1), largest + 1, BINS + 1).round()
    edges: Iterable[int] = {smallest, *(int(edge) for edge in spaced), largest + 1}
    return sorted(edge for edge in edges if smallest <= edge <= largest + 1)
