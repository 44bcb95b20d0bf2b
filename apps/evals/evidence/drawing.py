"""Curves as lines of an SVG, scaled to their plot (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 600, 180
DASHES = ("", "6 4", "2 3", "10 3 2 3")


@dataclass(frozen=True, slots=True)
class Line:
    """One curve. The dash tells it from the others, also on paper."""

    label: str
    points: str
    dash: str
    last: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """One plot with the ends of its axes."""

    title: str
    lines: Sequence[Line]
    low: float
    high: float
    first_step: int
    last_step: int


def drawings(curves: Sequence[Mapping[str, Any]]) -> list[Drawing]:
    """Return what a page draws of the curves of a piece of evidence."""
    return [_drawing(plot["title"], plot["curves"]) for plot in curves]


def _drawing(title: str, curves: Sequence[Mapping[str, Any]]) -> Drawing:
    steps = [step for curve in curves for step, _ in curve["points"]]
    numbers = [number for curve in curves for _, number in curve["points"]]
    low, high, first, last = min(numbers), max(numbers), min(steps), max(steps)

    def placed(step: float, number: float) -> str:
        x = (step - first) / (last - first) if last > first else 0.5
        y = (number - low) / (high - low) if high > low else 0.5
        return f"{x * WIDTH:.1f},{(1 - y) * HEIGHT:.1f}"

    lines = [
        Line(
            label=curve["label"],
            points=" ".join(placed(*pair) for pair in curve["points"]),
            dash=DASHES[number % len(DASHES)],
            last=curve["points"][-1][1],
        )
        for number, curve in enumerate(curves)
    ]
    return Drawing(title, lines, low, high, first, last)
