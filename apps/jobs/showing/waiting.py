"""Why a job on this machine stands still: without a trainer nothing moves, and nobody would say."""

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from apps.core import heartbeat
from apps.jobs.models import Job
from apps.providers.types import JobStatus

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

STANDS_STILL_AFTER = timedelta(seconds=10)
UNHEARD_AFTER = timedelta(seconds=90)  # the calmest job is asked about every minute
SILENT_AFTER = timedelta(seconds=10)  # a trainer is heard every two seconds

NO_TRAINER = _(
    "Waiting for the trainer on this machine: it does not run at the moment. "
    "The job goes on when it is back."
)
BUSY_TRAINER = _("Waiting for the trainer on this machine: it is busy with another job.")


@dataclass(frozen=True, slots=True)
class Standstill:
    """Why nothing new is on the page, as far as anybody knows. All of it is mostly empty."""

    words: "StrPromise | str"
    unheard_since: datetime | None  # when the provider was last heard, if that is a while ago
    quiet_until: datetime | None  # the provider asked for silence

    @property
    def token(self) -> str:
        """Changes when the page has to say something else."""
        return "".join("01"[bool(fact)] for fact in astuple(self))


def standstill_of(job: Job, *, at: datetime) -> Standstill:
    return Standstill(waiting_words(job, at=at), _unheard_since(job, at), _quiet_until(job, at))


def waiting_words(job: Job, *, at: datetime) -> "StrPromise | str":
    """Say what the job waits for; "" while it moves, or when nobody can know."""
    if not _stands_still(job, at):
        return ""
    try:
        age = heartbeat.age("trainer", at=at)
    except RedisError:
        return ""
    if age is None or age > SILENT_AFTER:
        return NO_TRAINER
    return BUSY_TRAINER if job.status == JobStatus.QUEUED else ""


def _unheard_since(job: Job, at: datetime) -> datetime | None:
    is_there = job.is_active and bool(job.provider_job_id)
    heard_at = job.last_polled_at or job.last_news_at
    return heard_at if is_there and heard_at and at - heard_at > UNHEARD_AFTER else None


def _quiet_until(job: Job, at: datetime) -> datetime | None:
    until = job.connection.quiet_until
    return until if job.is_active and until and until > at else None


def _stands_still(job: Job, at: datetime) -> bool:
    is_here = job.connection.is_engine and bool(job.provider_job_id) and job.is_active
    return is_here and job.last_news_at is not None and at - job.last_news_at > STANDS_STILL_AFTER
