"""Whether a model that says 90 % is right nine times in ten."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Shares = npt.NDArray[np.float64]

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows whose likeliest label got about the same probability."""

    low: float
    high: float
    rows: int
    confidence: float  # mean probability of the likeliest label
    accuracy: float  # how often it was right


@dataclass(frozen=True, slots=True)
class Calibration:
    """Ten bins (empty ones left out) and what they sum up to.

    `error`: expected calibration error (Guo et al. 2017), the mean gap between confidence and
    accuracy. `brier`: the Brier score, for two classes of one of them, for more the sum of all.
    """

    bins: tuple[Bin, ...]
    error: float
    brier: float


def calibration(truth: Any, shares: "Shares") -> Calibration | None:
    """Compare the likeliest label of each row with the true one, a column; None of nothing."""
    import numpy as np

    rows, labels = shares.shape
    if not rows or labels < 2:
        return None
    confidence, hit = shares.max(axis=1), shares.argmax(axis=1) == truth
    places = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    bins = tuple(
        Bin(
            low=place / BINS,
            high=(place + 1) / BINS,
            rows=int((places == place).sum()),
            confidence=float(confidence[places == place].mean()),
            accuracy=float(hit[places == place].mean()),
        )
        for place in sorted(set(places.tolist()))
    )
    gaps = sum(each.rows * abs(each.confidence - each.accuracy) for each in bins)
    squares = float(((shares - np.eye(labels)[truth]) ** 2).sum(axis=1).mean())
    return Calibration(bins, gaps / rows, squares / 2 if labels == 2 else squares)
