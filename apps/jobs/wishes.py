"""What a person can ask of a job under way. The wish is written here; a worker delivers it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from apps.core import queue
from apps.core.leases import free
from apps.jobs import forgetting, tasks
from apps.jobs.models import WISH_TAKES, Job, JobQuerySet, Wish
from apps.providers.profiles import profile_for
from apps.providers.types import JobStatus


@dataclass(frozen=True, slots=True)
class Steering:
    """Which buttons the page of a job has, and which wish is on its way."""

    may_cancel: bool
    may_pause: bool
    may_resume: bool
    may_delete: bool
    may_delete_there: bool
    awaited: str


def steering_of(job: Job, *, at: datetime) -> Steering:
    """Work out the buttons for this moment."""
    return Steering(
        may_cancel=may_cancel(job),
        may_pause=may_pause(job),
        may_resume=may_resume(job),
        may_delete=may_delete(job),
        may_delete_there=may_delete_there(job),
        awaited=_awaited(job, at),
    )


def _awaited(job: Job, at: datetime) -> str:
    """Return the wish that is being carried out; "" when the job already stands as wished."""
    before: dict[str, str] = {Wish.PAUSE: JobStatus.RUNNING, Wish.RESUME: JobStatus.PAUSED}
    if job.is_stopping:
        return Wish.CANCEL
    if job.status == JobStatus.PAUSING:
        return Wish.PAUSE
    still_stands = job.status == before.get(job.wish) or job.wish == Wish.DELETE
    return job.wish if still_stands and job.awaits(job.wish, at=at) else ""


def may_pause(job: Job) -> bool:
    """Tell whether the provider has a way to pause this job, and there is something to pause."""
    return job.status == JobStatus.RUNNING and _offers(job, "pause")


def may_resume(job: Job) -> bool:
    """Tell whether this job stands still until somebody resumes it."""
    return job.status == JobStatus.PAUSED and _offers(job, "resume")


def may_cancel(job: Job) -> bool:
    """Tell whether this job can be stopped: always before it reaches a provider."""
    return job.is_active and (_offers(job, "cancel") or not job.provider_job_id)


def may_delete(job: Job) -> bool:
    """Tell whether the record may go: of a job that has ended, or that others started."""
    return not job.is_active or job.is_imported


def may_delete_there(job: Job) -> bool:
    """Tell whether the provider can be asked to delete the job as well."""
    return not job.is_active and bool(job.provider_job_id) and _offers(job, "delete_job")


def _offers(job: Job, call: str) -> bool:
    return profile_for(job.connection.profile).capabilities.offers(call)


def cancel_job(*, job: Job) -> None:
    """Write the wish to stop. A job that cannot be at its provider yet ends at once."""
    now = timezone.now()
    if not _cancel_unsent(job, now):
        _ask(Job.objects.active(), job, Wish.CANCEL, now)
    job.refresh_from_db()


def pause_job(*, job: Job) -> bool:
    """Write the wish to pause; False when there is nothing to pause (any more)."""
    return may_pause(job) and _ask_standing(job, Wish.PAUSE, JobStatus.RUNNING)


def resume_job(*, job: Job) -> bool:
    """Write the wish to go on; False when the job is not paused (any more)."""
    return may_resume(job) and _ask_standing(job, Wish.RESUME, JobStatus.PAUSED)


def delete_job(*, job: Job, at_provider: bool) -> bool:
    """Delete the record, at once or when the provider has deleted the job; False if it may not."""
    ended_or_imported = Job.objects.filter(Q(finished_at__isnull=False) | Q(is_imported=True))
    if not at_provider:
        return forgetting.forget(ended_or_imported, job)
    if not may_delete_there(job):
        return False
    _ask(Job.objects.filter(finished_at__isnull=False), job, Wish.DELETE, timezone.now())
    return True


def _ask_standing(job: Job, wish: Wish, status: JobStatus) -> bool:
    """Ask only while the job stands as the page said, and nobody wants it to stop."""
    now = timezone.now()
    standing = Job.objects.active().filter(status=status)
    _ask(standing.exclude(Q(wish=Wish.CANCEL) & _still(now)), job, wish, now)
    job.refresh_from_db()
    return job.awaits(wish, at=now)


def _cancel_unsent(job: Job, now: datetime) -> int:
    nobody_at_it = free("step_lease_until", now)
    never_sent = Job.objects.active().filter(nobody_at_it, provider_job_id="", training_file_id="")
    ended: dict[str, Any] = {"status": JobStatus.CANCELLED, "finished_at": now, "trouble": ""}
    wish: dict[str, Any] = {"wish": Wish.CANCEL, "wished_at": now}
    return never_sent.filter(pk=job.pk).update(**ended, **wish, updated_at=now)


def _ask(jobs: JobQuerySet, job: Job, wish: Wish, now: datetime) -> None:
    """Write a wish that is not being delivered already; asking twice is asking once."""
    mine = jobs.filter(pk=job.pk).exclude(Q(wish=wish) & _still(now))
    asked: dict[str, Any] = {"wish": wish, "wished_at": now, "wish_sent_at": None}
    if mine.update(**asked, wish_refusal="", next_step_at=now, updated_at=now):
        queue.send(tasks.advance_job, job_id=job.pk)


def _still(now: datetime) -> Q:
    """The wish was neither refused nor heard so long ago that it may be repeated."""
    is_fresh = Q(wish_sent_at=None) | Q(wish_sent_at__gt=now - WISH_TAKES)
    return Q(wish_refusal="") & is_fresh
