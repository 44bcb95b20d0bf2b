"""What a rule of the check is. Imports no models, so that the check's processes start fast."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Severity(StrEnum):
    """How grave a rule is. Not Django's TextChoices: they would bring all of its models along."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def label(self) -> Any:
        return LABELS[self]


LABELS = {
    Severity.ERROR: _("Must fix"),
    Severity.WARNING: _("Should fix"),
    Severity.INFO: _("Good to know"),
}
E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong. `title` names the group, `message` the case.

    `repair` is the code of the recipe step that puts it right; empty when only a person can.
    """

    severity: Severity
    title: Any  # lazy strings
    message: Any
    hint: Any = ""
    source: str = "SPEC"
    repair: str = ""
