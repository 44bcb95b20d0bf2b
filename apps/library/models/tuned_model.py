"""Tuned models: what jobs made and what a provider lists besides, and what people note about it."""

import uuid
from datetime import date, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Workspace, WorkspaceQuerySet
from apps.core.models import TimestampedModel
from apps.core.sentences import SentenceField
from apps.jobs.models import Checkpoint, Job
from apps.library import names
from apps.providers.models import Connection

LONGEST_NAME = 300
LONGEST_TAG = 40
SETTLES_WITHIN = timedelta(minutes=15)  # a provider may need that long until a new model answers


class EndToldBy(models.TextChoices):
    """Who said when a model stops answering; the first that says anything is believed."""

    MODEL = "model", _("The provider says so for this model.")
    BASE = "base", _("The provider says so for its base model; tuned models go with their base.")
    ANNOUNCEMENT = "announcement", _("The provider announced it.")


class TunedModelQuerySet(WorkspaceQuerySet["TunedModel"]):
    def with_details(self) -> Self:
        """Each with where it came from, without what is heavy and not shown."""
        heavy = ("job__raw", "job__training_data__statistics")
        related = ("connection", "job__connection", "job__training_data__dataset", "checkpoint")
        return self.select_related(*related).defer(*heavy)

    def results(self) -> Self:
        """Models that a job ended with or that were made elsewhere: all but the saved states."""
        return self.filter(is_checkpoint=False)

    def kept(self) -> Self:
        """Models that are still at their provider, as far as Retune knows."""
        return self.filter(deleted_at=None)


class TunedModel(TimestampedModel):
    """One model at a provider that can be asked, or deployed to be asked."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tuned_models")
    connection = models.ForeignKey(  # an index of its own would be taken for the one with the name
        Connection, on_delete=models.CASCADE, related_name="tuned_models", db_index=False
    )
    name = models.CharField(max_length=LONGEST_NAME)  # the provider's word for it
    title = models.CharField(max_length=200, blank=True)  # what people call it
    job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="tuned_models"
    )  # None for a model that no job here explains
    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.SET_NULL, null=True, blank=True, related_name="tuned_models"
    )
    is_checkpoint = models.BooleanField(default=False)
    step = models.PositiveIntegerField(null=True, blank=True)
    base_model = models.CharField(max_length=300, blank=True)  # stays when the job's row goes
    made_at = models.DateTimeField()  # of a model made elsewhere: when it was found
    notes = models.TextField(blank=True)
    tags = ArrayField(models.CharField(max_length=LONGEST_TAG), default=list, blank=True)
    shutdown_date = models.DateField(null=True, blank=True)  # what the provider lists for it
    base_shutdown_date = models.DateField(null=True, blank=True)  # … and for its base
    ends_on = models.DateField(null=True, blank=True)  # the date that counts, for sorting
    end_told_by = models.CharField(max_length=20, choices=EndToldBy, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)  # deleted at the provider

    objects = TunedModelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="tuned_model_once", fields=["connection", "name"]),
            models.CheckConstraint(
                name="tuned_model_end_has_a_source",
                condition=Q(ends_on=None, end_told_by="")
                | (Q(ends_on__isnull=False) & Q(end_told_by__in=EndToldBy.values)),
            ),
        ]
        indexes = [
            models.Index(name="tuned_model_newest", fields=["workspace", "-made_at", "-id"]),
            models.Index(name="tuned_model_soonest_end", fields=["workspace", "ends_on", "-id"]),
            GinIndex(name="tuned_model_tags", fields=["tags"]),
            models.Index(name="tuned_model_tagged", fields=["workspace"], condition=~Q(tags=[])),
        ]

    def __str__(self) -> str:
        return self.title or self.name

    def get_absolute_url(self) -> str:
        return reverse("library:detail", args=[self.public_id])

    @property
    def is_unexplained(self) -> bool:
        """No job here made it: it was made elsewhere, or its job's row is gone."""
        return self.job_id is None

    @property
    def is_new(self) -> bool:
        """So new that the provider may not answer for it yet."""
        return not self.is_unexplained and timezone.now() - self.made_at < SETTLES_WITHIN

    @property
    def short_name(self) -> str:
        """The end of a long id, where models of one base differ."""
        return names.shortened(self.name)

    def days_left(self, today: date) -> int | None:
        """Return how many days it still answers; 0 once it has ended, None when nobody knows."""
        return None if self.ends_on is None else max(0, (self.ends_on - today).days)


class ModelList(models.Model):
    """When a connection's own list of models was read, and when it is read again."""

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, related_name="model_list", primary_key=True
    )
    next_read_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # in a row without success
    trouble = SentenceField(blank=True)  # why it could not be read, in the provider's words

    class Meta:
        indexes = [models.Index(name="model_list_due", fields=["next_read_at"])]

    def __str__(self) -> str:
        return f"models of {self.connection_id}"
