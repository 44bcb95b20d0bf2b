"""What the engine knows: files, training jobs with their events and checkpoints, tuned models.

A row's status moves one way only: validating_files → queued → running → an end. Whoever works on a
job holds its `claim` and renews `lease_until`; every write of his is guarded by the claim.
"""

import uuid
from datetime import datetime
from pathlib import Path
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Workspace
from apps.engine import ids, storage


class JobStatus(models.TextChoices):
    """OpenAI's statuses, spelled its way."""

    VALIDATING_FILES = "validating_files", _("Checking files")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


TERMINAL = (JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED)
IS_TERMINAL = Q(status__in=["succeeded", "failed", "cancelled"])


class EngineFile(models.Model):
    """An uploaded file, or the result file of a job."""

    class Purpose(models.TextChoices):
        FINE_TUNE = "fine-tune", _("Training or validation file")
        RESULTS = "fine-tune-results", _("Result file")

    public_id = models.CharField(max_length=40, unique=True, default=ids.file_id)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="engine_files")
    filename = models.CharField(max_length=255)  # as the person called it; shown, never a path
    purpose = models.CharField(max_length=20, choices=Purpose)
    size_bytes = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="engine_file_purpose_is_known",
                condition=Q(purpose__in=["fine-tune", "fine-tune-results"]),
            ),
        ]
        indexes = [models.Index(name="engine_file_newest", fields=["workspace", "-id"])]

    def __str__(self) -> str:
        return f"{self.public_id} {self.filename}"

    @property
    def path(self) -> Path:
        return storage.file_path(self.public_id)


class TrainingJobQuerySet(models.QuerySet["TrainingJob"]):
    def unfinished(self) -> Self:
        """Jobs that somebody still has to work on."""
        return self.exclude(IS_TERMINAL)

    def free(self, at: datetime) -> Self:
        """Jobs that nobody works on: never begun, given back, or left by a trainer that died."""
        return self.filter(Q(claim=None) | Q(lease_until__lte=at))

    def held_by(self, claim: uuid.UUID) -> Self:
        """The job that the holder of this claim still works on; none when it was taken away."""
        return self.unfinished().filter(claim=claim)


class TrainingJob(models.Model):
    """A fine-tuning job: what was asked for, where it stands, and who works on it."""

    public_id = models.CharField(max_length=40, unique=True, default=ids.job_id)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="training_jobs")
    created_at = models.DateTimeField(default=timezone.now)

    # what was asked for; files are named by id because they may be deleted later
    model = models.CharField(max_length=300)
    training_file = models.CharField(max_length=40)
    validation_file = models.CharField(max_length=40, blank=True)
    suffix = models.CharField(max_length=64, blank=True)
    seed = models.PositiveIntegerField()
    metadata = models.JSONField(default=dict, blank=True)
    hyperparameters = models.JSONField(default=dict)  # "auto" until the trainer has resolved it

    # where it stands
    status = models.CharField(max_length=20, choices=JobStatus, default=JobStatus.VALIDATING_FILES)
    started_at = models.DateTimeField(null=True, blank=True)
    estimated_finish_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    trained_tokens = models.BigIntegerField(null=True, blank=True)
    fine_tuned_model = models.CharField(max_length=300, blank=True)
    result_file = models.CharField(max_length=40, blank=True)
    error_code = models.CharField(max_length=50, blank=True)
    error_message = models.TextField(blank=True)
    error_param = models.CharField(max_length=50, blank=True)

    # who works on it
    claim = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    interruptions = models.PositiveSmallIntegerField(default=0)

    objects = TrainingJobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="training_job_status_is_known", condition=Q(status__in=JobStatus.values)
            ),
            models.CheckConstraint(
                name="training_job_finished_iff_terminal",
                condition=(IS_TERMINAL & Q(finished_at__isnull=False))
                | (~IS_TERMINAL & Q(finished_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="training_job_model_iff_succeeded",
                condition=(Q(status="succeeded") & ~Q(fine_tuned_model=""))
                | (~Q(status="succeeded") & Q(fine_tuned_model="")),
            ),
            models.CheckConstraint(
                name="training_job_error_iff_failed",
                condition=(Q(status="failed") & ~Q(error_code=""))
                | (~Q(status="failed") & Q(error_code="")),
            ),
            models.CheckConstraint(
                name="training_job_claim_has_lease",
                condition=Q(claim__isnull=True, lease_until__isnull=True)
                | (Q(claim__isnull=False, lease_until__isnull=False) & ~IS_TERMINAL),
            ),
            models.UniqueConstraint(name="training_job_claim_once", fields=["claim"]),
        ]
        indexes = [
            models.Index(name="training_job_newest", fields=["workspace", "-id"]),
            models.Index(name="training_job_due", fields=["id"], condition=~IS_TERMINAL),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_finished(self) -> bool:
        return self.status in TERMINAL


class TrainingEvent(models.Model):
    """One line of a job's story; a `metrics` event exists once per step, however often it ran."""

    class Level(models.TextChoices):
        INFO = "info", _("Info")
        WARN = "warn", _("Warning")
        ERROR = "error", _("Error")

    class Type(models.TextChoices):
        MESSAGE = "message", _("Message")
        METRICS = "metrics", _("Metrics")

    public_id = models.CharField(max_length=40, unique=True, default=ids.event_id)
    job = models.ForeignKey(TrainingJob, on_delete=models.CASCADE, related_name="events")
    created_at = models.DateTimeField(default=timezone.now)
    level = models.CharField(max_length=5, choices=Level, default=Level.INFO)
    type = models.CharField(max_length=10, choices=Type, default=Type.MESSAGE)
    message = models.TextField()
    step = models.PositiveIntegerField(null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="training_event_step_iff_metrics",
                condition=Q(type="metrics", step__isnull=False)
                | Q(type="message", step__isnull=True),
            ),
            models.UniqueConstraint(name="training_event_step_once", fields=["job", "step"]),
        ]
        indexes = [models.Index(name="training_event_newest", fields=["job", "-id"])]

    def __str__(self) -> str:
        return self.message


class ServedModel(models.Model):
    """A fine-tuned model or one of its checkpoints: weights that can be chatted with."""

    name = models.CharField(max_length=300, unique=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="served_models")
    job = models.ForeignKey(TrainingJob, on_delete=models.CASCADE, related_name="served_models")
    weights = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="served_model_weights_once", fields=["weights"])
        ]
        indexes = [models.Index(name="served_model_newest", fields=["workspace", "-id"])]

    def __str__(self) -> str:
        return self.name

    @property
    def weights_path(self) -> Path:
        return storage.weights_path(self.weights)


class TrainingCheckpoint(models.Model):
    """The model as it was at the end of an epoch, or when its job was cancelled."""

    public_id = models.CharField(max_length=40, unique=True, default=ids.checkpoint_id)
    job = models.ForeignKey(TrainingJob, on_delete=models.CASCADE, related_name="checkpoints")
    created_at = models.DateTimeField(default=timezone.now)
    step_number = models.PositiveIntegerField()
    model = models.CharField(max_length=300)  # its name; the model itself may be deleted
    metrics = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="training_checkpoint_once", fields=["job", "step_number"])
        ]

    def __str__(self) -> str:
        return self.model
