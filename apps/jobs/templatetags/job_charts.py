"""Draws the small curve of a job as an SVG line, without a script."""

from collections.abc import Sequence

from django import template

register = template.Library()
WIDTH, HEIGHT, MARGIN = 100, 24, 2


@register.filter
def polyline(line: Sequence[Sequence[float]]) -> str:
    """Return the `points` of an SVG polyline, scaled to a box of 100 x 24; "" for no line."""
    if len(line) < 2:
        return ""
    xs = _scaled([pair[0] for pair in line], WIDTH)
    ys = _scaled([pair[1] for pair in line], HEIGHT - 2 * MARGIN)
    return " ".join(f"{x:.1f},{HEIGHT - MARGIN - y:.1f}" for x, y in zip(xs, ys, strict=True))


def _scaled(values: Sequence[float], size: float) -> list[float]:
    low, span = min(values), max(values) - min(values)
    return [(value - low) / span * size if span else size / 2 for value in values]
