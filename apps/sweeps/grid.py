"""Values to try, as typed, and the combinations of them (pure)."""

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from apps.providers.profiles.hyperparameters import HyperparameterField
from apps.providers.types import Hyperparameter

MOST_TRIALS = 64
Grid = Mapping[str, Sequence[Hyperparameter]]
WORDS = {"true": True, "yes": True, "false": False, "no": False}


class BadValue(Exception):
    """A value that the setting cannot have; `str()` says why, for people."""


def combinations(grid: Grid) -> Iterator[dict[str, Hyperparameter]]:
    """Yield each combination; the last setting changes fastest."""
    for values in itertools.product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def count(grid: Grid) -> int:
    """Return how many combinations there are."""
    total = 1
    for values in grid.values():
        total *= len(values)
    return total


def read_values(text: str, setting: HyperparameterField) -> list[Hyperparameter]:
    """Return the values between commas or spaces, each once. Raises BadValue."""
    typed = [part for part in re.split(r"[,;\s]+", text) if part]
    return list(dict.fromkeys(_value(part, setting) for part in typed))


def _value(part: str, setting: HyperparameterField) -> Hyperparameter:
    if setting.takes_auto and part.lower() == "auto":
        return "auto"
    if setting.kind == "boolean":
        return _word(part, WORDS)
    if setting.kind == "choice":
        return _word(part, {choice: choice for choice in setting.choices})
    if setting.kind == "text":
        return part
    return _number(part, setting)


def _word(part: str, known: Mapping[str, Hyperparameter]) -> Hyperparameter:
    if part.lower() not in known:
        words = _("“%(value)s” is not one of: %(known)s.")
        raise BadValue(words % {"value": part, "known": ", ".join(known)})
    return known[part.lower()]


def _number(part: str, setting: HyperparameterField) -> int | float:
    try:
        number = int(part) if setting.is_integer else float(part)
    except ValueError:
        words = _("“%(value)s” is not a number.")
        if setting.is_integer:
            words = _("“%(value)s” is not a whole number.")
        raise BadValue(words % {"value": part}) from None
    _check_range(number, setting)
    return number


def _check_range(number: float, setting: HyperparameterField) -> None:
    low, high = setting.minimum, setting.maximum
    is_high_enough = low is None or number >= low
    if math.isfinite(number) and is_high_enough and (high is None or number <= high):
        return
    limits = {"value": f"{number:g}", "low": f"{low:g}" if low is not None else ""}
    if high is None:
        raise BadValue(_("%(value)s is too small: at least %(low)s.") % limits)
    limits["high"] = f"{high:g}"
    raise BadValue(_("%(value)s is not between %(low)s and %(high)s.") % limits)
