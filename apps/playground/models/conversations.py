"""Conversations: the same prompts to several models, side by side."""

import uuid
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User, Workspace, WorkspaceQuerySet
from apps.core.models import TimestampedModel
from apps.jobs.models import Job
from apps.playground.models.settings import ChatSettings
from apps.providers.models import Connection

MIN_COLUMNS, MAX_COLUMNS = 2, 4
MAX_SAMPLES = 8


class ConversationQuerySet(WorkspaceQuerySet["Conversation"]):
    def with_columns(self) -> Self:
        """Each with its columns from left to right."""
        columns = Column.objects.select_related("connection").order_by("position")
        return self.prefetch_related(Prefetch("columns", columns))


class Conversation(ChatSettings, TimestampedModel):
    """Two to four models, any number of turns; its settings hold where a column has none."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="conversations")
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    title = models.CharField(max_length=120)
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="branches"
    )  # whose first turns it took over
    samples = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(MAX_SAMPLES)]
    )  # answers of each model to each prompt
    is_blind = models.BooleanField(default=False)  # names are hidden until a person has voted

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            *ChatSettings.Meta.constraints,
            models.CheckConstraint(
                name="conversation_samples_in_range", condition=Q(samples__range=(1, MAX_SAMPLES))
            ),
        ]
        indexes = [models.Index(name="conversation_newest", fields=["workspace", "-updated_at"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("playground:conversation", args=[self.public_id])


class Column(ChatSettings):
    """One model in a conversation."""

    class Label(models.TextChoices):
        BASE = "base", _("Base")
        TUNED = "tuned", _("Tuned")
        CHECKPOINT = "checkpoint", _("Checkpoint")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="columns")
    position = models.PositiveSmallIntegerField()
    connection = models.ForeignKey(
        Connection, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    model = models.CharField(max_length=300)
    label = models.CharField(max_length=10, choices=Label, blank=True)  # what it is to the job

    has_own_settings = models.BooleanField(default=False)  # else those of the conversation hold
    is_open = models.BooleanField(default=True)  # a closed one keeps what it has answered

    class Meta:
        constraints = [
            *ChatSettings.Meta.constraints,
            models.UniqueConstraint(
                name="column_position_once", fields=["conversation", "position"]
            ),
            models.CheckConstraint(
                name="column_position_in_range", condition=Q(position__lt=MAX_COLUMNS)
            ),
        ]

    def __str__(self) -> str:
        return self.get_label_display() or self.model

    @property
    def settings(self) -> ChatSettings:
        """What this model is asked with."""
        return self if self.has_own_settings else self.conversation
