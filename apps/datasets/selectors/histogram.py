"""A histogram as the numbers of an SVG drawing (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, GAP = 600, 120, 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One bin: values from `first` to `last`, `count` rows, and where its bar is drawn."""

    first: int
    last: int
    count: int
    x: float
    y: float
    width: float
    height: float


def bars(histogram: Mapping[str, Any]) -> list[Bar]:
    """Lay out bars of one width; a bin with few rows is still a pixel high."""
    counts: Sequence[int] = histogram.get("counts", ())
    edges: Sequence[int] = histogram.get("edges", ())
    highest = max(counts, default=0)
    step = WIDTH / max(len(counts), 1)
    return [
        _bar(edges[index], edges[index + 1] - 1, count, index * step, step, highest)
        for index, count in enumerate(counts)
    ]


def _bar(first: int, last: int, count: int, x: float, step: float, highest: int) -> Bar:
    height = max(round(HEIGHT * count / highest, 1), 1.0) if count else 0.0
    return Bar(first, last, count, round(x, 1), HEIGHT - height, round(step - GAP, 1), height)
