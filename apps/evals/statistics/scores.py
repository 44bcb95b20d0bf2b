"""How the scores of two models differ on the same rows."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apps.evals.statistics.deciding import decided
from apps.evals.statistics.pairs import paired
from apps.evals.statistics.types import CONFIDENCE, FEWEST_ROWS, Comparison, Test

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Differences = npt.NDArray[np.float64]

SEED = 20_261_121
RESAMPLES = 9_999
MOST_DRAWS = 20_000_000  # a second of work, however many rows
DRAWS_AT_ONCE = 2_000_000  # 16 MB
MOST_ROWS_CORRECTED = 1_000  # the correction for skew costs rows², and fades with them


def compare_scores(
    a: Sequence[float | None],
    b: Sequence[float | None],
    *,
    seed: int = SEED,
    is_share: bool = False,
    resamples: int = RESAMPLES,
    plans: bool = True,
) -> Comparison:
    """Compare candidate `b` with baseline `a`, row by row: bootstrap interval, Wilcoxon's p.

    One value for each row: several samples of one row are no further rows (`per_row`). A row
    without a score (None) of one of both is left out and counted in `skipped`. The same rows in any
    order give the same numbers. Raises ValueError for values that are no finite numbers.
    """
    import numpy as np

    pairs, skipped = paired(a, b)
    values = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    differences = _differences(values)
    rows = len(values)
    effect = float(np.mean(differences)) if rows else 0.0
    low, high = _interval(differences, seed, resamples) if rows >= FEWEST_ROWS else (None, None)
    means = [math.fsum(column) / rows for column in values.T] if rows else [None, None]
    better, worse = int(np.sum(differences > 0)), int(np.sum(differences < 0))
    comparison = Comparison(
        effect=effect,
        low=low,
        high=high,
        p_value=_wilcoxon(differences) if rows >= FEWEST_ROWS else None,
        test=Test.WILCOXON,
        rows=rows,
        better=better,
        worse=worse,
        equal=rows - better - worse,
        skipped=skipped,
        is_share=is_share,
        deviation=float(np.std(differences, ddof=1)) if rows > 1 else 0.0,
        baseline=means[0],
        candidate=means[1],
    )
    return decided(comparison, agrees=_lean(differences) * effect > 0, plans=plans)


def per_row(samples: Sequence[Sequence[float | None]]) -> list[float | None]:
    """Return one value for each row: the mean of its samples, None where it has none."""
    known = ([value for value in row if value is not None] for row in samples)
    return [math.fsum(row) / len(row) if row else None for row in known]


def _differences(values: Any) -> "Differences":
    """Return candidate minus baseline, sorted: the order of rows must not matter.

    Rounded to twelve figures of the largest, so that 0.3 - 0.1 and 0.2 - 0 are tied.
    """
    import numpy as np

    differences = values[:, 1] - values[:, 0]
    if not np.all(np.isfinite(differences)):
        raise ValueError("scores are finite numbers")
    largest = float(np.max(np.abs(values), initial=0.0))
    if not largest:
        return np.zeros(len(values))
    scale = 10.0 ** math.floor(math.log10(largest))
    return np.sort(np.round(differences / scale, 12) * scale)


def _interval(differences: "Differences", seed: int, resamples: int) -> tuple[float, float]:
    """Return the paired bootstrap interval of the mean; that of the mirrored rows is its mirror."""
    mirrored = -differences[::-1]
    if tuple(mirrored) < tuple(differences):
        low, high = _bootstrapped(mirrored, seed, resamples)
        return -high, -low
    return _bootstrapped(differences, seed, resamples)


def _bootstrapped(differences: "Differences", seed: int, resamples: int) -> tuple[float, float]:
    import numpy as np
    from scipy.stats import bootstrap

    rows, effect = len(differences), float(np.mean(differences))
    if differences[0] == differences[-1]:
        return effect, effect
    found = bootstrap(
        (differences,),
        np.mean,
        n_resamples=min(resamples, MOST_DRAWS // rows),
        batch=max(1, DRAWS_AT_ONCE // rows),
        confidence_level=CONFIDENCE,
        method="BCa" if rows <= MOST_ROWS_CORRECTED else "percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return min(effect, float(found.low)), max(effect, float(found.high))


def _wilcoxon(differences: "Differences") -> float:
    """Return the two-sided p-value of the signed ranks; rows without a difference are left out."""
    from scipy.stats import wilcoxon

    differing = differences[differences != 0]
    return float(wilcoxon(differing).pvalue) if len(differing) else 1.0


def _lean(differences: "Differences") -> float:
    """Return the sum of signed ranks: which way the test leans."""
    import numpy as np
    from scipy.stats import rankdata

    return float(np.sum(np.sign(differences) * rankdata(np.abs(differences))))
