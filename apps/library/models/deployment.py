"""Deployments: what serves a tuned model where a model alone does not answer, and what it costs."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User, Workspace, WorkspaceQuerySet
from apps.core.leases import free
from apps.core.models import TimestampedModel
from apps.core.sentences import SentenceField
from apps.library.models.tuned_model import TunedModel
from apps.providers.types import DeploymentStatus

ENDED = frozenset({DeploymentStatus.STOPPED, DeploymentStatus.FAILED})
IDLE_AFTER = timedelta(hours=6)  # without a question from here
LONGEST_NAME = 50  # every provider takes that many; ours ends with 12 digits of our own id
SECONDS_PER_HOUR = 3600


class PriceToldBy(models.TextChoices):
    """Who said what an hour costs."""

    PROVIDER = "provider", _("as the provider says")
    LIST = "list", _("by the printed price")
    PERSON = "person", _("as somebody here entered it")


class DeploymentQuerySet(WorkspaceQuerySet["Deployment"]):
    def live(self) -> Self:
        """Deployments that have not ended: they may serve, and cost."""
        return self.filter(ended_at=None)

    def answering(self) -> Self:
        return self.live().filter(status=DeploymentStatus.ACTIVE).exclude(model="")

    def idle(self, at: datetime) -> Self:
        """Deployments that cost by the hour, and that nobody here has asked for a while."""
        last = Coalesce(F("last_used_at"), F("active_at"))
        by_hour = self.answering().filter(bills_by_hour=True, active_at__lte=at - IDLE_AFTER)
        return by_hour.alias(last=last).filter(last__lte=at - IDLE_AFTER)

    def due(self, at: datetime) -> Self:
        """Deployments with a step to do: to be started, stopped, or asked how they are."""
        quiet = Q(tuned_model__connection__quiet_until__gt=at)
        return self.live().filter(free("step_lease_until", at), next_step_at__lte=at).exclude(quiet)

    def claim(self, pk: int, *, at: datetime, lease: timedelta) -> "Deployment | None":
        """Take one due deployment for the length of the lease; None when there is none."""
        mine = self.live().filter(free("step_lease_until", at), pk=pk, next_step_at__lte=at)
        if not mine.update(step_lease_until=at + lease):
            return None
        related = ("tuned_model__connection", "tuned_model__job", "tuned_model__checkpoint")
        return self.select_related(*related).get(pk=pk)

    def held_by(self, attempt: "Deployment") -> Self:
        """The same row, if the worker that claimed it still holds its lease."""
        return self.live().filter(pk=attempt.pk, step_lease_until=attempt.step_lease_until)


class Deployment(TimestampedModel):
    """One wish to have a model served. The row is the truth; workers only carry it forward."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="deployments")
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    tuned_model = models.ForeignKey(
        TunedModel, on_delete=models.PROTECT, related_name="deployments"
    )
    name = models.CharField(max_length=LONGEST_NAME, unique=True)  # ours, there: found by it again
    options = models.JSONField(default=dict, blank=True)

    # the saga: each step leaves its mark
    asked_at = models.DateTimeField(null=True, blank=True)  # from here on it may exist, and cost
    provider_deployment_id = models.CharField(max_length=300, blank=True)
    stop_wished_at = models.DateTimeField(null=True, blank=True)
    stop_sent_at = models.DateTimeField(null=True, blank=True)
    stop_refusal = SentenceField(blank=True)  # the provider's words when it did not stop
    next_step_at = models.DateTimeField(default=timezone.now)
    step_lease_until = models.DateTimeField(null=True, blank=True)  # a worker is at it
    attempts = models.PositiveSmallIntegerField(default=0)  # in a row without success
    trouble = SentenceField(blank=True)  # why the provider could not be asked, in its words

    # what the provider said last
    status = models.CharField(
        max_length=20, choices=DeploymentStatus, default=DeploymentStatus.PENDING
    )
    provider_status = models.CharField(max_length=50, blank=True)
    model = models.CharField(max_length=300, blank=True)  # the word to chat with
    error = SentenceField(blank=True)
    raw = models.JSONField(default=dict, blank=True)
    bills_by_hour = models.BooleanField(default=False)
    hourly_usd = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    price_told_by = models.CharField(max_length=10, choices=PriceToldBy, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)  # ends by itself
    last_seen_at = models.DateTimeField(null=True, blank=True)  # the provider told how it is
    last_used_at = models.DateTimeField(null=True, blank=True)  # somebody here chatted with it
    active_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DeploymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="deployment_status_is_known",
                condition=Q(status__in=DeploymentStatus.values),
            ),
            models.CheckConstraint(
                name="deployment_ended_iff_over",
                condition=Q(status__in=sorted(ENDED), ended_at__isnull=False)
                | (~Q(status__in=sorted(ENDED)) & Q(ended_at__isnull=True)),
            ),
            models.UniqueConstraint(
                name="deployment_one_live_per_model",
                fields=["tuned_model"],
                condition=Q(ended_at=None),
            ),
        ]
        indexes = [
            models.Index(
                name="deployment_due", fields=["next_step_at"], condition=Q(ended_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return self.ended_at is None

    @property
    def is_stopping(self) -> bool:
        """Somebody asked to stop it, and it has not ended yet."""
        return self.is_live and self.stop_wished_at is not None

    @property
    def may_stand_there(self) -> bool:
        """It was refused after a try that nobody answered: that one may have had success."""
        is_refused = self.status == DeploymentStatus.FAILED and not self.provider_deployment_id
        return is_refused and self.asked_at is not None and self.attempts > 0

    @property
    def usd_until_now(self) -> Decimal | None:
        """About what it has cost: whole time since it was asked for, at today's known price."""
        if not self.bills_by_hour or self.hourly_usd is None or self.asked_at is None:
            return None
        lasted = (self.ended_at or timezone.now()) - self.asked_at
        return self.hourly_usd * Decimal(max(0.0, lasted.total_seconds())) / SECONDS_PER_HOUR

    @property
    def quiet_seconds(self) -> float | None:
        """Return for how long nobody here has asked it, once that is long and costs; else None."""
        last = self.last_used_at or self.active_at
        if last is None or self.status != DeploymentStatus.ACTIVE or not self.bills_by_hour:
            return None
        quiet = timezone.now() - last
        return quiet.total_seconds() if quiet >= IDLE_AFTER else None


def name_for(title: str, public_id: uuid.UUID) -> str:
    """Return the name at the provider: readable, and our own id, so that it is found again."""
    begins, ends = "retune", public_id.hex[-12:]
    words = slugify(title)[: LONGEST_NAME - len(begins) - len(ends) - 2].strip("-_")
    return "-".join(filter(None, (begins, words, ends)))
