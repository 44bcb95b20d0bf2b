"""What a person may choose, checked against the settings that a profile has for a method (pure)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.providers.profiles import Profile
from apps.providers.profiles.hyperparameters import HyperparameterField
from apps.providers.types import Hyperparameter, Method

MAX_TEXT = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """One choice that the provider would refuse."""

    name: str
    message: str


def first_problem(
    profile: Profile, method: Method, chosen: Mapping[str, Hyperparameter]
) -> Problem | None:
    """Return the first choice that this profile does not allow, None when all are fine."""
    fields = {field.name: field for field in profile.hyperparameters_for(method)}
    for name, value in chosen.items():
        if name not in fields:
            return Problem(name, _("This provider does not know this setting."))
        if message := _refusal(fields[name], value):
            return Problem(name, message)
    return None


def _refusal(field: HyperparameterField, value: Hyperparameter) -> str:
    if value == "auto" and field.takes_auto:
        return ""
    if field.kind == "boolean":
        return "" if isinstance(value, bool) else _("Choose yes or no.")
    if field.kind == "choice":
        known = ", ".join(field.choices)
        words = _("Choose one of these: %(known)s.") % {"known": known}
        return "" if value in field.choices else words
    if field.kind == "text":
        is_text = isinstance(value, str) and 0 < len(value) <= MAX_TEXT
        return "" if is_text else _("Use at most %(limit)d characters.") % {"limit": MAX_TEXT}
    return _number_refusal(field, value)


def _number_refusal(field: HyperparameterField, value: Hyperparameter) -> str:
    if isinstance(value, bool | str) or (field.is_integer and not isinstance(value, int)):
        whole = _("Enter a whole number, or leave it empty.")
        return whole if field.is_integer else _("Enter a number, or leave it empty.")
    low = -math.inf if field.minimum is None else field.minimum
    high = math.inf if field.maximum is None else field.maximum
    if -math.inf < value < math.inf and low <= value <= high:
        return ""
    words = _("Enter a number from %(low)g to %(high)g, or leave it empty.")
    return words % {"low": low, "high": high}
