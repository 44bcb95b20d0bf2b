"""Scores: what graders say of answers, and what people say of them."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.sentences import SentenceField
from apps.evals.models.runs import Answer


class ScoreQuerySet(models.QuerySet["Score"]):
    def waiting(self) -> Self:
        """Scores that a model has yet to give: a judge, or one that embeds."""
        return self.filter(status=Score.Status.WAITING)

    def due(self, at: datetime) -> Self:
        return self.waiting().filter(next_try_at__lte=at)


class Score(models.Model):
    """What one grader says of one answer. None: it could not say."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Judged")
        FAILED = "failed", _("Failed")

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="scores")
    grader = models.PositiveSmallIntegerField()  # its place in the suite
    status = models.CharField(max_length=10, choices=Status, default=Status.DONE)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    content_key = models.CharField(max_length=64, blank=True)  # what its model is asked, and which
    score = models.FloatField(null=True, blank=True)
    passed = models.BooleanField(null=True, blank=True)
    why = SentenceField(blank=True)
    detail = models.JSONField(default=dict, blank=True)  # what a judge said, in either order
    prompt_tokens = models.PositiveIntegerField(null=True, blank=True)  # of the judge
    completion_tokens = models.PositiveIntegerField(null=True, blank=True)
    override = models.BooleanField(null=True, blank=True)  # a person knows better
    overridden_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    overridden_at = models.DateTimeField(null=True, blank=True)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        ordering = ["grader"]
        indexes = [
            models.Index(
                name="score_waiting", fields=["next_try_at"], condition=Q(status="waiting")
            ),
            models.Index(
                name="score_known",
                fields=["content_key"],
                condition=Q(status="done") & ~Q(content_key=""),
            ),
        ]
        constraints = [models.UniqueConstraint(name="score_once", fields=["answer", "grader"])]

    def __str__(self) -> str:
        return f"{self.answer}: {self.counts}"

    @property
    def counts(self) -> bool | None:
        """Whether it counts as right: what a person says goes first."""
        return self.passed if self.override is None else self.override


class HumanVote(models.Model):
    """One person's word on one answer, given without knowing whose it is."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="votes")
    grader = models.PositiveSmallIntegerField()  # its place in the suite
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    passed = models.BooleanField()
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="human_vote_once", fields=["answer", "grader", "user"])
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.passed}"
