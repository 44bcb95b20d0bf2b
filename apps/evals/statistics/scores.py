"""How the scores of two models differ on the same rows."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from apps.evals.statistics.bootstrap import RESAMPLES, SEED, careful_interval
from apps.evals.statistics.deciding import decided
from apps.evals.statistics.pairs import paired
from apps.evals.statistics.passes import difference_interval
from apps.evals.statistics.ranks import lean, wilcoxon
from apps.evals.statistics.types import FEWEST_ROWS, Comparison, Test

if TYPE_CHECKING:
    from apps.evals.statistics.bootstrap import Numbers


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
    effect = float(np.mean(differences)) if pairs else 0.0
    comparison = Comparison(
        effect=effect,
        test=Test.WILCOXON,
        rows=len(pairs),
        skipped=skipped,
        is_share=is_share,
        deviation=float(np.std(differences, ddof=1)) if len(pairs) > 1 else 0.0,
        **_certainty(differences, seed, resamples, is_share=is_share),
        **_counts(differences),
        **_means(values),
    )
    return decided(comparison, agrees=lean(differences) * effect > 0, plans=plans)


def _certainty(
    differences: "Numbers", seed: int, resamples: int, *, is_share: bool
) -> dict[str, Any]:
    """Return interval and p-value; None of too few rows."""
    rows = len(differences)
    if rows < FEWEST_ROWS:
        return {"low": None, "high": None, "p_value": None}
    if is_share and not differences.any():  # what was not seen yet may differ all the same
        low, high = difference_interval(0, 0, rows)
    else:
        low, high = careful_interval(differences, around=0.0, seed=seed, resamples=resamples)
    if is_share:
        low, high = max(-1.0, low), min(1.0, high)
    return {"low": low, "high": high, "p_value": wilcoxon(differences)}


def _counts(differences: "Numbers") -> dict[str, Any]:
    """Return on how many rows the candidate does better, worse, the same."""
    better, worse = int((differences > 0).sum()), int((differences < 0).sum())
    return {"better": better, "worse": worse, "equal": len(differences) - better - worse}


def _means(values: Any) -> dict[str, Any]:
    """Return the mean score of each; None without rows."""
    rows = len(values)
    baseline, candidate = (math.fsum(column) / rows if rows else None for column in values.T)
    return {"baseline": baseline, "candidate": candidate}


def per_row(samples: Sequence[Sequence[float | None]]) -> list[float | None]:
    """Return one value for each row: the mean of its samples, None where it has none."""
    known = ([value for value in row if value is not None] for row in samples)
    return [math.fsum(row) / len(row) if row else None for row in known]


def _differences(values: Any) -> "Numbers":
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
