"""The form of a workspace's budget."""

from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from apps.jobs.models import Budget


class BudgetForm(forms.ModelForm):  # type: ignore[type-arg]
    """The limits of a workspace."""

    class Meta:
        model = Budget
        fields = ("monthly_usd", "per_job_usd", "holds_unknown")
        labels = {
            "monthly_usd": _("Limit of a month, in US dollars"),
            "per_job_usd": _("Limit of a job, in US dollars"),
            "holds_unknown": _("Ask an owner also when nobody can tell what a job will cost"),
        }
        help_texts = {
            "monthly_usd": _("Of the calendar month. Left empty, a month has no limit."),
            "per_job_usd": _("Left empty, a job has no limit of its own."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("monthly_usd", "per_job_usd"):
            self.fields[name].validators.append(MinValueValidator(0))
            self.fields[name].widget.attrs["min"] = "0"
