"""How far a job is, as its page says it: from the row's own columns, nothing is asked (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext_lazy as _

from apps.jobs.curves.figures import Figures, figures_of
from apps.jobs.models import Job
from apps.jobs.money import costs
from apps.providers.types import JobStatus

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

STALE_AFTER = timedelta(seconds=60)
AT_PROVIDER = (JobStatus.VALIDATING_FILES, JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Phase:
    """One line of the checklist that stands in for a bar while no steps are known."""

    label: "StrPromise"
    state: Literal["done", "now", "later"]


@dataclass(frozen=True, slots=True)
class Progress:
    """What the live part of a job's page shows."""

    percent: int | None
    phases: Sequence[Phase]
    figures: Figures
    began_at: datetime
    elapsed: timedelta
    finish_at: datetime | None
    finish_source: Literal["provider", "pace", ""]
    left: timedelta | None
    is_stale: bool
    costs_money: bool


def progress_of(job: Job, *, at: datetime) -> Progress:
    """Work out the page's numbers for this moment."""
    began_at = job.started_at or job.created_at
    finish_at, source = _finish(job, at)
    return Progress(
        percent=_percent(job),
        phases=_phases(job),
        figures=figures_of(job),
        began_at=began_at,
        elapsed=max((job.finished_at or at) - began_at, timedelta(0)),
        finish_at=finish_at,
        finish_source=source,
        left=finish_at - at if finish_at else None,
        is_stale=_is_stale(job, at),
        costs_money=costs.costs_money(job),
    )


def _percent(job: Job) -> int | None:
    """Return whole percents of the steps; 100 belongs to jobs that succeeded."""
    if job.status == JobStatus.SUCCEEDED:
        return 100
    if job.step is None or not job.total_steps:
        return None
    return min(99, job.step * 100 // job.total_steps)


def _phases(job: Job) -> list[Phase]:
    reached = _reached(job)
    labels = (
        _("Send the files"),
        _("Create the job"),
        _("Provider checks the files"),
        _("Wait for a free machine"),
        _("Train"),
    )
    states = ["done" if n < reached else "now" if n == reached else "later" for n in range(5)]
    return [Phase(label, state) for label, state in zip(labels, states, strict=True)]  # type: ignore[arg-type]


def _reached(job: Job) -> int:
    """Return how many phases are behind the job."""
    if job.status == JobStatus.SUCCEEDED:
        return 5
    if job.status in AT_PROVIDER:
        return 2 + AT_PROVIDER.index(JobStatus(job.status))
    if job.provider_job_id:
        return 4 if job.started_at else 2
    needs_file = job.validation_data_id is not None and not job.validation_file_id
    return 0 if needs_file or not job.training_file_id else 1


def _finish(job: Job, at: datetime) -> tuple[datetime | None, Literal["provider", "pace", ""]]:
    """Return when the job will probably end, and who says so."""
    if not job.is_active:
        return None, ""
    if job.estimated_finish_at and job.estimated_finish_at > at:
        return job.estimated_finish_at, "provider"
    if job.started_at and job.last_news_at and job.step and job.total_steps:
        pace = (job.last_news_at - job.started_at) / job.step
        finish_at = job.last_news_at + pace * max(0, job.total_steps - job.step)
        return (finish_at, "pace") if finish_at > at else (None, "")
    return None, ""


def _is_stale(job: Job, at: datetime) -> bool:
    is_training = job.is_active and job.status == JobStatus.RUNNING
    return is_training and job.last_news_at is not None and at - job.last_news_at > STALE_AFTER
