"""When a difference is called decisive, and what would be needed where it is not."""

from dataclasses import replace

from apps.evals.statistics.power import rounded_up, rows_for_scores, rows_needed
from apps.evals.statistics.types import ALPHA, MOST_ROWS_NEEDED, Comparison, Test


def decided(comparison: Comparison, *, agrees: bool = True, plans: bool = True) -> Comparison:
    """Return it with `is_decisive` and `rows_needed`.

    Decisive: the p-value is below 5 % and the interval does not hold zero. Exact tests are
    careful, so the interval alone may already be on one side. `agrees`: whether the test leans the
    way of the effect; ranks need not, where few rows gain much and many lose little. `plans`:
    whether the rows that would be needed are searched for, which takes a moment.
    """
    p_value = comparison.p_value
    is_decisive = (
        p_value is not None
        and p_value < ALPHA
        and comparison.excludes_zero
        and not comparison.has_too_few_rows
        and agrees
    )
    return replace(
        comparison,
        is_decisive=is_decisive,
        rows_needed=_needed(comparison) if plans and not is_decisive else None,
    )


def holds_without_gaps(comparison: Comparison) -> bool:
    """Say whether a decisive difference stays, were every left-out row as bad for it as can be.

    Only of shares: how bad a score can be is not known here. For means of several answers it is
    asked whether the effect would keep its side, which is less than being decisive.
    """
    skipped, rows = comparison.skipped, comparison.rows
    if not skipped or not comparison.is_share:
        return True
    if comparison.test != Test.MCNEMAR:
        return abs(comparison.effect) * rows > skipped
    from scipy.stats import binomtest

    most, fewest = sorted((comparison.better, comparison.worse), reverse=True)
    against = fewest + skipped
    p_value = float(binomtest(most, most + against).pvalue)
    return most > against and p_value * comparison.family < ALPHA


def _needed(comparison: Comparison) -> int | None:
    """Say how many rows would decide this difference; None where it is none."""
    gap = abs(comparison.effect)
    if not gap or comparison.has_too_few_rows:
        return None
    alpha = ALPHA / comparison.family
    # A rough look first: rows for a tiny gap are beyond what can be searched exactly.
    if 10 * (comparison.deviation / gap) ** 2 > MOST_ROWS_NEEDED:
        return None
    if comparison.test == Test.MCNEMAR:
        rows = rows_needed(discordant=comparison.discordant or 0.0, gap=gap, alpha=alpha)
    else:
        rows = rows_for_scores(deviation=comparison.deviation, gap=gap, alpha=alpha)
    # Rounded, since the difference itself is uncertain; never what was not enough.
    return max(rounded_up(rows), comparison.rows + 1)
