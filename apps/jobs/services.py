"""What a person can do with jobs. The wish is written here; workers carry it out."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, Value
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.core import queue
from apps.core.naming import free_name
from apps.core.unchanged import LONGEST_SECONDS
from apps.jobs import tasks
from apps.jobs.models import Job
from apps.jobs.money import budget
from apps.jobs.money.estimates import estimate_of
from apps.jobs.starting import admission
from apps.jobs.starting.wanted import Wanted

# How long one look counts: an open page is seen by Django once in LONGEST_SECONDS, and notes it
# every second time.
WATCH = timedelta(seconds=2 * LONGEST_SECONDS + 5)
WATCHED_DELAY = timedelta(seconds=1)


def create_job(
    *, membership: Membership, wanted: Wanted, name: str = "", public_id: UUID | None = None
) -> Job:
    """Save the job, then let a worker bring it to its provider; raises JobRefused.

    `public_id` was drawn when the form was shown: sending the form twice returns the first job.
    """
    admission.check(membership, wanted)
    job = Job(
        public_id=public_id or uuid4(),
        workspace=membership.workspace,
        created_by=membership.user,
        name=name or _title(membership, wanted),
        estimate=estimate_of(wanted),
        **wanted.columns,
    )
    return _saved_once(job)


def _title(membership: Membership, wanted: Wanted) -> str:
    """Return a name that no job of the workspace has yet: the same data is trained with again."""
    taken = Job.objects.filter(workspace=membership.workspace).values_list("name", flat=True)
    title = f"{wanted.training_data.name} · {wanted.base_model}"
    return free_name(title, set(taken.filter(name__startswith=wanted.training_data.name)))


def _saved_once(job: Job) -> Job:
    try:
        with transaction.atomic():
            budget.hold_if_over(job)
            job.save(force_insert=True)
    except IntegrityError:
        first = Job.objects.filter(workspace=job.workspace, public_id=job.public_id).first()
        if first is None:
            raise admission.JobRefused(
                _("This form was used before. Load the page again.")
            ) from None
        return first
    queue.send(tasks.advance_job, job_id=job.pk)
    return job


def watch_job(*, job: Job, at: datetime) -> None:
    """Remember that someone looks, so that news come at their pace. Writes only when it matters."""
    if not job.is_active or not job.provider_job_id or job.attempts:
        return  # a provider in trouble is not asked sooner because someone waits
    is_due_soon = job.next_poll_at <= at + WATCHED_DELAY
    if is_due_soon and job.watched_until and job.watched_until > at + WATCH / 2:
        return
    Job.objects.active().filter(pk=job.pk, attempts=0).update(
        watched_until=at + WATCH, next_poll_at=Least("next_poll_at", Value(at, DateTimeField()))
    )
