"""Wilcoxon's signed ranks, exact where rows are tied: shares of a few answers nearly always are."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from apps.evals.statistics.bootstrap import Numbers

    Ranks = npt.NDArray[np.int64]

MOST_EXACT_ROWS = 500  # counting costs rows³; beyond, the normal distribution is as good


def wilcoxon(differences: "Numbers") -> float:
    """Return the two-sided p-value; rows without a difference are left out, as Wilcoxon did.

    The normal approximation, which libraries take for tied rows, is too sure of few: it gives
    twelve wins against four p = 0.046, where counting gives 0.077.
    """
    import numpy as np

    differing = differences[differences != 0]
    if not len(differing):
        return 1.0
    doubled = _doubled_ranks(np.abs(differing))
    if len(differing) > MOST_EXACT_ROWS:
        from scipy import stats

        return float(stats.wilcoxon(differing, method="asymptotic").pvalue)
    step = int(np.gcd.reduce(doubled))
    ways = _ways(np.sort(doubled // step))
    won = int(doubled[differing > 0].sum()) // step
    edge = min(won, len(ways) - 1 - won)
    return min(1.0, 2 * math.fsum(ways[: edge + 1]))


def lean(differences: "Numbers") -> float:
    """Return the sum of signed ranks: which way the test leans."""
    import numpy as np

    return float(np.sum(np.sign(differences) * _doubled_ranks(np.abs(differences))))


def _doubled_ranks(sizes: "Numbers") -> "Ranks":
    """Return twice the rank of each, which is whole where rows share a rank."""
    import numpy as np
    from scipy.stats import rankdata

    ranks: Ranks = np.rint(2 * rankdata(sizes)).astype(np.int64)
    return ranks


def _ways(ranks: "Ranks") -> "Numbers":
    """Return the probability of each sum, where every rank counts or does not by a coin.

    Ascending ranks keep the part that is worked at short.
    """
    import numpy as np

    found = np.zeros(int(ranks.sum()) + 1)
    found[0], reach = 1.0, 0
    for rank in ranks.tolist():
        moved = found[: reach + 1] / 2
        found[: reach + 1] = moved
        found[rank : rank + reach + 1] += moved
        reach += rank
    return found
