"""Suites, their questions, and cases that wait to become questions."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User, Workspace, WorkspaceQuerySet
from apps.core.models import TimestampedModel
from apps.datasets.models import Version


class Suite(TimestampedModel):
    """Questions with their expected answers, and how an answer is graded. It never changes."""

    class Kind(models.TextChoices):
        ROWS = "rows", _("Rows of a dataset")
        SAVED = "saved", _("Saved cases")
        DRIFT = "drift", _("Drift card")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="suites")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ROWS)
    data = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, blank=True, related_name="suites"
    )
    graders = models.JSONField(default=list)  # apps/evals/graders says what one may be
    seed = models.BigIntegerField(default=0)  # of the sample of rows
    left_out = models.PositiveIntegerField(default=0)  # sampled rows that hold nothing to expect

    objects = WorkspaceQuerySet["Suite"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="suite_of_rows_has_data",
                condition=Q(kind="rows", data__isnull=False) | (~Q(kind="rows") & Q(data=None)),
            )
        ]
        indexes = [models.Index(name="suite_newest", fields=["workspace", "-created_at"])]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("evals:suite", args=[self.public_id])


class Case(models.Model):
    """One question: the messages before the answer, and the answer that is expected."""

    suite = models.ForeignKey(Suite, on_delete=models.CASCADE, related_name="cases")
    position = models.PositiveIntegerField()
    row = models.PositiveIntegerField(null=True, blank=True)  # in the data, 1-based
    messages = models.JSONField()
    expected = models.TextField(blank=True)  # calls of tools as datasets/rows/calls.py writes them
    tools = models.JSONField(default=list, blank=True)  # that the model may call
    grader = models.JSONField(null=True, blank=True)  # its own, where the suite's says "case"
    slices = models.JSONField(default=dict, blank=True)  # {"language": "de", "length": "long"}

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="case_position_once", fields=["suite", "position"])
        ]

    def __str__(self) -> str:
        return f"question {self.position}"


class SavedCase(models.Model):
    """A question that a person wants asked again: from the playground, or written by hand."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="saved_cases")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    collection = models.CharField(max_length=120)  # what a suite is made from
    messages = models.JSONField()
    expected = models.TextField(blank=True)
    note = models.TextField(blank=True)
    content_key = models.CharField(max_length=64)  # of messages: saved twice, it is one case

    objects = WorkspaceQuerySet["SavedCase"].as_manager()

    class Meta:
        ordering = ["collection", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="saved_case_once", fields=["workspace", "collection", "content_key"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.collection} {self.pk}"
