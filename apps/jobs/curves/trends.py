"""What a curve does, as arithmetic: has it turned, jumped, or come to rest (pure).

All curves are told as if lower were better. Batches are noisy, so a long curve is first cut into
bins of equal size and each bin speaks with its median; how much bins differ from their neighbours
is the noise that a change must stand out from.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from apps.jobs.curves.chunks import Series

BINS = 100
FEWEST = 20  # points below which a noisy curve says nothing
STAND_OUT = 8.0  # times the noise: a jump
TURN = 4.0  # times the standard error: a rise after the lowest point
LEAST_RISE = 0.03  # of the lowest value
CLEAR_RISE = 0.1
LEAST_GAIN = 0.1  # of the first value: who never improved has no plateau
FLAT = 0.02  # of all that was gained
RESTS = (0.6, 0.5, 0.4, 0.3)  # parts of the run, the longest first
FEWEST_BINS_AT_REST = 8

Numbers: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened: since which step, from which value to which, and how clearly."""

    since: int
    before: float
    after: float
    is_clear: bool


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing happened in this part of the run."""

    part: float
    since: int
    before: float
    after: float


def negated(series: Series) -> Series:
    """Turn a reward into something that should fall."""
    return Series(series.steps, -series.numbers)


def binned(series: Series) -> Series:
    """Return at most `BINS` points: first step and median of stretches of equal size."""
    count = len(series.steps)
    if count <= BINS:
        return series
    edges = np.linspace(0, count, BINS + 1).astype(int)
    medians = [np.median(series.numbers[a:b]) for a, b in pairwise(edges)]
    return Series(series.steps[edges[:-1]], np.array(medians))


def noise(numbers: Numbers) -> float:
    """Return the standard deviation around the trend, blind to a few jumps."""
    steps = np.abs(np.diff(numbers))
    return float(1.4826 * np.median(steps) / np.sqrt(2)) if len(steps) else 0.0


def calm(numbers: Numbers) -> Numbers:
    """Return the running median of three: one outlier is nothing."""
    if len(numbers) < 3:
        return numbers
    inner = np.median(np.stack([numbers[:-2], numbers[1:-1], numbers[2:]]), axis=0)
    return np.concatenate([[np.median(numbers[:2])], inner, [np.median(numbers[-2:])]])


def jump(series: Series) -> Change | None:
    """Tell whether the curve left its best level for good, far beyond its noise."""
    if len(series.steps) < FEWEST:
        return None
    bins = binned(series)
    level = calm(bins.numbers)
    best = int(level.argmin())
    start, low, end = float(level[:3].mean()), float(level[best]), float(level[-3:].min())
    rise = end - low
    spread = noise(bins.numbers[: max(best + 1, FEWEST // 2)])
    is_large = rise > 0.5 * abs(low) and rise > 0.3 * max(start - low, 0)
    if not is_large or rise <= STAND_OUT * spread:
        return None
    since = int(np.flatnonzero(level <= low + rise / 2)[-1]) + 1
    is_clear = rise > 2 * STAND_OUT * spread and end > start
    return Change(int(bins.steps[since]), low, float(np.median(level[since:])), is_clear)


def turn(valid: Series, *, is_whole_file: bool) -> Change | None:
    """Tell whether a curve rose again after its lowest point, and stayed up.

    A loss of the whole validation file has hardly any noise: four of them can tell. Those of single
    batches must be many.
    """
    is_exact = is_whole_file and len(valid.steps) < FEWEST
    if len(valid.steps) < (4 if is_exact else FEWEST):
        return None
    bins = binned(valid)
    level = bins.numbers if is_exact else calm(bins.numbers)
    best = int(level.argmin())
    later = level[best + 1 :]
    if len(later) < (2 if is_exact else 5):
        return None
    low, end = float(level[best]), float(np.median(later[-(len(later) // 3 or 1) :]))
    rise = end - low
    is_large = rise > LEAST_RISE * abs(low)
    if not is_large or not _climbs(level[best:], noise(bins.numbers), is_exact=is_exact):
        return None
    is_clear = rise > CLEAR_RISE * abs(low) and len(later) >= 3
    return Change(int(bins.steps[best]), low, end, is_clear)


def _climbs(level: Numbers, spread: float, *, is_exact: bool) -> bool:
    """Tell whether it goes up from here: every time, or far more than by chance."""
    if is_exact:
        return bool((np.diff(level) > 0).all())
    half = len(level) // 2
    rise = float(level[half:].mean() - level[:half].mean())
    return bool(rise > TURN * spread * np.sqrt(2 / half))


def fell(series: Series, since: int) -> tuple[float, float] | None:
    """Return the levels around a step and at the end if the curve fell between them."""
    if len(series.steps) < FEWEST:
        return None
    bins = binned(series)
    place = int(np.searchsorted(bins.steps, since, side="right")) - 1
    width = max(2, len(bins.steps) // 20)
    if place < 0 or len(bins.steps) - place <= 2 * width:
        return None
    then = float(np.mean(bins.numbers[max(0, place - width) : place + width + 1]))
    now = float(np.mean(bins.numbers[-width:]))
    error = noise(bins.numbers) * np.sqrt(1 / width + 1 / (2 * width))
    return (then, now) if then - now > max(2 * error, 0.005 * abs(then)) else None


def rest(series: Series) -> Rest | None:
    """Tell in which last part of the run the curve came to rest, after it had improved.

    Only where the noise is small enough to see that it does rest.
    """
    bins = binned(series)
    if len(bins.steps) < 2 * FEWEST:
        return None
    level = calm(bins.numbers)
    gained = float(level[:3].mean() - level.min())
    if gained <= LEAST_GAIN * abs(float(level[:3].mean())):
        return None
    for part in RESTS:
        found = _resting(bins, part, FLAT * gained)
        if found:
            return found
    return None


def _resting(bins: Series, part: float, most: float) -> Rest | None:
    begin = int(len(bins.steps) * (1 - part))
    steps, numbers = bins.steps[begin:].astype(float), bins.numbers[begin:]
    if len(steps) < FEWEST_BINS_AT_REST:
        return None
    (slope, offset), covariance = np.polyfit(steps, numbers, 1, cov="unscaled")
    residual = numbers - (slope * steps + offset)
    length = steps[-1] - steps[0]
    error = length * np.sqrt(covariance[0, 0] * residual.var(ddof=2))
    if abs(slope * length) + 2 * error > 2 * most:
        return None
    width = max(1, len(numbers) // 5)  # what is told was there: a line through it may go below 0
    before, after = np.median(numbers[:width]), np.median(numbers[-width:])
    return Rest(part, int(steps[0]), float(before), float(after))
