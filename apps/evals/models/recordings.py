"""Recordings: what a model answered once. It counts as a model when it no longer runs."""

import uuid

from django.db import models
from django.urls import reverse

from apps.accounts.models import User, Workspace, WorkspaceQuerySet


class Recording(models.Model):
    """Answers of one model. They never change."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="recordings")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    name = models.CharField(max_length=200)
    model = models.CharField(max_length=300, blank=True)
    connection_name = models.CharField(max_length=200, blank=True)  # where it answered, in words

    objects = WorkspaceQuerySet["Recording"].as_manager()

    class Meta:
        indexes = [models.Index(name="recording_newest", fields=["workspace", "-created_at"])]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("evals:recording", args=[self.public_id])


class RecordedAnswer(models.Model):
    """One of them. Questions meet their answers by a hash of the messages alone."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="answers")
    question_key = models.CharField(max_length=64)
    sample = models.PositiveSmallIntegerField(default=0)
    messages = models.JSONField()
    text = models.TextField(blank=True)
    facts = models.JSONField(default=dict, blank=True)  # columns of an answer: tokens, times

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="recorded_answer_once", fields=["recording", "question_key", "sample"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.recording} · {self.pk}"
