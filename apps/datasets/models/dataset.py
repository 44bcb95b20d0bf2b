"""Datasets: a name, and the versions of its rows."""

import uuid

from django.db import models
from django.urls import reverse

from apps.accounts.models import User, Workspace, WorkspaceQuerySet
from apps.core.models import TimestampedModel


class Dataset(TimestampedModel):
    """What people call their data. The rows are in its versions."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="datasets")
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=200)
    last_number = models.PositiveIntegerField(default=0)  # of a version, also of a deleted one
    validated_by = models.ForeignKey(  # the other part of the split that this one came from
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="validates"
    )

    objects = WorkspaceQuerySet["Dataset"].as_manager()

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("datasets:open", args=[self.public_id])
