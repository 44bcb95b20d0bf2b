"""Long series of numbers as arrays: merged, cut into chunks, and thinned to their peaks (pure)."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

SIZE = 8192  # points of a full chunk: 96 kB
PEAKS = 256  # of each chunk, to draw it from afar

Steps: TypeAlias = NDArray[np.int32]
Numbers: TypeAlias = NDArray[np.float64]
STEP = np.dtype("<i4")
NUMBER = np.dtype("<f8")


class Series(NamedTuple):
    """Numbers by step, in the order of the steps; a step without a number is not in it."""

    steps: Steps
    numbers: Numbers

    def between(self, first: int, last: int) -> "Series":
        """Return the points from one step to another, both included."""
        begin, end = np.searchsorted(self.steps, [first, last + 1])
        return Series(self.steps[begin:end], self.numbers[begin:end])


EMPTY = Series(np.empty(0, STEP), np.empty(0, NUMBER))


def unpacked(steps: bytes, numbers: bytes) -> Series:
    """Read what `packed` wrote."""
    return Series(np.frombuffer(steps, STEP), np.frombuffer(numbers, NUMBER))


def packed(series: Series) -> tuple[bytes, bytes]:
    """Return the series as two rows of little-endian numbers."""
    return series.steps.astype(STEP).tobytes(), series.numbers.astype(NUMBER).tobytes()


def merged(old: Series, new: Series) -> Series:
    """Join two series; where both know a step, the new one wins."""
    if not len(old.steps) or not len(new.steps):
        return new if len(new.steps) else old
    if old.steps[-1] < new.steps[0]:
        return _joined(old, new)
    both = _joined(new, old)
    steps, places = np.unique(both.steps, return_index=True)  # the first of each
    return Series(steps, both.numbers[places])


def _joined(one: Series, other: Series) -> Series:
    steps = np.concatenate([one.steps, other.steps])
    return Series(steps, np.concatenate([one.numbers, other.numbers]))


def pieces(series: Series) -> Iterator[Series]:
    """Cut a series into full chunks and a rest: a full one is not written again."""
    for begin in range(0, len(series.steps), SIZE):
        end = begin + SIZE
        yield Series(series.steps[begin:end], series.numbers[begin:end])


def peaks(series: Series, most: int = PEAKS) -> Series:
    """Thin to both ends and the lowest and highest of each stretch; no point is moved or made."""
    count = len(series.steps)
    if count <= most:
        return series
    width = -(-(count - 2) // ((most - 2) // 2))
    inner = np.arange(1, count - 1)
    padded = np.pad(inner, (0, -len(inner) % width), mode="edge").reshape(-1, width)
    stretches = series.numbers[padded]
    lines = np.arange(len(padded))
    lowest = padded[lines, stretches.argmin(axis=1)]
    highest = padded[lines, stretches.argmax(axis=1)]
    places = np.unique(np.concatenate([[0], lowest, highest, [count - 1]]))
    return Series(series.steps[places], series.numbers[places])
