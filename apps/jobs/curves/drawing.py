"""What a chart is sent: plots with their curves, and points few enough to draw (pure)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from apps.jobs.curves import chunks
from apps.jobs.curves.chunks import Series
from apps.jobs.curves.layout import Name, Plot

MOST_POINTS = 2000  # of one curve
HUES = 8


def wanted(plots: Iterable[Plot], opened: Collection[str]) -> list[Plot]:
    """Return the plots whose points are sent: those that are always drawn, and those opened."""
    return [plot for plot in plots if plot.is_main or plot.key in opened]


def plot_words(plot: Plot, curves: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Describe a plot to the script that draws it."""
    return {
        "key": plot.key,
        "kind": plot.kind,
        "title": plot.title,
        "isMain": plot.is_main,
        "curves": curves,
    }


def curve_words(name: Name, number: int) -> dict[str, Any]:
    """Describe a curve of one job: which series, in which words, which colour."""
    is_part = bool(name.part) and not name.variant
    return {
        "series": name.name,
        "label": name.label,
        "hue": name.part if is_part else hue(number),
        "isDashed": name.part in ("valid", "full"),
    }


def hue(number: int) -> int:
    """Return one of the eight colours; the ninth curve looks like the first."""
    return (number - 1) % HUES + 1


def columns(found: Mapping[str, Series]) -> tuple[dict[str, Any], bool]:
    """Return steps and numbers of each series, thinned, and whether every point is there."""
    drawn = {name: chunks.peaks(series, MOST_POINTS) for name, series in found.items()}
    is_whole = all(len(drawn[name].steps) == len(found[name].steps) for name in found)
    return {name: [each.steps, _short(each.numbers)] for name, each in drawn.items()}, is_whole


def _short(numbers: chunks.Numbers) -> Any:
    """Round to the seven digits of a short float: a screen has no more, and the answer is half."""
    with np.errstate(over="ignore"):
        return numbers.astype(np.float32)


def as_json(answer: Mapping[str, Any]) -> bytes:
    """Encode an answer with arrays in it; what is no finite number is null."""
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
