"""What the first page shows, gathered in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from apps.accounts.models import Membership
from apps.datasets.models import Version
from apps.home import guide, health
from apps.jobs.models import Job
from apps.library import selectors as library
from apps.library.models import Deployment
from apps.playground.models import Conversation, Turn
from apps.providers.types import JobStatus

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each there are."""

    datasets: int
    ready_datasets: int
    jobs: int
    tuned_models: int
    conversations: int
    has_model: bool  # a job has ended well, or a model was found at its provider


@dataclass(frozen=True, slots=True)
class Operation:
    """Is this installation well? For people, so in the terms of what they see."""

    is_engine_reachable: bool
    worker_age: timedelta | None
    trainer_age: timedelta | None

    @property
    def is_worker_silent(self) -> bool:
        return _is_silent(self.worker_age)

    @property
    def is_trainer_silent(self) -> bool:
        return _is_silent(self.trainer_age)

    @property
    def is_well(self) -> bool:
        return self.is_engine_reachable and not (self.is_worker_silent or self.is_trainer_silent)


def _is_silent(age: timedelta | None) -> bool:
    return age is None or age > health.SILENT_AFTER


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page's content."""

    counts: Counts
    steps: Sequence[guide.Step]
    active_jobs: Sequence[Job]
    checking_datasets: Sequence[Version]
    finished_jobs: Sequence[Job]
    latest_datasets: Sequence[Version]
    idle_deployments: Sequence[Deployment]
    models: library.Counts
    operation: Operation

    @property
    def is_busy(self) -> bool:
        return bool(self.active_jobs or self.checking_datasets)


def overview(membership: Membership, *, at: datetime) -> Overview:
    """Gather the first page for this member."""
    jobs = Job.objects.visible_to(membership).select_related("connection")
    datasets = Version.objects.visible_to(membership)
    checking = datasets.filter(status=Version.Status.CHECKING)
    models = library.counts(membership, today=timezone.localdate(at))
    counts = _counts(membership, models)
    return Overview(
        counts=counts,
        steps=guide.steps(
            has_dataset=counts.ready_datasets > 0,
            has_model=counts.has_model,
            has_compared=_has_compared(membership),
            can_edit=membership.can_edit,
        ),
        active_jobs=list(jobs.active().order_by("-created_at", "-pk")[:SHOWN]),
        checking_datasets=list(checking.order_by("-created_at", "-pk")[:SHOWN]),
        finished_jobs=list(
            jobs.filter(finished_at__isnull=False).order_by("-finished_at", "-pk")[:SHOWN]
        ),
        latest_datasets=list(datasets.newest().order_by("-created_at", "-pk")[:SHOWN]),
        idle_deployments=library.idle_deployments(membership),
        models=models,
        operation=_operation(at),
    )


def _counts(membership: Membership, models: library.Counts) -> Counts:
    datasets = Version.objects.visible_to(membership).aggregate(
        all=Count("pk", filter=Q(is_newest=True)),
        ready=Count("pk", filter=Q(status=Version.Status.READY)),
    )
    jobs = Job.objects.visible_to(membership).aggregate(
        all=Count("pk"), succeeded=Count("pk", filter=Q(status=JobStatus.SUCCEEDED))
    )
    return Counts(
        datasets=datasets["all"],
        ready_datasets=datasets["ready"],
        jobs=jobs["all"],
        tuned_models=models.models,
        has_model=bool(models.models or jobs["succeeded"]),
        conversations=Conversation.objects.visible_to(membership).count(),
    )


def _has_compared(membership: Membership) -> bool:
    mine = Conversation.objects.visible_to(membership)
    return Turn.objects.filter(conversation__in=mine).exists()


def _operation(at: datetime) -> Operation:
    return Operation(
        is_engine_reachable=health.is_engine_reachable(),
        worker_age=health.heartbeat_age("worker", at=at),
        trainer_age=health.heartbeat_age("trainer", at=at),
    )
