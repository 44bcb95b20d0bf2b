"""Conversations: the same prompts to several models, side by side, and what each answered."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Prefetch, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Membership, User, Workspace, WorkspaceQuerySet
from apps.core.models import TimestampedModel
from apps.core.sentences import SentenceField
from apps.jobs.models import Job
from apps.providers.models import Connection

MAX_COLUMNS = 4
START_WITHIN = timedelta(minutes=1)  # a page opens its streams at once; later, nobody is there
SILENT_AFTER = timedelta(seconds=15)  # the heartbeat comes every second
A_DATE = re.compile(r"-\d{4}(-\d{2}-\d{2}|\d{4})?")


class ConversationQuerySet(WorkspaceQuerySet["Conversation"]):
    def with_columns(self) -> Self:
        """Each with its columns from left to right."""
        columns = Column.objects.select_related("connection").order_by("position")
        return self.prefetch_related(Prefetch("columns", columns))

    def with_replies(self) -> Self:
        """Everything the page shows, in four queries however long the conversation is."""
        details = self.select_related("job__training_data", "job__validation_data")
        return details.with_columns().prefetch_related(
            Prefetch("turns", Turn.objects.with_replies())
        )


class Conversation(TimestampedModel):
    """One system prompt, one set of parameters, two or more models, any number of turns."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="conversations")
    created_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    title = models.CharField(max_length=120)
    system_prompt = models.TextField(blank=True)
    # left empty: not sent, so the provider's own default holds
    temperature = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(2)]
    )
    top_p = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    max_tokens = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="conversation_temperature_in_range", condition=Q(temperature__range=(0, 2))
            ),
            models.CheckConstraint(
                name="conversation_top_p_in_range", condition=Q(top_p__range=(0, 1))
            ),
            models.CheckConstraint(
                name="conversation_max_tokens_positive", condition=Q(max_tokens__gt=0)
            ),
        ]
        indexes = [models.Index(name="conversation_newest", fields=["workspace", "-updated_at"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("playground:conversation", args=[self.public_id])


class Column(models.Model):
    """One model in a conversation. Two today; the rows allow up to four."""

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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="column_position_once", fields=["conversation", "position"]
            ),
            models.CheckConstraint(
                name="column_position_in_range", condition=Q(position__lt=MAX_COLUMNS)
            ),
        ]

    def __str__(self) -> str:
        return self.get_label_display() or self.model


class TurnQuerySet(models.QuerySet["Turn"]):
    def with_replies(self) -> Self:
        """The prompts in order, each with its answers from left to right. Two queries."""
        replies = Reply.objects.select_related("column", "connection").order_by("column__position")
        return self.order_by("position").prefetch_related(Prefetch("replies", replies))


class Turn(models.Model):
    """One prompt, sent to every column."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns")
    position = models.PositiveIntegerField()
    text = models.TextField()
    form_token = models.UUIDField(unique=True)  # the same form sent twice is one turn
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TurnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="turn_position_once", fields=["conversation", "position"])
        ]

    def __str__(self) -> str:
        return self.text[:80]


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(self, membership: Membership) -> Self:
        return self.filter(turn__conversation__workspace=membership.workspace_id)

    def editable_by(self, membership: Membership) -> Self:
        return self.visible_to(membership) if membership.can_edit else self.none()

    def unfinished(self) -> Self:
        return self.filter(finished_at=None)

    def abandoned(self, at: datetime) -> Self:
        """Replies that nobody came for, or whose process fell silent."""
        never_started = Q(status=Reply.Status.PENDING, created_at__lt=at - START_WITHIN)
        silent = Q(status=Reply.Status.STREAMING, heartbeat_at__lt=at - SILENT_AFTER)
        return self.filter(never_started | silent)

    def close_abandoned(self, at: datetime) -> int:
        """Mark abandoned replies as stopped, with the reason; what arrived stays."""
        pending = When(status=Reply.Status.PENDING, then=Value(Trouble.NEVER_STARTED.value))
        return self.abandoned(at).update(
            trouble=Case(pending, default=Value(Trouble.INTERRUPTED.value)),
            status=Reply.Status.STOPPED,
            finished_at=at,
        )

    def claim(self, pk: int, *, at: datetime) -> bool:
        """Take a waiting reply: true for exactly one caller, who then asks the provider."""
        waiting = self.filter(pk=pk, status=Reply.Status.PENDING, created_at__gte=at - START_WITHIN)
        return bool(waiting.update(status=Reply.Status.STREAMING, claimed_at=at, heartbeat_at=at))


class Trouble(models.TextChoices):
    """Why a reply is not complete, and what to do about it, in words."""

    NEVER_STARTED = "never_started", _("The page was closed before this was asked. Send it again.")
    READER_LEFT = "reader_left", _("The page was left while this was arriving. What came is kept.")
    INTERRUPTED = "interrupted", _("Retune was interrupted here. What had arrived is kept.")
    NO_CONNECTION = "no_connection", _("This connection was deleted. Choose another one above.")
    MODEL_NOT_FOUND = (
        "model_not_found",
        _("The provider does not know this model. Check the name above."),
    )
    MODEL_NOT_READY = (
        "model_not_ready",
        _("The model is not ready yet: after a job this can take some minutes. Send it again."),
    )
    MODEL_NOT_DEPLOYED = (
        "model_not_deployed",
        _("This model answers only while it is deployed. Deploy it on its page."),
    )
    MODEL_DELETED = (
        "model_deleted",
        _("This model was deleted at the provider, so it answers no more."),
    )
    MODEL_ENDED = (
        "model_ended",
        _("The provider has switched this model off. Its page says since when."),
    )
    KEY_REFUSED = "key_refused", _("The key was not accepted. Check the connection.")
    REFUSED = "refused", _("The provider refused the request. Check the parameters and the prompt.")
    UNAVAILABLE = (
        "unavailable",
        _("The provider cannot answer right now. Wait, then send it again."),
    )
    TOO_LONG = "too_long", _("The answer was cut: it is longer than Retune keeps.")
    FAULT = "fault", _("Something went wrong in Retune. The log says more.")


class Reply(models.Model):
    """What one model answered to one turn. Frozen at sending: which model was asked, and where."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        STREAMING = "streaming", _("Answering")
        COMPLETE = "complete", _("Complete")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="replies")
    column = models.ForeignKey(Column, on_delete=models.CASCADE, related_name="replies")
    connection = models.ForeignKey(
        Connection, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    model = models.CharField(max_length=300)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    text = models.TextField(blank=True)
    served_model = models.CharField(max_length=300, blank=True)
    system_fingerprint = models.CharField(max_length=200, blank=True)
    finish_reason = models.CharField(max_length=50, blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True, blank=True)
    completion_tokens = models.PositiveIntegerField(null=True, blank=True)
    first_token_ms = models.PositiveIntegerField(null=True, blank=True)
    total_ms = models.PositiveIntegerField(null=True, blank=True)
    trouble = models.CharField(max_length=20, choices=Trouble, blank=True)
    error = SentenceField(blank=True)  # the provider's own words
    created_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="reply_once", fields=["turn", "column"]),
            models.CheckConstraint(
                name="reply_claimed_before_it_streams",
                condition=Q(status="pending", claimed_at=None)
                | Q(status__in=["streaming", "complete", "failed"], claimed_at__isnull=False)
                | Q(status="stopped"),
            ),
            models.CheckConstraint(
                name="reply_finished_iff_terminal",
                condition=Q(status__in=["pending", "streaming"], finished_at=None)
                | Q(status__in=["complete", "stopped", "failed"], finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="reply_streaming_has_heartbeat",
                condition=~Q(status="streaming") | Q(heartbeat_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="reply_unfinished", fields=["turn"], condition=Q(finished_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def was_served_by_another_model(self) -> bool:
        """True when the server names a model that is neither the one asked for nor its snapshot."""
        snapshot = self.served_model.removeprefix(self.model)
        is_same = snapshot == "" or (
            snapshot != self.served_model and A_DATE.fullmatch(snapshot) is not None
        )
        return bool(self.served_model) and not is_same
