"""How the numbers of a training look: the small curve as an SVG line, losses as text."""

import math
from collections.abc import Sequence

from django import template
from django.template.defaultfilters import floatformat

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


@register.filter
def measure(value: float | str | None) -> str:
    """Show a loss or an accuracy: three decimals, more for what would look like 0; – for None."""
    if value is None or isinstance(value, str):  # what a template does not find is ""
        return "–"
    is_tiny = 0 < abs(value) < 0.01
    decimals = min(8, 1 - math.floor(math.log10(abs(value)))) if is_tiny else 3
    return floatformat(value, decimals)


def _scaled(values: Sequence[float], size: float) -> list[float]:
    low, span = min(values), max(values) - min(values)
    return [(value - low) / span * size if span else size / 2 for value in values]
