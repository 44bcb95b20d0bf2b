"""How long answers are, and which are far from the others (pure)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FEWEST_ANSWERS = 50
FAR = 3.0  # times the middle half's spread, on a logarithmic scale (Tukey's "far out")
LEAST_SPREAD = 0.35  # answers of nearly one length make everything else look far


@dataclass(slots=True)
class Lengths:
    """The spread of answers in characters, and the rows beyond it."""

    figures: dict[str, Any]
    longer: npt.NDArray[np.int64]
    shorter: npt.NDArray[np.int64]


def judge_lengths(lengths: npt.NDArray[np.uint32], *, missing: int) -> Lengths:
    """Describe all lengths; `missing` stands for a row without an answer."""
    rows = np.flatnonzero(lengths != missing)
    there = lengths[rows]
    none = np.zeros(0, np.int64)
    if not len(rows):
        return Lengths({}, none, none)
    low, middle, high, top = np.percentile(there, (25, 50, 75, 95)).tolist()
    figures = {
        "count": len(rows),
        "min": int(there.min()),
        "median": round(middle),
        "p95": round(top),
        "max": int(there.max()),
    }
    if len(rows) < FEWEST_ANSWERS:
        return Lengths(figures, none, none)
    spread = max(np.log1p(high) - np.log1p(low), LEAST_SPREAD) * FAR
    logs = np.log1p(there.astype(np.float64))
    figures["longer_than"] = int(np.expm1(np.log1p(high) + spread))
    figures["shorter_than"] = int(np.expm1(max(np.log1p(low) - spread, 0)))
    return Lengths(
        figures,
        rows[logs > np.log1p(high) + spread],
        rows[logs < np.log1p(low) - spread],
    )
