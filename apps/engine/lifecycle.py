"""How a job's row may change while it is worked on. Every write is guarded by the claim.

Whoever works on a job first claims it and then keeps renewing the lease. A trainer that dies stops
renewing, another one takes the job over, and late writes of the first find nothing to change.
"""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.engine.models import JobStatus, TrainingEvent, TrainingJob

LEASE = timedelta(seconds=10)
MOST_INTERRUPTIONS = 3


class ClaimLost(Exception):
    """The job is somebody else's now, or over: stop working on it."""


def say(job: TrainingJob, message: str, *, level: str = TrainingEvent.Level.INFO) -> None:
    """Add a line to the job's story."""
    TrainingEvent.objects.create(job=job, message=message, level=level)


def claim_next(statuses: Collection[str], *, at: datetime) -> TrainingJob | None:
    """Take the oldest job in one of these statuses that nobody works on; None if there is none."""
    free = TrainingJob.objects.filter(status__in=statuses).free(at)
    with transaction.atomic():
        job = free.select_for_update(skip_locked=True).order_by("pk").first()
        if job is None:
            return None
        was_abandoned = job.claim is not None
        job.claim, job.lease_until = uuid.uuid4(), at + LEASE
        job.save(update_fields=["claim", "lease_until"])
        if was_abandoned and not _may_go_on(job, "its trainer went silent", at=at):
            return None
    return job


def claim_of(job: TrainingJob) -> uuid.UUID:
    """Return the claim a job was taken under; ClaimLost when it was not."""
    if job.claim is None:
        raise ClaimLost
    return job.claim


def renew(claims: Collection[uuid.UUID], *, at: datetime) -> None:
    """Say that work on these jobs goes on."""
    TrainingJob.objects.unfinished().filter(claim__in=claims).update(lease_until=at + LEASE)


def give_back(claim: uuid.UUID) -> None:
    """Let anybody take the job at once; used when a trainer is stopped in good order."""
    TrainingJob.objects.held_by(claim).update(claim=None, lease_until=None)


def interrupted(claim: uuid.UUID, reason: str, *, at: datetime) -> None:
    """Note that work on a job broke off; it goes on soon, or has failed when it was too often."""
    with transaction.atomic():
        job = TrainingJob.objects.held_by(claim).select_for_update().first()
        if job is not None and _may_go_on(job, reason, at=at):
            give_back(claim)


def advance(claim: uuid.UUID, /, **columns: object) -> None:
    """Change columns of a job that is ours; ClaimLost when it is not."""
    if not TrainingJob.objects.held_by(claim).update(**columns):
        raise ClaimLost


def hold(claim: uuid.UUID) -> None:
    """Keep a job that is ours from changing until the transaction ends; ClaimLost if it is not."""
    if not TrainingJob.objects.held_by(claim).select_for_update().exists():
        raise ClaimLost


def finish(claim: uuid.UUID, status: JobStatus, /, *, at: datetime, **columns: object) -> None:
    """End a job that is ours; ClaimLost when it is not, so that an end is never overwritten."""
    advance(
        claim,
        status=status,
        finished_at=at,
        estimated_finish_at=None,
        claim=None,
        lease_until=None,
        **columns,
    )


def fail(job: TrainingJob, *, code: str, message: str, param: str = "") -> None:
    """End a job that is ours with the reason why it cannot succeed."""
    with transaction.atomic():
        finish(
            claim_of(job),
            JobStatus.FAILED,
            at=timezone.now(),
            error_code=code,
            error_message=message,
            error_param=param,
        )
        say(job, message, level=TrainingEvent.Level.ERROR)


def cancel(job: TrainingJob, *, message: str = "The job was cancelled") -> None:
    """End a job that is ours because somebody asked for it."""
    with transaction.atomic():
        finish(claim_of(job), JobStatus.CANCELLED, at=timezone.now())
        say(job, message)


def _may_go_on(job: TrainingJob, reason: str, *, at: datetime) -> bool:
    """Count an interruption of a job that is ours; end the job when it is over for it."""
    if job.cancel_requested_at is not None:
        cancel(job)
        return False
    if job.interruptions >= MOST_INTERRUPTIONS:
        message = f"Training was given up after {job.interruptions + 1} interruptions: {reason}."
        fail(job, code="training_interrupted", message=message)
        return False
    advance(claim_of(job), interruptions=job.interruptions + 1)
    message = f"Training was interrupted: {reason}. It goes on from the last saved state."
    say(job, message, level=TrainingEvent.Level.WARN)
    return True
