"""Removals: what was deleted at a provider, by whom and when. The record outlives the thing."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User, Workspace, WorkspaceQuerySet
from apps.core.leases import free
from apps.core.models import TimestampedModel
from apps.core.sentences import SentenceField
from apps.library.models.tuned_model import TunedModel
from apps.providers.models import Connection


class RemovalQuerySet(WorkspaceQuerySet["Removal"]):
    def open(self) -> Self:
        """Wishes that are neither fulfilled nor refused."""
        return self.filter(done_at=None, refused_at=None)

    def due(self, at: datetime) -> Self:
        quiet = Q(connection__quiet_until__gt=at)
        return self.open().filter(free("step_lease_until", at), next_step_at__lte=at).exclude(quiet)

    def claim(self, pk: int, *, at: datetime, lease: timedelta) -> "Removal | None":
        """Take one due wish for the length of the lease; None when there is nothing to take."""
        mine = self.open().filter(free("step_lease_until", at), pk=pk, next_step_at__lte=at)
        if not mine.update(step_lease_until=at + lease):
            return None
        return self.select_related("connection", "tuned_model").get(pk=pk)

    def held_by(self, attempt: "Removal") -> Self:
        """The same row, if the worker that claimed it still holds its lease."""
        return self.open().filter(pk=attempt.pk, step_lease_until=attempt.step_lease_until)

    def record(self, attempt: "Removal", *, at: datetime, was_gone: bool) -> bool:
        """Write that it is done, on the model's row too: both, or none without the lease."""
        done = {"done_at": at, "was_gone": was_gone, "trouble": "", "step_lease_until": None}
        with transaction.atomic():
            is_written = bool(self.held_by(attempt).update(**done, updated_at=at))
            if is_written and attempt.kind == Removal.Kind.MODEL:
                same = TunedModel.objects.filter(connection=attempt.connection, name=attempt.name)
                same.kept().update(deleted_at=at, updated_at=at)
        return is_written


class Removal(TimestampedModel):
    """One wish to delete a thing at a provider. Asked for twice, it is one row."""

    class Kind(models.TextChoices):
        MODEL = "model", _("Model")
        FILE = "file", _("File")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="removals")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="removals")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=300)  # the model's name or the file's id
    tuned_model = models.ForeignKey(
        TunedModel, on_delete=models.SET_NULL, null=True, blank=True, related_name="removals"
    )
    wished_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(null=True, blank=True)  # the provider was asked at least once
    done_at = models.DateTimeField(null=True, blank=True)
    was_gone = models.BooleanField(default=False)  # the provider did not have it any more
    refused_at = models.DateTimeField(null=True, blank=True)
    refusal = SentenceField(blank=True)  # in the provider's words
    next_step_at = models.DateTimeField(default=timezone.now)
    step_lease_until = models.DateTimeField(null=True, blank=True)  # a worker is at it
    attempts = models.PositiveSmallIntegerField(default=0)  # in a row without success
    trouble = SentenceField(blank=True)  # why the provider could not be asked

    objects = RemovalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="removal_once", fields=["connection", "kind", "name"]),
            models.CheckConstraint(
                name="removal_done_or_refused", condition=Q(done_at=None) | Q(refused_at=None)
            ),
        ]
        indexes = [
            models.Index(
                name="removal_due",
                fields=["next_step_at"],
                condition=Q(done_at=None, refused_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.refused_at is None
