"""Fine-tuning jobs, and what the provider told about them."""

from apps.jobs.models.budgets import Budget
from apps.jobs.models.jobs import WISH_TAKES, ForgottenJob, Job, JobQuerySet, Wish
from apps.jobs.models.told import Checkpoint, JobEvent, MetricChunk, MetricPoint
from apps.jobs.models.transfers import FileTransfer

__all__ = [
    "WISH_TAKES",
    "Budget",
    "Checkpoint",
    "FileTransfer",
    "ForgottenJob",
    "Job",
    "JobEvent",
    "JobQuerySet",
    "MetricChunk",
    "MetricPoint",
    "Wish",
]
