"""Turns: one prompt each, sent to every column."""

from itertools import accumulate
from typing import Self

from django.db import models
from django.db.models import Count, Prefetch

from apps.datasets.models import Version
from apps.playground.models.conversations import Conversation, ConversationQuerySet
from apps.playground.models.replies import Reply

VOTED_ON = ("first", "second", "third", "fourth")
ANSWERS_SHOWN = 40  # at once: a page of a thousand answers takes half a minute to open


class TurnQuerySet(models.QuerySet["Turn"]):
    def with_replies(self) -> Self:
        """The prompts in order, each with its answers from left to right, and votes. 3 queries."""
        replies = (
            Reply.objects.defer("logprobs")
            .select_related("column", "connection")
            .order_by("column__position", "sample")
        )
        rows = self.select_related("data__dataset").order_by("position")
        votes = [f"votes__{each}__column" for each in VOTED_ON]  # nothing more without votes
        return rows.prefetch_related(Prefetch("replies", replies), *votes)

    def first_shown(self) -> int:
        """Return where the newest turns begin that are shown together: one at least."""
        newest = self.annotate(answers=Count("replies")).order_by("-position")
        told = list(newest.values_list("position", "answers")[:ANSWERS_SHOWN])
        sums = accumulate(answers for _position, answers in told)
        shown = [
            place for (place, _), sum_ in zip(told, sums, strict=True) if sum_ <= ANSWERS_SHOWN
        ]
        return min(shown or [place for place, _ in told[:1]], default=0)


class Turn(models.Model):
    """One prompt, sent to every column."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns")
    position = models.PositiveIntegerField()
    text = models.TextField()
    form_token = models.UUIDField(unique=True)  # the same form sent twice is one turn
    # taken from a row of a dataset: the messages before the text, and the answer that is expected
    data = models.ForeignKey(
        Version, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    row = models.PositiveIntegerField(null=True, blank=True)  # 1-based
    context = models.JSONField(default=list, blank=True)
    after = models.JSONField(default=list, blank=True)  # messages sent after the text
    expected = models.TextField(blank=True)
    is_fresh = models.BooleanField(default=False)  # nothing that was said before it is sent
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TurnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="turn_position_once", fields=["conversation", "position"])
        ]

    def __str__(self) -> str:
        return self.text[:80]


def with_turns(conversations: ConversationQuerySet, *, since: int = 0) -> ConversationQuerySet:
    """Load everything the page shows, in five queries however long a conversation is."""
    details = conversations.select_related("job__training_data", "job__validation_data", "parent")
    turns = Turn.objects.with_replies().filter(position__gte=since)
    return details.with_columns().prefetch_related(Prefetch("turns", turns))
