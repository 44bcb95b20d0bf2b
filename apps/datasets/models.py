"""Datasets: one uploaded file each, what the check found in it, and its bad rows."""

import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User, Workspace, WorkspaceQuerySet
from apps.core.models import TimestampedModel


class DatasetQuerySet(WorkspaceQuerySet["Dataset"]):
    def ready(self) -> Self:
        """Datasets that a job may use."""
        return self.filter(status=Dataset.Status.READY)

    def due(self, at: datetime) -> Self:
        """Datasets whose check has not begun, or whose worker went silent."""
        return self.filter(status=Dataset.Status.CHECKING, next_check_at__lte=at)

    def claim(self, pk: int, *, at: datetime, lease: timedelta) -> "Dataset | None":
        """Take a due check for the length of the lease; None when there is nothing to take."""
        taken = (
            self.due(at)
            .filter(pk=pk)
            .update(next_check_at=at + lease, check_attempts=F("check_attempts") + 1)
        )
        return self.get(pk=pk) if taken else None


class Dataset(TimestampedModel):
    """A training or validation file. The bytes never change once they are here."""

    class Status(models.TextChoices):
        CHECKING = "checking", _("Checking")
        READY = "ready", _("Ready")
        INVALID = "invalid", _("Has problems")
        FAILED = "failed", _("Could not be read")

    class Format(models.TextChoices):
        CHAT = "chat", _("Chat")
        PROMPT_COMPLETION = "prompt_completion", _("Prompt and completion")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="datasets")
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=200)
    filename = models.CharField(max_length=255)  # as the person called it; shown, never a path
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=20, choices=Format, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.CHECKING)
    error = models.TextField(blank=True)  # one clear sentence when the file cannot be read at all
    bytes_checked = models.BigIntegerField(default=0)
    rows_checked = models.BigIntegerField(default=0)
    row_count = models.BigIntegerField(null=True, blank=True)
    problem_row_count = models.BigIntegerField(default=0)  # rows with at least one error
    problem_count = models.BigIntegerField(default=0)
    system_prompt = models.TextField(blank=True)  # the commonest one; prefills the playground
    statistics = models.JSONField(default=dict, blank=True)
    next_check_at = models.DateTimeField(default=timezone.now)
    check_attempts = models.PositiveSmallIntegerField(default=0)
    checked_at = models.DateTimeField(null=True, blank=True)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="dataset_status_is_known",
                condition=Q(status__in=["checking", "ready", "invalid", "failed"]),
            ),
            models.CheckConstraint(
                name="dataset_ready_has_rows",
                condition=~Q(status="ready") | Q(row_count__gt=0, problem_row_count=0),
            ),
        ]
        indexes = [
            models.Index(
                name="dataset_due", fields=["next_check_at"], condition=Q(status="checking")
            ),
            models.Index(name="dataset_newest", fields=["workspace", "-created_at"]),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("datasets:detail", args=[self.public_id])

    @property
    def path(self) -> Path:
        """Where the bytes are. The name on disk is ours, never the person's."""
        return Path(settings.DATA_DIR, "datasets", f"{self.public_id}.jsonl")

    @property
    def is_checking(self) -> bool:
        return self.status == self.Status.CHECKING


class Problem(models.Model):
    """One thing wrong in one row."""

    class Severity(models.TextChoices):
        ERROR = "error", _("Must fix")
        WARNING = "warning", _("Should fix")
        INFO = "info", _("Good to know")

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="problems")
    row = models.BigIntegerField()  # 1-based line number, as in OpenAI's own messages
    path = models.CharField(max_length=200, blank=True)  # e.g. messages[3].role
    code = models.CharField(max_length=50)
    severity = models.CharField(max_length=10, choices=Severity)
    message = models.TextField()
    hint = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(name="problem_in_order", fields=["dataset", "row", "id"])]

    def __str__(self) -> str:
        return f"row {self.row} · {self.path}: {self.message}"
