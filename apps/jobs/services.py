"""What a person can do with jobs. The wish is written here; workers carry it out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, Value
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.core import queue
from apps.datasets.models import Version
from apps.jobs import admission, budget, tasks
from apps.jobs.estimates import estimate_as_shown
from apps.jobs.models import Job
from apps.providers.models import Connection
from apps.providers.profiles import profile_for
from apps.providers.types import Hyperparameter

WATCH = timedelta(seconds=10)  # how long one look counts as watching
WATCHED_DELAY = timedelta(seconds=1)


def create_job(
    *,
    membership: Membership,
    name: str,
    connection: Connection,
    training_data: Version,
    base_model: str,
    validation_data: Version | None = None,
    suffix: str = "",
    seed: int | None = None,
    hyperparameters: Mapping[str, Hyperparameter] | None = None,
    public_id: UUID | None = None,
) -> Job:
    """Save the job, then let a worker bring it to its provider.

    `public_id` was drawn when the form was shown: sending the form twice returns the first job.
    """
    chosen = dict(hyperparameters or {})
    admission.check(
        membership,
        connection=connection,
        training_data=training_data,
        validation_data=validation_data,
        base_model=base_model,
        chosen=chosen,
    )
    job = Job(
        public_id=public_id or uuid4(),
        workspace=membership.workspace,
        created_by=membership.user,
        name=name or f"{training_data.name} · {base_model}"[:200],
        connection=connection,
        training_data=training_data,
        validation_data=validation_data,
        base_model=base_model,
        suffix=suffix,
        seed=seed,
        hyperparameters=chosen,
        estimate=estimate_as_shown(
            training_data, profile_for(connection.profile), base_model, chosen
        ),
    )
    return _saved_once(job)


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
