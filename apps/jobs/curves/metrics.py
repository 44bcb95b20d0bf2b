"""From events to numbers: points per step, the newest of each series, the line of the list."""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from apps.providers.types import ProviderEvent

NOT_SERIES = {"step", "total_steps"}
MOST_SERIES = 200  # of one job; what a provider sends beyond that is not kept
LONGEST_NAME = 100
DEEPEST = 5  # parts of a dotted name: `scores.graders.exact.train_reward_mean` has four
ALIASES = {"train_accuracy": "train_mean_token_accuracy"}  # as result files and some servers say
SPARKLINE_POINTS = 40
LARGEST_STEP = 2**31 - 1

Point: TypeAlias = dict[str, float]  # what is missing is not there
Latest: TypeAlias = dict[str, list[float]]
Sparkline: TypeAlias = list[list[float]]


def points_by_step(events: Iterable[ProviderEvent]) -> dict[int, Point]:
    """Return the numbers that events carry, merged by step; events without numbers add nothing."""
    points: dict[int, Point] = {}
    for event in events:
        step = whole_number(event.data.get("step"))
        numbers = numbers_in(event.data)
        if step is not None and numbers:
            points.setdefault(step, {}).update(numbers)
    return points


def last_known(events: Iterable[ProviderEvent], key: str) -> int | None:
    """Return the largest whole number under this key, None when no event has one."""
    found = (whole_number(event.data.get(key)) for event in events)
    return max((number for number in found if number is not None), default=None)


def whole_number(value: Any) -> int | None:
    """Return a count that a row can hold; providers send 3, 3.0 and nonsense."""
    number = finite_number(value)
    if number is None or not number.is_integer() or not 0 <= number <= LARGEST_STEP:
        return None
    return int(number)


def finite_number(value: Any) -> float | None:
    """Return the value as a float; None for anything that is not a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def numbers_in(data: Mapping[str, Any]) -> Point:
    """Return all numbers by name. What is nested gets a dotted name: `scores.train_reward_mean`."""
    named = itertools.islice(_named(data, ()), MOST_SERIES)
    return {ALIASES.get(name, name): number for name, number in named}


def _named(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    """Yield the numbers below a value, level by level as deep as a name may be."""
    if isinstance(value, Mapping | list):
        if len(path) < DEEPEST:
            for key, item in _items(value):
                yield from _named(item, (*path, key))
        return
    name, number = ".".join(path), finite_number(value)
    if number is not None and _is_name(name):
        yield name, number


def _is_name(name: str) -> bool:
    return name not in NOT_SERIES and 0 < len(name) <= LONGEST_NAME and name.isprintable()


def _items(value: Mapping[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a value; those of a list are called by their name where they have one."""
    if isinstance(value, Mapping):
        yield from ((str(key).strip(), item) for key, item in value.items())
        return
    for place, item in enumerate(value):
        name = item.get("name") if isinstance(item, Mapping) else None
        yield (name.strip() if isinstance(name, str) and name.strip() else str(place)), item


def latest(known: Mapping[str, list[float]], points: Mapping[int, Point]) -> Latest:
    """Return the newest value of each series with its step, whatever order they come in."""
    newest: Latest = dict(known)
    for step in sorted(points):
        for name, value in points[step].items():
            is_kept = name in newest or len(newest) < MOST_SERIES
            if is_kept and newest.get(name, [0])[0] <= step:
                newest[name] = [step, value]
    return newest


def extended_sparkline(line: Sparkline, points: Mapping[int, Point]) -> Sparkline:
    """Return the line with new training losses, thinned evenly; told twice, it stays the same."""
    losses = {int(step): loss for step, loss in line}
    losses |= {step: point["train_loss"] for step, point in points.items() if "train_loss" in point}
    kept = [[step, losses[step]] for step in sorted(losses)]
    while len(kept) > SPARKLINE_POINTS:
        del kept[_most_crowded(kept)]
    return kept


def _most_crowded(line: Sparkline) -> int:
    """Return the inner point whose neighbours are closest; both ends always stay."""
    return min(range(1, len(line) - 1), key=lambda i: line[i + 1][0] - line[i - 1][0])
