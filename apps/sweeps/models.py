"""Sweeps: one job for each combination of some settings, started a few at a time."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User, Workspace, WorkspaceQuerySet
from apps.core.leases import free
from apps.core.models import TimestampedModel
from apps.core.sentences import SentenceField
from apps.datasets.models import Version
from apps.jobs.models import Job
from apps.jobs.starting.wanted import Wanted
from apps.providers.models import Connection
from apps.providers.types import Method


class SweepQuerySet(WorkspaceQuerySet["Sweep"]):
    def with_details(self) -> Self:
        return self.select_related(
            "training_data__dataset", "validation_data__dataset", "connection"
        )

    def due(self, at: datetime) -> Self:
        """Sweeps that may have a trial to start."""
        return self.filter(free("lease_until", at), ended_at=None, next_look_at__lte=at)

    def claim(self, pk: int, *, at: datetime, lease: timedelta) -> "Sweep | None":
        """Take one due sweep for the length of the lease; None when there is nothing to take."""
        taken = self.due(at).filter(pk=pk).update(lease_until=at + lease)
        return self.with_details().get(pk=pk) if taken else None

    def held_by(self, sweep: "Sweep") -> Self:
        """This sweep, while the worker that claimed it still holds its lease."""
        return self.filter(pk=sweep.pk, lease_until=sweep.lease_until, ended_at=None)


class Sweep(TimestampedModel):
    """What all trials share. Once it has ended, no trial is started any more."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="sweeps")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="sweeps")
    training_data = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="sweeps")
    validation_data = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    base_model = models.CharField(max_length=200)
    method = models.CharField(max_length=20, choices=Method, default=Method.SUPERVISED)
    hyperparameters = models.JSONField(default=dict, blank=True)  # the same in every trial
    grid = models.JSONField(default=dict)  # name → the values to try, in the order of the form
    grader = models.JSONField(default=dict, blank=True)
    suffix = models.CharField(max_length=64, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    integrations = models.JSONField(default=list, blank=True)
    at_once = models.PositiveSmallIntegerField(default=1)  # jobs under way at the same time
    budget_usd = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    next_look_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = SentenceField(blank=True)  # why trials were left out; "" when none was

    objects = SweepQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(name="sweep_newest", fields=["workspace", "-created_at"]),
            models.Index(name="sweep_due", fields=["next_look_at"], condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("sweeps:detail", args=[self.public_id])

    def wanted(self, trial: "Trial") -> Wanted:
        """Return what the job of one trial is made from."""
        return Wanted(
            connection=self.connection,
            training_data=self.training_data,
            validation_data=self.validation_data,
            base_model=self.base_model,
            method=Method(self.method),
            hyperparameters={**self.hyperparameters, **trial.settings},
            grader=self.grader,
            suffix=self.suffix,
            seed=self.seed,
            metadata=self.metadata,
            integrations=self.integrations,
        )


class Trial(models.Model):
    """One combination of settings, and the job that tries it."""

    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="trials")
    position = models.PositiveSmallIntegerField()
    settings = models.JSONField(default=dict)  # what is special to it
    job = models.OneToOneField(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="trial"
    )
    begun_at = models.DateTimeField(null=True, blank=True)  # also when its job is gone since
    refusal = SentenceField(blank=True)  # why no job could be made

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="trial_position_once", fields=["sweep", "position"])
        ]

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.settings.items())
