"""The points of a chart as columns: few enough to draw, peaks kept, nothing invented (pure)."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 2000

Row: TypeAlias = Sequence[float | None]  # a step, then a number per series
Column: TypeAlias = list[float | None]
Numbers: TypeAlias = NDArray[np.float64]  # what is missing is NaN
Places: TypeAlias = NDArray[np.intp]


def columns(names: Sequence[str], rows: Sequence[Row]) -> dict[str, Column]:
    """Return a list per name, thinned where there are many rows. A kept row is left as it is."""
    table = np.array(rows, dtype=float).reshape(-1, len(names))
    if len(table) > MOST_POINTS:
        table = table[_places(table[:, 1:])]
    return {name: _column(numbers) for name, numbers in zip(names, table.T, strict=True)}


def _column(numbers: Numbers) -> Column:
    return [None if number != number else number for number in numbers.tolist()]  # NaN is not NaN


def _places(series: Numbers) -> Places:
    """Choose both ends and the peaks of every series; what a sparse one needs not, others get."""
    told = [np.flatnonzero(~np.isnan(numbers)) for numbers in series.T]
    chosen = [np.array([0, len(series) - 1])]
    left = MOST_POINTS - 2
    for waiting, n in enumerate(sorted(range(len(told)), key=lambda n: len(told[n]))):
        peaks = _peaks(series[:, n], told[n], left // (len(told) - waiting))
        chosen.append(peaks)
        left -= len(peaks)
    return np.unique(np.concatenate(chosen))


def _peaks(numbers: Numbers, told: Places, most: int) -> Places:
    """Return all places with a number if that is not too many, else two of each stretch."""
    if len(told) <= most:
        return told
    width = -(-len(told) // (most // 2))
    padded = np.pad(told, (0, -len(told) % width), mode="edge").reshape(-1, width)
    stretches = numbers[padded]
    lines = np.arange(len(padded))
    lowest, highest = stretches.argmin(axis=1), stretches.argmax(axis=1)
    return np.concatenate([padded[lines, lowest], padded[lines, highest]])
