"""A fine-tuning job: the row that is the truth, and how workers claim it."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User, Workspace, WorkspaceQuerySet
from apps.core.leases import free
from apps.core.models import TimestampedModel
from apps.core.sentences import SentenceField
from apps.datasets.models import Version
from apps.providers.models import Connection
from apps.providers.types import TERMINAL, JobStatus, Method


class Wish(models.TextChoices):
    """What a person asks of a job that is at its provider."""

    CANCEL = "cancel", _("Stop")
    PAUSE = "pause", _("Pause")
    RESUME = "resume", _("Resume")
    DELETE = "delete", _("Delete")


WISH_TAKES = timedelta(minutes=2)  # until a wish that was heard may be repeated
NOT_AT_PROVIDER = Q(finished_at=None, provider_job_id="")
IS_WISHED = ~Q(wish="")


class JobQuerySet(WorkspaceQuerySet["Job"]):
    def active(self) -> Self:
        return self.filter(finished_at=None)

    def with_details(self) -> Self:
        return self.select_related(
            "training_data__dataset", "validation_data__dataset", "connection"
        )

    def to_advance(self, at: datetime) -> Self:
        """Jobs with a step of the saga to do: not yet at the provider, or with a wish to tell it.

        What waits for an approval waits; of an ended job only the deletion is left to do.
        """
        unsent = NOT_AT_PROVIDER & ~Q(status=JobStatus.HELD)
        unheard = IS_WISHED & Q(wish_sent_at=None) & (Q(finished_at=None) | Q(wish=Wish.DELETE))
        due = Q(next_step_at__lte=at) & free("step_lease_until", at)
        return self.filter(unsent | unheard, due)

    def to_poll(self, at: datetime) -> Self:
        """Jobs at the provider whose news are due."""
        due = Q(next_poll_at__lte=at) & free("poll_lease_until", at)
        return self.active().exclude(provider_job_id="").filter(due)

    def claim_step(self, pk: int, *, at: datetime, lease: timedelta) -> "Job | None":
        """Take one due saga for the length of the lease; None when there is nothing to take."""
        taken = self.to_advance(at).filter(pk=pk).update(step_lease_until=at + lease)
        return self.with_details().get(pk=pk) if taken else None

    def held_by_step(self, job: "Job") -> Self:
        """This job, if it has not ended since and the saga that claimed it holds its lease."""
        lease = {"step_lease_until": job.step_lease_until, "finished_at": job.finished_at}
        return self.filter(pk=job.pk, **lease)


class Job(TimestampedModel):
    """One fine-tuning job. The row is the truth; workers only carry it forward."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="jobs")
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=200)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="jobs")
    training_data = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs"
    )  # None for a job that was made elsewhere
    validation_data = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, blank=True, related_name="validation_jobs"
    )
    base_model = models.CharField(max_length=200)
    suffix = models.CharField(max_length=64, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    method = models.CharField(max_length=20, choices=Method, default=Method.SUPERVISED)
    hyperparameters = models.JSONField(default=dict, blank=True)  # as asked for, "auto" included
    grader = models.JSONField(default=dict, blank=True)  # reinforcement: OpenAI's shape
    metadata = models.JSONField(default=dict, blank=True)  # the person's own labels
    integrations = models.JSONField(default=list, blank=True)  # OpenAI's shape: wandb
    cloned_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="clones"
    )
    is_imported = models.BooleanField(default=False)  # made elsewhere, followed here
    provider_created_at = models.DateTimeField(null=True, blank=True)
    estimate = models.JSONField(default=dict, blank=True)  # what the person saw beside the button
    hold_reason = SentenceField(blank=True)  # why an owner was asked first
    approved_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    # the saga: each step leaves its mark, so that it can be repeated and continued
    training_file_id = models.CharField(max_length=200, blank=True)
    validation_file_id = models.CharField(max_length=200, blank=True)
    provider_job_id = models.CharField(max_length=200, blank=True)
    wish = models.CharField(max_length=10, choices=Wish, blank=True)
    wished_at = models.DateTimeField(null=True, blank=True)
    wish_sent_at = models.DateTimeField(null=True, blank=True)  # the provider heard it
    wish_refusal = SentenceField(blank=True)  # the provider's words when it did not do it
    next_step_at = models.DateTimeField(default=timezone.now)
    step_lease_until = models.DateTimeField(null=True, blank=True)  # a worker is at it
    attempts = models.PositiveSmallIntegerField(default=0)  # in a row without success
    trouble = SentenceField(blank=True)  # why the provider could not be asked, in its own words

    # what the provider said last
    status = models.CharField(max_length=20, choices=JobStatus, default=JobStatus.PENDING)
    provider_status = models.CharField(max_length=50, blank=True)
    fine_tuned_model = models.CharField(max_length=300, blank=True)
    trained_tokens = models.BigIntegerField(null=True, blank=True)
    resolved_hyperparameters = models.JSONField(default=dict, blank=True)
    result_files = models.JSONField(default=list, blank=True)
    estimated_finish_at = models.DateTimeField(null=True, blank=True)
    usd = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)  # actual
    error = SentenceField(blank=True)
    error_code = models.CharField(max_length=100, blank=True)
    raw = models.JSONField(default=dict, blank=True)
    raw_digest = models.CharField(max_length=32, blank=True)  # tells whether `raw` is the same
    step = models.PositiveIntegerField(null=True, blank=True)
    total_steps = models.PositiveIntegerField(null=True, blank=True)
    sparkline = models.JSONField(default=list, blank=True)  # at most 40 [step, training loss]
    latest_metrics = models.JSONField(default=dict, blank=True)  # name → [step, newest value]
    results_read_at = models.DateTimeField(null=True, blank=True)  # the result file, after the end
    stalled_at = models.DateTimeField(null=True, blank=True)  # noticed that it stands still
    next_poll_at = models.DateTimeField(default=timezone.now)
    poll_lease_until = models.DateTimeField(null=True, blank=True)  # a poller is asking
    watched_until = models.DateTimeField(null=True, blank=True)  # someone looks: poll faster
    last_news_at = models.DateTimeField(null=True, blank=True)  # the provider said something new
    last_polled_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    announced_at = models.DateTimeField(null=True, blank=True)  # people were told of its end

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="job_status_is_known", condition=Q(status__in=JobStatus.values)
            ),
            models.CheckConstraint(
                name="job_finished_iff_terminal",
                condition=Q(status__in=sorted(TERMINAL), finished_at__isnull=False)
                | (~Q(status__in=sorted(TERMINAL)) & Q(finished_at__isnull=True)),
            ),
            models.UniqueConstraint(
                name="job_provider_job_id_once",
                fields=["connection", "provider_job_id"],
                condition=~Q(provider_job_id=""),
            ),
        ]
        indexes = [
            models.Index(name="job_newest", fields=["workspace", "-created_at"]),
            models.Index(
                name="job_to_announce",
                fields=["finished_at"],
                condition=Q(finished_at__isnull=False, announced_at=None),
            ),
            models.Index(
                name="job_step_due", fields=["next_step_at"], condition=NOT_AT_PROVIDER | IS_WISHED
            ),
            models.Index(
                name="job_poll_due", fields=["next_poll_at"], condition=Q(finished_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("jobs:detail", args=[self.public_id])

    @property
    def is_active(self) -> bool:
        return self.status not in TERMINAL

    @property
    def is_stopping(self) -> bool:
        """Someone asked to cancel, and the provider has not stopped yet."""
        return self.status == JobStatus.CANCELLING or (
            self.is_active and self.awaits(Wish.CANCEL, at=timezone.now())
        )

    def awaits(self, wish: str, *, at: datetime) -> bool:
        """Tell whether this was asked for, and neither refused nor long enough ago to ask again."""
        if self.wish != wish or self.wish_refusal:
            return False
        return self.wish_sent_at is None or self.wish_sent_at > at - WISH_TAKES


class ForgottenJob(models.Model):
    """A job whose record was deleted here: it is not imported again unless somebody asks for it."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    provider_job_id = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="forgotten_job_once", fields=["connection", "provider_job_id"]
            )
        ]

    def __str__(self) -> str:
        return self.provider_job_id
