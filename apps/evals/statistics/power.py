"""How many rows a difference needs to be seen, and what so many rows can show."""

import math

from apps.evals.statistics.types import ALPHA, FEWEST_ROWS

POWER = 0.8
MOST_EXACT_ROWS = 2_000
SEARCHES = 50


def rows_needed(
    *, discordant: float, gap: float, power: float = POWER, alpha: float = ALPHA
) -> int:
    """Return how many rows show this gap in pass rates with exact McNemar.

    `discordant`: the share of rows on which both models differ, from a pilot; it is at least `gap`.
    Starts from Connor's formula (Biometrics 43, 1987, 207-211), which is for the test without
    exactness and comes out up to a tenth too small, and searches upwards.
    """
    discordant = _checked(discordant, gap)
    from scipy.stats import norm

    z, z_power = float(norm.isf(alpha / 2)), float(norm.isf(1 - power))
    connor = ((z * math.sqrt(discordant) + z_power * math.sqrt(discordant - gap**2)) ** 2) / gap**2
    low = max(FEWEST_ROWS, math.ceil(connor)) - 1
    high = low + math.ceil(4 / gap) + FEWEST_ROWS
    while high - low > 1:
        middle = (low + high) // 2
        enough = power_of(middle, discordant, gap, alpha) >= power
        low, high = (low, middle) if enough else (middle, high)
    return high


def rows_for_scores(
    *, deviation: float, gap: float, power: float = POWER, alpha: float = ALPHA
) -> int:
    """Return how many rows show this gap in mean scores: the normal approximation."""
    from scipy.stats import norm

    z = float(norm.isf(alpha / 2)) + float(norm.isf(1 - power))
    return max(FEWEST_ROWS, math.ceil((z * deviation / gap) ** 2))


def detectable_gap(
    rows: int, discordant: float, *, power: float = POWER, alpha: float = ALPHA
) -> float | None:
    """Return the smallest gap in pass rates that so many rows show; None where they show none."""
    if not 0 < discordant <= 1:
        raise ValueError("the share of rows that differ is above 0 and at most 1")
    if power_of(rows, discordant, discordant, alpha) < power:
        return None
    low, high = 0.0, discordant
    for _ in range(SEARCHES):
        middle = (low + high) / 2
        enough = power_of(rows, discordant, middle, alpha) >= power
        low, high = (low, middle) if enough else (middle, high)
    return high


def rounded_up(rows: int) -> int:
    """Round up to two figures: a plan hangs on a guess, and must not look exact."""
    step: int = 10 ** max(0, int(math.log10(rows)) - 1)
    return -(-rows // step) * step


def power(rows: int, *, discordant: float, gap: float, alpha: float = ALPHA) -> float:
    """Return the probability that so many rows show this gap in pass rates."""
    return power_of(rows, _checked(discordant, gap), gap, alpha)


def power_of(rows: int, discordant: float, gap: float, alpha: float) -> float:
    """Return the power of exact McNemar; above 2,000 rows of its continuity-corrected form."""
    if rows <= 0:
        return 0.0
    return (_exact if rows <= MOST_EXACT_ROWS else _normal)(rows, discordant, gap, alpha)


def _exact(rows: int, discordant: float, gap: float, alpha: float) -> float:
    """Sum over how many rows may differ, as PROC POWER of SAS does (DIST=EXACT_COND)."""
    import numpy as np
    from scipy.stats import binom

    differing = np.arange(rows + 1)
    fixed = (discordant + gap) / (2 * discordant)
    edge = binom.ppf(alpha / 2, differing, 0.5)
    edge -= binom.cdf(edge, differing, 0.5) > alpha / 2  # at most so many: significant
    seen = binom.cdf(edge, differing, fixed) + binom.sf(differing - edge - 1, differing, fixed)
    seen = np.where(edge < 0, 0.0, seen)
    return float(np.clip(np.sum(binom.pmf(differing, rows, discordant) * seen), 0, 1))


def _normal(rows: int, discordant: float, gap: float, alpha: float) -> float:
    from scipy.stats import norm

    spread = math.sqrt(rows * max(discordant - gap**2, 1e-12))
    far = float(norm.isf(alpha / 2)) * math.sqrt(rows * discordant) + 1
    return float(norm.cdf((rows * gap - far) / spread) + norm.cdf((-rows * gap - far) / spread))


def _checked(discordant: float, gap: float) -> float:
    """Return the share of rows that differ, which cannot be below the gap."""
    if not (0 < gap <= 1 and 0 <= discordant <= 1):
        raise ValueError("a gap is above 0, and shares are at most 1")
    return max(discordant, gap)
