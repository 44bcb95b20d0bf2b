"""What the pages of jobs show, gathered in a fixed number of queries."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q

from apps.accounts.models import Membership
from apps.jobs.curves import observations, points
from apps.jobs.curves.chunks import Series
from apps.jobs.curves.observations import Observation
from apps.jobs.models import Checkpoint, Job, JobEvent, JobQuerySet
from apps.jobs.showing import progress
from apps.jobs.showing.progress import Progress
from apps.providers.types import JobStatus

JOBS_PER_PAGE = 50
EVENTS_SHOWN = 15
CHECKPOINTS_SHOWN = 5
LISTED = (  # the columns that a row of the list shows; a job's row is mostly JSON
    "public_id",
    "name",
    "base_model",
    "status",
    "step",
    "total_steps",
    "sparkline",
    "created_at",
    "finished_at",
    "is_imported",
    "connection__name",
    "training_data__dataset__name",
    "training_data__number",
    "training_data__is_newest",
    "training_data__dataset__public_id",
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address of the list asks for. Nonsense asks for nothing."""

    status: str = ""
    connection: UUID | None = None
    search: str = ""

    @property
    def is_any(self) -> bool:
        return bool(self.status or self.connection or self.search)


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of the list: which jobs, and a token that changes when anything on it does."""

    page: Page[tuple[int, datetime]]
    version: str

    def jobs(self) -> Sequence[Job]:
        """Read what the rows show. Costs a query: not for a page that has not changed."""
        ids = [pk for pk, _updated_at in self.page]
        shown = Job.objects.select_related("training_data__dataset", "connection").only(*LISTED)
        by_id = shown.in_bulk(ids)
        return [by_id[pk] for pk in ids if pk in by_id]


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The saved states of a job, newest first: a few, the others folded away, and which is best."""

    first: Sequence[Checkpoint]
    folded: Sequence[Checkpoint]
    best: Checkpoint | None


@dataclass(frozen=True, slots=True)
class JobDetail:
    """Everything on the page of one job."""

    job: Job
    progress: Progress
    events: Sequence[JobEvent]
    has_more_events: bool
    checkpoints: Checkpoints
    observation: Observation | None


def job_page(membership: Membership, filters: Filters, number: str | int) -> JobPage:
    """Return one page of the jobs that this member may see, newest first."""
    found = _matching(Job.objects.visible_to(membership), filters)
    rows = found.order_by("-created_at", "-pk").values_list("pk", "updated_at")
    page = Paginator(rows, JOBS_PER_PAGE).get_page(number)
    page.object_list = list(page.object_list)
    facts = ",".join(f"{pk}:{updated_at.timestamp()}" for pk, updated_at in page)
    return JobPage(page=page, version=hashlib.sha256(facts.encode()).hexdigest()[:16])


def _matching(jobs: JobQuerySet, filters: Filters) -> JobQuerySet:
    if filters.status == "active":
        jobs = jobs.active()
    elif filters.status in JobStatus.values:
        jobs = jobs.filter(status=filters.status)
    if filters.connection:
        jobs = jobs.filter(connection__public_id=filters.connection)
    if filters.search:
        words = filters.search
        jobs = jobs.filter(
            Q(name__icontains=words)
            | Q(base_model__icontains=words)
            | Q(fine_tuned_model__icontains=words)
            | Q(training_data__dataset__name__icontains=words)
        )
    return jobs


def job_detail(job: Job, *, at: datetime, with_steps: bool) -> JobDetail:
    """Gather the page of one job: its newest events, its checkpoints, its progress."""
    events = job.events.all() if with_steps else job.events.milestones()
    newest = list(events.order_by("-created_at", "-pk")[: EVENTS_SHOWN + 1])
    checkpoints = list(job.checkpoints.order_by("-step", "-pk"))
    return JobDetail(
        job=job,
        progress=progress.progress_of(job, at=at),
        events=newest[:EVENTS_SHOWN],
        has_more_events=len(newest) > EVENTS_SHOWN,
        checkpoints=_checkpoints(checkpoints),
        observation=observation_of(job, [each.step for each in checkpoints]),
    )


def observation_of(job: Job, checkpoints: Sequence[int] = ()) -> Observation | None:
    """Read the curves that can tell something, and say what stands out in them."""
    return observed_in(job, curves_to_judge(job), checkpoints)


def curves_to_judge(job: Job) -> dict[str, Series]:
    """Read the curves of a job that can tell how it goes."""
    names = [name for name in job.latest_metrics if name in observations.NAMES]
    return points.series(job.pk, names) if names else {}


def observed_in(
    job: Job, curves: Mapping[str, Series], checkpoints: Sequence[int] = ()
) -> Observation | None:
    """Say what stands out in these curves of a job."""
    step = job.step or 0
    run = observations.Run(curves, step, job.total_steps, job.is_active, checkpoints)
    return observations.observed(run)


def _checkpoints(newest: Sequence[Checkpoint]) -> Checkpoints:
    """Show the newest ones, and the one with the lowest validation loss however old it is."""
    by_loss = {each.valid_loss: each for each in reversed(newest) if each.valid_loss is not None}
    best = by_loss[min(by_loss)] if by_loss else None
    first = list(newest[:CHECKPOINTS_SHOWN])
    if best and best not in first:
        first[-1] = best
    return Checkpoints(first, [each for each in newest if each not in first], best)
