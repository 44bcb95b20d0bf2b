"""What a rule of the check is. Imports no models, so that the check's processes start fast."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    ERROR = "error", _("Must fix")
    WARNING = "warning", _("Should fix")
    INFO = "info", _("Good to know")


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
