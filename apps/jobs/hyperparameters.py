"""What a person may choose, checked against the numbers of a provider's profile (pure)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.providers.hyperparameters import HyperparameterField
from apps.providers.profiles import Profile
from apps.providers.types import Hyperparameter


@dataclass(frozen=True, slots=True)
class Problem:
    """One choice that the provider would refuse."""

    name: str
    message: str


def first_problem(profile: Profile, chosen: Mapping[str, Hyperparameter]) -> Problem | None:
    """Return the first choice that this profile does not allow, None when all are fine."""
    fields = {field.name: field for field in profile.hyperparameters}
    for name, value in chosen.items():
        if name not in fields:
            return Problem(name, _("This provider does not know this setting."))
        if value != "auto" and (message := _refusal(fields[name], value)):
            return Problem(name, message)
    return None


def _refusal(field: HyperparameterField, value: Hyperparameter) -> str:
    if field.is_integer and not isinstance(value, int):
        return _("Enter a whole number, or leave it automatic.")
    minimum, maximum = field.minimum or 0, math.inf if field.maximum is None else field.maximum
    if isinstance(value, str) or not minimum <= value <= maximum:
        words = _("Enter a number from %(minimum)g to %(maximum)g, or leave it automatic.")
        return words % {"minimum": minimum, "maximum": maximum}
    return ""
