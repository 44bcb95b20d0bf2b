"""Why a job on this machine stands still: without a trainer nothing moves, and nobody would say."""

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
SILENT_AFTER = timedelta(seconds=10)  # a trainer is heard every two seconds

NO_TRAINER = _(
    "Waiting for the trainer on this machine: it does not run at the moment. "
    "The job goes on when it is back."
)
BUSY_TRAINER = _("Waiting for the trainer on this machine: it is busy with another job.")


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


def _stands_still(job: Job, at: datetime) -> bool:
    is_here = job.connection.is_engine and bool(job.provider_job_id) and job.is_active
    return is_here and job.last_news_at is not None and at - job.last_news_at > STANDS_STILL_AFTER
