"""Shares of rows that pass, and how two models differ on the same rows."""

import math
from collections.abc import Sequence

from apps.evals.statistics.deciding import decided
from apps.evals.statistics.pairs import paired
from apps.evals.statistics.types import ALPHA, CONFIDENCE, FEWEST_ROWS, Comparison, Interval, Test

NUDGE = 1e-9  # beside the estimate: at it, no difference at all would be a root too


def proportion(passed: int, total: int) -> Interval | None:
    """Return the share that passed with Wilson's score interval; None of nothing."""
    if not total:
        return None
    from scipy.stats import binomtest

    interval = binomtest(passed, total).proportion_ci(CONFIDENCE, method="wilson")
    share = passed / total
    # Wilson's ends at 0 and 1 come out a rounding error beside them.
    return Interval(share, min(share, float(interval.low)), max(share, float(interval.high)))


def mean_share(mean: float, rows: int) -> Interval | None:
    """Return a mean of values from 0 to 1, one for each row, with Wilson's interval; None of none.

    Of plain passes it is that of `proportion`. Values in between vary less than passes of the same
    mean, so for these it is wider than it had to be, never too narrow.
    """
    if not rows:
        return None
    from scipy.stats import norm

    z = float(norm.isf(ALPHA / 2)) ** 2 / rows
    middle = (mean + z / 2) / (1 + z)
    half = math.sqrt(max(0.0, z * mean * (1 - mean) + z * z / 4)) / (1 + z)
    return Interval(mean, max(0.0, min(mean, middle - half)), min(1.0, max(mean, middle + half)))


def compare_pass(
    a: Sequence[bool | None], b: Sequence[bool | None], *, plans: bool = True
) -> Comparison:
    """Compare candidate `b` with baseline `a`, row by row: exact McNemar, Tango's interval.

    A row without a verdict (None) of one of both is left out and counted in `skipped`.
    """
    pairs, skipped = paired(a, b)
    better = sum(not one and bool(other) for one, other in pairs)
    worse = sum(bool(one) and not other for one, other in pairs)
    return compare_counts(
        better,
        worse,
        rows=len(pairs),
        skipped=skipped,
        passed=sum(bool(one) for one, _ in pairs),
        plans=plans,
    )


def compare_counts(
    better: int,
    worse: int,
    *,
    rows: int,
    skipped: int = 0,
    passed: int | None = None,
    plans: bool = True,
) -> Comparison:
    """Compare by counts: rows fixed and broken, or votes won and lost among all votes.

    `passed` is how many rows the baseline passes, where that is known.
    """
    if min(better, worse, skipped) < 0 or better + worse > rows:
        raise ValueError("more rows differ than there are rows")
    effect = (better - worse) / rows if rows else 0.0
    spread = (better + worse) / rows - effect**2 if rows else 0.0
    baseline = passed / rows if rows and passed is not None else None
    low, high = difference_interval(better, worse, rows) if rows else (None, None)
    return decided(
        Comparison(
            effect=effect,
            low=low,
            high=high,
            p_value=_mcnemar(better, worse) if rows >= FEWEST_ROWS else None,
            test=Test.MCNEMAR,
            rows=rows,
            better=better,
            worse=worse,
            equal=rows - better - worse,
            skipped=skipped,
            deviation=math.sqrt(max(0.0, spread)),
            baseline=baseline,
            candidate=None if baseline is None else baseline + effect,
        ),
        plans=plans,
    )


def difference_interval(better: int, worse: int, rows: int) -> tuple[float, float]:
    """Return Tango's interval of the difference in pass rates."""
    return _tango_low(better, worse, rows), -_tango_low(worse, better, rows)


def _mcnemar(better: int, worse: int) -> float:
    from scipy.stats import binomtest

    if not better + worse:
        return 1.0
    return float(binomtest(better, better + worse).pvalue)


def _tango_low(better: int, worse: int, rows: int) -> float:
    """Return the lower end of the score interval of a paired difference.

    Tango, Statistics in Medicine 17 (1998) 891-908. Solved without its division, so that rows that
    all agree have an interval too.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    if worse == rows:
        return -1.0
    z = float(norm.isf(ALPHA / 2))

    def above(delta: float) -> float:
        linear = (2 * rows - better + worse) * delta - better - worse
        root = math.sqrt(max(0.0, linear**2 + 8 * rows * worse * delta * (1 - delta)))
        broken = (root - linear) / (4 * rows)  # the likeliest share of broken rows, given delta
        variance = rows * (2 * broken + delta * (1 - delta))
        return better - worse - rows * delta - z * math.sqrt(max(0.0, variance))

    effect = (better - worse) / rows
    return float(brentq(above, -1.0, effect - NUDGE, xtol=1e-12))
