"""Runs: a suite asked of some models, and what each answered."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User, Workspace, WorkspaceQuerySet
from apps.core.leases import free
from apps.core.models import TimestampedModel
from apps.core.sentences import SentenceField
from apps.evals.models.recordings import Recording
from apps.evals.models.suites import Case, Suite
from apps.providers.models import Connection

MOST_SAMPLES = 10


class RunQuerySet(WorkspaceQuerySet["Run"]):
    def due(self, at: datetime) -> Self:
        """Runs that have something to ask, and that nobody works at."""
        return self.filter(free("lease_until", at), ended_at=None, next_look_at__lte=at)

    def claim(self, pk: int, *, at: datetime, lease: timedelta) -> "Run | None":
        """Take one due run for the length of the lease; None when there is nothing to take."""
        taken = self.due(at).filter(pk=pk).update(lease_until=at + lease)
        return self.select_related("suite").get(pk=pk) if taken else None

    def held_by(self, run: "Run") -> Self:
        """This run, while the worker that claimed it still holds its lease."""
        return self.filter(pk=run.pk, lease_until=run.lease_until, ended_at=None)


class Run(TimestampedModel):
    """A suite, asked of some models with the same settings."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="eval_runs")
    suite = models.ForeignKey(Suite, on_delete=models.CASCADE, related_name="runs")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    samples = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_SAMPLES)]
    )  # answers of each model to each question
    wants_logprobs = models.BooleanField(default=False)
    seed = models.BigIntegerField(null=True, blank=True)  # of the first sample; then counted up
    temperature = models.FloatField(null=True, blank=True)
    max_tokens = models.PositiveIntegerField(null=True, blank=True)
    budget_usd = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    next_look_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = SentenceField(blank=True)  # why questions were left out; "" when none was
    judge_at = models.DateTimeField(null=True, blank=True)  # when it is compared (again)
    result = models.JSONField(default=dict, blank=True)  # the comparisons, made when it has ended

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="eval_run_samples_in_range", condition=Q(samples__range=(1, MOST_SAMPLES))
            )
        ]
        indexes = [
            models.Index(name="eval_run_newest", fields=["workspace", "-created_at"]),
            models.Index(name="eval_run_due", fields=["next_look_at"], condition=Q(ended_at=None)),
            models.Index(
                name="eval_run_to_judge", fields=["judge_at"], condition=~Q(judge_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.suite} · {self.created_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("evals:run", args=[self.public_id])


class Candidate(models.Model):
    """One model of a run. Position 0 is what the others are compared with."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="candidates")
    position = models.PositiveSmallIntegerField()
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recording = models.ForeignKey(
        Recording, on_delete=models.PROTECT, null=True, blank=True, related_name="candidates"
    )
    model = models.CharField(max_length=300)
    label = models.CharField(max_length=200)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="candidate_position_once", fields=["run", "position"]),
            models.CheckConstraint(
                name="candidate_asks_or_is_recorded",
                condition=Q(connection=None) ^ Q(recording=None),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class AnswerQuerySet(models.QuerySet["Answer"]):
    def waiting(self) -> Self:
        return self.filter(status=Answer.Status.WAITING)

    def due(self, at: datetime) -> Self:
        return self.waiting().filter(next_try_at__lte=at)


class Answer(models.Model):
    """What one model said to one question. Waiting until it was asked."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Answered")
        FAILED = "failed", _("Failed")

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="answers")
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="answers")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="answers")
    sample = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    content_key = models.CharField(max_length=64)  # the same question in the same words
    is_copied = models.BooleanField(default=False)  # of an earlier answer to the same question
    text = models.TextField(blank=True)
    logprobs = models.JSONField(null=True, blank=True)  # [[token, logprob, [[token, logprob], …]]]
    error = SentenceField(blank=True)
    served_model = models.CharField(max_length=300, blank=True)
    finish_reason = models.CharField(max_length=50, blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True, blank=True)
    completion_tokens = models.PositiveIntegerField(null=True, blank=True)
    first_token_ms = models.PositiveIntegerField(null=True, blank=True)
    total_ms = models.PositiveIntegerField(null=True, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="answer_once", fields=["candidate", "case", "sample"]),
        ]
        indexes = [
            models.Index(name="answer_status", fields=["run", "status", "next_try_at"]),
            models.Index(name="answer_known", fields=["content_key"], condition=Q(status="done")),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} · {self.case}"
