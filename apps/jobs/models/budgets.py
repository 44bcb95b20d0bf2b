"""What a workspace may spend."""

from django.db import models

from apps.accounts.models import Workspace
from apps.core.models import TimestampedModel


class Budget(TimestampedModel):
    """What a workspace may spend on training in US dollars; None is no limit."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="budget")
    monthly_usd = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    per_job_usd = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    holds_unknown = models.BooleanField(default=True)  # jobs whose cost nobody can tell

    def __str__(self) -> str:
        return f"Budget of {self.workspace}"
