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
from apps.datasets.check.failures import failure_words
from apps.datasets.rulebook import Severity, words


class DatasetQuerySet(WorkspaceQuerySet["Dataset"]):
    def ready(self) -> Self:
        """Datasets that a job may use."""
        return self.filter(status=Dataset.Status.READY)

    def due(self, at: datetime) -> Self:
        """Datasets whose check has not begun, or whose worker went silent."""
        return self.filter(status=Dataset.Status.CHECKING, next_check_at__lte=at)

    def claim(self, pk: int, *, at: datetime, lease: timedelta) -> "Dataset | None":
        """Take a due check for the length of the lease; None when there is nothing to take."""
        due = self.due(at).filter(pk=pk)
        taken = due.update(
            next_check_at=at + lease,
            check_attempts=F("check_attempts") + 1,
            check_started_at=at,
            bytes_checked=0,
            rows_checked=0,
        )
        return self.get(pk=pk) if taken else None

    def held_by(self, attempt: "Dataset") -> Self:
        """The same row, as long as nobody else has claimed the check since."""
        return self.filter(
            pk=attempt.pk, status=Dataset.Status.CHECKING, check_started_at=attempt.check_started_at
        )


def default_encodings() -> list[str]:
    """Return what is counted in every file; others are counted when somebody asks."""
    return ["o200k_base", "bytes"]


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
    failure = models.CharField(max_length=50, blank=True)  # why the file cannot be read at all
    failure_params = models.JSONField(default=dict, blank=True)
    bytes_checked = models.BigIntegerField(default=0)
    rows_checked = models.BigIntegerField(default=0)
    row_count = models.BigIntegerField(null=True, blank=True)
    problem_row_count = models.BigIntegerField(default=0)  # rows with at least one error
    problem_count = models.BigIntegerField(default=0)
    problem_groups = models.JSONField(default=list, blank=True)  # [{code, problems, rows}]
    system_prompt = models.TextField(blank=True)  # the commonest one; prefills the playground
    statistics = models.JSONField(default=dict, blank=True)
    encodings = models.JSONField(default=default_encodings)  # whose tokens the check counts
    next_check_at = models.DateTimeField(default=timezone.now)  # the end of a running check's lease
    check_attempts = models.PositiveIntegerField(default=0)
    check_started_at = models.DateTimeField(null=True, blank=True)
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
    def index_path(self) -> Path:
        """Where each row begins: 8 bytes per row, written by the check."""
        return self.path.with_suffix(".idx")

    @property
    def is_checking(self) -> bool:
        return self.status == self.Status.CHECKING

    @property
    def error(self) -> str:
        """One clear sentence when the file could not be read at all, in the reader's language."""
        return failure_words(self.failure, self.failure_params)

    @property
    def token_total(self) -> int | None:
        """Tokens of all rows, as OpenAI's current models count; None before the check."""
        counted = self.statistics.get("tokens", {}).get("o200k_base", {})
        total: int | None = counted.get("total")
        return total

    @property
    def rows_per_second(self) -> int:
        """How fast the present check has gone so far; 0 before the first news."""
        if not self.check_started_at or not self.rows_checked:
            return 0
        seconds = (self.updated_at - self.check_started_at).total_seconds()
        return round(self.rows_checked / max(seconds, 0.5))


class ProblemQuerySet(models.QuerySet["Problem"]):
    def in_order(self) -> Self:
        return self.order_by("row", "pk")

    def after(self, row: int, pk: int) -> Self:
        """Problems that come later in the order than this place."""
        return self.filter(row__gte=row).exclude(row=row, pk__lte=pk)


class Problem(models.Model):
    """One thing wrong in one row; row 0 is the file as a whole. rulebook/words.py has the words."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="problems")
    row = models.BigIntegerField()  # 1-based line number, as in OpenAI's own messages
    path = models.CharField(max_length=200, blank=True)  # e.g. messages[3].role
    code = models.CharField(max_length=50)
    severity = models.CharField(max_length=10, choices=Severity)
    params = models.JSONField(default=dict, blank=True)  # the particulars, at most 80 characters

    objects = ProblemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="problem_severity_is_known", condition=Q(severity__in=Severity.values)
            )
        ]
        indexes = [
            models.Index(name="problem_in_order", fields=["dataset", "row", "id"]),
            models.Index(name="problem_by_code", fields=["dataset", "code", "row", "id"]),
        ]

    def __str__(self) -> str:
        return f"row {self.row} · {self.path}: {self.message}"

    @property
    def gravity(self) -> Severity:
        """The severity with its word."""
        return Severity(self.severity)

    @property
    def message(self) -> str:
        """What is wrong, in the reader's language."""
        return words.message(self.code, self.params)

    @property
    def hint(self) -> str:
        """What to do about it; empty when the message says it all."""
        return words.hint(self.code, self.params)
