"""What may stand in the fields of a grader, with words for what may not."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _

from apps.core.storable import storable

Check = Callable[[Any], str]  # returns what is wrong, empty when nothing is


class Shape(Enum):
    """What a field holds. A form draws it by this."""

    FLAG = "flag"
    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    TEXTS = "texts"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what it is when left out, and a check of what is given."""

    shape: Shape
    check: Check
    default: Any = None
    is_required: bool = False
    choices: tuple[str, ...] = ()


def flag(*, default: bool = False) -> Field:
    """Yes or no."""

    def problem(value: Any) -> str:
        return "" if isinstance(value, bool) else _("Choose yes or no.")

    return Field(Shape.FLAG, problem, default)


def choice(*choices: str) -> Field:
    """One of these; the first when left out."""

    def problem(value: Any) -> str:
        known = _("Choose one of these: %(known)s.") % {"known": ", ".join(choices)}
        return "" if isinstance(value, str) and value in choices else known

    return Field(Shape.CHOICE, problem, choices[0], choices=choices)


def number(
    default: float, *, low: float = 0.0, high: float = math.inf, may_be_none: bool = False
) -> Field:
    """A finite number within both ends."""

    def problem(value: Any) -> str:
        if value is None and may_be_none:
            return ""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return _("Enter a number.")
        if math.isfinite(value) and low <= value <= high:
            return ""
        if math.isinf(high):
            return _("Enter a number of at least %(low)g.") % {"low": low}
        return _("Enter a number from %(low)g to %(high)g.") % {"low": low, "high": high}

    return Field(Shape.NUMBER, problem, default)


def text(longest: int, *, is_required: bool = True) -> Field:
    """A text that is not blank."""

    def problem(value: Any) -> str:
        if not isinstance(value, str) or (is_required and not value.strip()):
            return _("Enter a text.")
        if len(value) > longest:
            return _("Use at most %(limit)d characters.") % {"limit": longest}
        return "" if is_storable(value) else _("This text has characters that cannot be kept.")

    return Field(Shape.TEXT, problem, "", is_required)


def texts(most: int, longest: int) -> Field:
    """A list of different texts; none when left out."""

    def problem(value: Any) -> str:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            return _("Enter a list of texts.")
        if len(value) > most:
            return _("Enter at most %(limit)d texts.") % {"limit": most}
        if len(set(value)) < len(value):
            return _("Enter each text once.")
        single = text(longest).check
        return next((message for each in value if (message := single(each))), "")

    return Field(Shape.TEXTS, problem, ())


def anything() -> Field:
    """Checked by the kind itself."""
    return Field(Shape.JSON, lambda _value: "", None, is_required=True)


def is_storable(value: str) -> bool:
    """Say whether a text is valid Unicode without NUL."""
    return storable(value) == value
