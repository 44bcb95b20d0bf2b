"""The statistics of a check as things to draw: bars with their words and numbers (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.datasets.check.tokens import DEFAULT_ENCODING
from apps.datasets.selectors.histogram import Bar, bars

TICKS = 4
LEAST_SHARE_OF_LABELS = 0.5  # of the rows; below it, short answers are no classes
LEAST_ROWS_PER_LABEL = 2
ROLE_WORDS = {
    "system": _("System messages"),
    "user": _("User messages"),
    "assistant": _("Assistant messages"),
    "tool": _("Results of tools"),
    "other": _("Names, tools and calls"),
}
FEATURE_WORDS = {
    "system": _("A system message"),
    "several_turns": _("Several answers"),
    "tools": _("Tools"),
    "functions": _("Functions, the old form of tools"),
    "images": _("Images"),
    "weight": _("Weights"),
    "untrained": _("An answer that is not learned (weight 0)"),
    "name": _("Names"),
    "developer": _("Developer messages"),
}


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often which size came; the bins get wider to the right."""

    bars: list[Bar] = field(default_factory=list)
    ticks: list[int] = field(default_factory=list)  # values at equal distances below the bars
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def highest(self) -> int:
        return max((bar.count for bar in self.bars), default=0)


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a list of bars."""

    words: Any
    count: int
    percent: float  # of all
    length: float  # of the longest bar, 0 to 100
    key: str = ""


@dataclass(frozen=True, slots=True)
class Charts:
    """All charts of a report; those without data are empty."""

    tokens: Histogram
    messages: Histogram
    roles: list[Part]
    features: list[Part]
    labels: list[Part]
    label_count: int = 0  # different ones, also those that are not shown


def charts_of(statistics: Mapping[str, Any]) -> Charts:
    """Lay out every chart; the statistics of an older check lack some of them."""
    tokens = statistics.get("tokens", {}).get(DEFAULT_ENCODING, {})
    rows = statistics.get("rows", 0)
    by_role, features = tokens.get("by_role", {}), statistics.get("features", {})
    return Charts(
        tokens=_histogram(tokens),
        messages=_histogram(statistics.get("messages_per_row", {})),
        roles=_parts(by_role, ROLE_WORDS, sum(by_role.values())),
        features=_parts(features, FEATURE_WORDS, rows),
        labels=_labels(statistics.get("labels", {}), rows),
        label_count=statistics.get("labels", {}).get("distinct") or 0,
    )


def _histogram(figures: Mapping[str, Any]) -> Histogram:
    drawn = bars(figures.get("histogram", {}))
    if len(drawn) < 2:  # one value has nothing to compare
        return Histogram(figures=figures)
    edges = figures["histogram"]["edges"]
    last = len(edges) - 1
    places = sorted({round(last * tick / TICKS) for tick in range(TICKS + 1)})
    evenly = places if last % TICKS == 0 else [0, last]
    return Histogram(drawn, [*(edges[place] for place in evenly[:-1]), edges[last] - 1], figures)


def _parts(counts: Mapping[str, int], words: Mapping[str, Any], total: int) -> list[Part]:
    present = [(words[key], counts[key], key) for key in words if counts.get(key)]
    return _bars(present, total)


def _labels(figures: Mapping[str, Any], rows: int) -> list[Part]:
    """Short answers are classes when most rows have one and they come again and again."""
    labelled, distinct = figures.get("rows", 0), figures.get("distinct")
    is_shared = labelled >= LEAST_SHARE_OF_LABELS * rows
    if not distinct or not is_shared or labelled < LEAST_ROWS_PER_LABEL * distinct:
        return []
    return _bars([(label, count, label) for label, count in figures["top"]], rows)


def _bars(entries: list[tuple[Any, int, str]], total: int) -> list[Part]:
    longest = max((count for _words, count, _key in entries), default=0)
    return [
        Part(words, count, 100 * count / max(total, 1), round(100 * count / longest, 1), key)
        for words, count, key in entries
    ]
