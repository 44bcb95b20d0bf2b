"""Where a mean lies with 95 % confidence, by resampling its rows."""

from typing import TYPE_CHECKING

from apps.evals.statistics.types import CONFIDENCE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

SEED = 20_261_121
RESAMPLES = 9_999
MOST_DRAWS = 20_000_000  # a second of work, however many rows
DRAWS_AT_ONCE = 2_000_000  # 16 MB
MOST_ROWS_CORRECTED = 1_000  # the correction for skew costs rows², and fades with them


def interval_of_mean(
    values: "Numbers", *, seed: int = SEED, resamples: int = RESAMPLES
) -> tuple[float, float]:
    """Return the bootstrap interval of the mean of sorted values; of mirrored rows its mirror."""
    mirrored = -values[::-1]
    if tuple(mirrored) < tuple(values):
        low, high = _bootstrapped(mirrored, seed, resamples)
        return -high, -low
    return _bootstrapped(values, seed, resamples)


def _bootstrapped(values: "Numbers", seed: int, resamples: int) -> tuple[float, float]:
    import numpy as np
    from scipy.stats import bootstrap

    rows, mean = len(values), float(np.mean(values))
    if values[0] == values[-1]:
        return mean, mean
    found = bootstrap(
        (values,),
        np.mean,
        n_resamples=min(resamples, MOST_DRAWS // rows),
        batch=max(1, DRAWS_AT_ONCE // rows),
        confidence_level=CONFIDENCE,
        method="BCa" if rows <= MOST_ROWS_CORRECTED else "percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return min(mean, float(found.low)), max(mean, float(found.high))
