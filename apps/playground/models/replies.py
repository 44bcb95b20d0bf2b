"""Replies: what one model answered to one turn, and why an answer is not complete."""

import math
import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Membership
from apps.core.sentences import SentenceField
from apps.playground.models.conversations import MAX_SAMPLES, Column
from apps.playground.showing import truth
from apps.providers.models import Connection

START_WITHIN = timedelta(minutes=1)  # a page opens its streams at once; later, nobody is there
SILENT_AFTER = timedelta(seconds=15)  # the heartbeat comes every second
LONG = 10_000  # characters: such an answer scrolls by itself, else it is many screens high
FEWEST_TIMED, SHORTEST_TIMED_MS = 2, 20  # tokens; else one packet would be a speed


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
    NO_CREDIT = (
        "no_credit",
        _("Top up the account at the provider, or choose another connection above."),
    )
    REFUSED = "refused", _("The provider refused the request. Check the parameters and the prompt.")
    UNAVAILABLE = (
        "unavailable",
        _("The provider cannot answer right now. Wait, then send it again."),
    )
    TOO_LONG = "too_long", _("The answer was cut: it is longer than Retune keeps.")
    FAULT = "fault", _("Something went wrong in Retune. The log says more.")


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


class Reply(models.Model):
    """What one model answered to one turn. Frozen at sending: which model was asked, and where."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        STREAMING = "streaming", _("Answering")
        COMPLETE = "complete", _("Complete")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    turn = models.ForeignKey("playground.Turn", on_delete=models.CASCADE, related_name="replies")
    column = models.ForeignKey(Column, on_delete=models.CASCADE, related_name="replies")
    connection = models.ForeignKey(
        Connection, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    model = models.CharField(max_length=300)
    sample = models.PositiveSmallIntegerField(default=0)  # several answers to the same prompt
    settings = models.JSONField(default=dict, blank=True)  # with what it was asked
    left_out = models.JSONField(default=list, blank=True)  # parameters that this model refuses
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)  # what the model thought first, where it is told
    tool_calls = models.JSONField(default=list, blank=True)  # [{"id", "name", "arguments"}]
    logprobs = models.JSONField(null=True, blank=True)  # [[token, logprob, [[token, logprob], …]]]
    mean_logprob = models.FloatField(null=True, blank=True)  # so that pages need not read them all
    known_as = models.CharField(max_length=300, blank=True)  # the tuned model behind a deployment
    served_model = models.CharField(max_length=300, blank=True)
    system_fingerprint = models.CharField(max_length=200, blank=True)
    finish_reason = models.CharField(max_length=50, blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True, blank=True)
    completion_tokens = models.PositiveIntegerField(null=True, blank=True)
    reasoning_tokens = models.PositiveIntegerField(null=True, blank=True)  # of the completion's
    first_token_ms = models.PositiveIntegerField(null=True, blank=True)
    total_ms = models.PositiveIntegerField(null=True, blank=True)
    usd = models.DecimalField(max_digits=12, decimal_places=8, null=True, blank=True)
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
            models.UniqueConstraint(name="reply_once", fields=["turn", "column", "sample"]),
            models.CheckConstraint(
                name="reply_sample_in_range", condition=Q(sample__lt=MAX_SAMPLES)
            ),
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

    def get_absolute_url(self) -> str:
        """Return where it stands in its conversation."""
        turn = self.turn
        return f"{turn.conversation.get_absolute_url()}?turn={turn.position}#text-{self.public_id}"

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def is_long(self) -> bool:
        return len(self.text) >= LONG

    @property
    def is_empty(self) -> bool:
        """Whether the model ended by itself and has neither said nor called anything."""
        is_complete = self.status == self.Status.COMPLETE
        return is_complete and not self.text.strip() and not self.tool_calls

    @property
    def was_served_by_another_model(self) -> bool:
        """True when the server names a model that is neither the one asked for nor its snapshot."""
        return truth.is_another(self.served_model, (self.model, self.known_as))

    @property
    def tokens_per_second(self) -> float | None:
        """How fast it wrote once it had begun; None where it came too fast to be timed."""
        if self.completion_tokens is None or self.first_token_ms is None or self.total_ms is None:
            return None
        if self.reasoning and self.reasoning_tokens is None:
            return None  # how many of the tokens it wrote since then, nobody told
        writing_ms = self.total_ms - self.first_token_ms
        written = self.completion_tokens - (self.reasoning_tokens or 0)
        if written < FEWEST_TIMED or writing_ms < SHORTEST_TIMED_MS:
            return None
        return (written - 1) / (writing_ms / 1000)

    @property
    def perplexity(self) -> float | None:
        """Among how many equally likely tokens it chose, on average."""
        return None if self.mean_logprob is None else math.exp(min(-self.mean_logprob, 700))
