"""What a provider told about a job: events, numbers, checkpoints."""

from typing import Self

from django.db import models
from django.db.models import Q

from apps.jobs.models.jobs import Job


class JobEventQuerySet(models.QuerySet["JobEvent"]):
    def milestones(self) -> Self:
        """What happened, without the message of every training step."""
        return self.exclude(type="metrics")


class JobEvent(models.Model):
    """One event as the provider told it; told twice, it is one row."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    provider_event_id = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    level = models.CharField(max_length=20)
    type = models.CharField(max_length=50)
    message = models.TextField()
    data = models.JSONField(default=dict, blank=True)

    objects = JobEventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="job_event_once", fields=["job", "provider_event_id"])
        ]
        indexes = [
            models.Index(name="job_event_newest", fields=["job", "-created_at", "-id"]),
            models.Index(
                name="job_event_milestones",
                fields=["job", "-created_at", "-id"],
                condition=~Q(type="metrics"),
            ),
        ]

    def __str__(self) -> str:
        return self.message


class MetricPoint(models.Model):
    """The newest numbers of one step; what the provider did not send is missing, never 0.

    Only `points` reads and writes these and the chunks: a series is both together.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="metric_points")
    step = models.PositiveIntegerField()
    numbers = models.JSONField(default=dict)  # by the name of the series

    class Meta:
        constraints = [models.UniqueConstraint(name="metric_point_once", fields=["job", "step"])]

    def __str__(self) -> str:
        return f"step {self.step}"


class MetricChunk(models.Model):
    """Thousands of points of one series, as arrays (`chunks`), and its peaks to draw from afar."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="metric_chunks")
    name = models.CharField(max_length=100)
    first_step = models.PositiveIntegerField()
    last_step = models.PositiveIntegerField()
    steps = models.BinaryField()
    numbers = models.BinaryField()
    peak_steps = models.BinaryField()
    peak_numbers = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="metric_chunk_once", fields=["job", "name", "first_step"])
        ]

    def __str__(self) -> str:
        return f"{self.name} from step {self.first_step}"


class Checkpoint(models.Model):
    """A saved state of the model that can be chatted with."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="checkpoints")
    provider_checkpoint_id = models.CharField(max_length=200)
    model = models.CharField(max_length=300)
    step = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    metrics = models.JSONField(default=dict, blank=True)
    files = models.JSONField(default=list, blank=True)  # ids of its files at the provider

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="checkpoint_once", fields=["job", "provider_checkpoint_id"]
            )
        ]

    def __str__(self) -> str:
        return self.model

    @property
    def valid_loss(self) -> float | None:
        """The loss on the whole validation file where it was measured, else on a batch of it."""
        loss: float | None = self.metrics.get("full_valid_loss", self.metrics.get("valid_loss"))
        return loss
