"""Jobs that were made elsewhere with the same account: found, and followed here like our own.

A job at a provider is one row at most: the database holds (connection, provider_job_id) unique.
What carries the key of a row of ours that is still on its way is left to that row's saga.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.jobs.models import ForgottenJob, Job
from apps.providers import registry
from apps.providers.models import Connection
from apps.providers.types import (
    TERMINAL,
    JobSnapshot,
    JobStatus,
    Method,
    ProviderError,
    ProviderUnavailable,
)

logger = logging.getLogger(__name__)
EVERY = timedelta(minutes=1)
LEASE = timedelta(minutes=2)  # a whole list of thousands takes a while
NEWEST = 100  # what is looked through each minute; once an hour it is everything
EVERYTHING = 20_000
CHUNK = 500


def due(*, at: datetime) -> list[int]:
    """Return the connections whose time has come."""
    waiting = Connection.objects.filter(next_import_at__lte=at).order_by("next_import_at", "pk")
    return list(waiting.values_list("pk", flat=True))


def import_jobs(connection_id: int, *, at: datetime) -> None:
    """Import at this connection if it is due; another worker then finds nothing to claim."""
    connection = Connection.objects.filter(pk=connection_id, next_import_at__lte=at).first()
    if connection is None:
        return
    mine = Connection.objects.filter(pk=connection.pk, next_import_at=connection.next_import_at)
    connection.next_import_at = at + LEASE
    if mine.update(next_import_at=connection.next_import_at):
        _import_at(connection, at)


def _import_at(connection: Connection, at: datetime) -> None:
    last = connection.last_import_at
    is_whole = last is None or last.hour != at.hour or not connection.follows_all_jobs
    try:
        jobs = async_to_sync(list_jobs)(connection, EVERYTHING if is_whole else NEWEST)
        if not is_whole and len(jobs) == NEWEST and len(unknown(connection, jobs)) == NEWEST:
            jobs = async_to_sync(list_jobs)(connection, EVERYTHING)
    except (ProviderError, ProviderUnavailable) as refusal:
        logger.warning("importing at connection %s: %s", connection.public_id, refusal)
        told = getattr(refusal, "retry_after", None) or 0.0
        _done(connection, next_at=at + max(EVERY, timedelta(seconds=min(told, 86_400))))
        return
    adopt(connection, jobs)
    next_at = at + EVERY if connection.follows_all_jobs else None
    _done(connection, next_at=next_at, last_import_at=at)


def _done(connection: Connection, *, next_at: datetime | None, **columns: Any) -> None:
    """Give the claim back, unless somebody has asked for another import meanwhile."""
    mine = Connection.objects.filter(pk=connection.pk, next_import_at=connection.next_import_at)
    mine.update(next_import_at=next_at, **columns)


def import_soon(connection: Connection) -> None:
    """Let a worker import everything that is there, once."""
    Connection.objects.filter(pk=connection.pk).update(
        next_import_at=timezone.now(), last_import_at=None
    )


def follow(connection: Connection, *, follows_all_jobs: bool) -> None:
    """Import every job of this connection from now on, or no more."""
    next_at = timezone.now() if follows_all_jobs else None
    Connection.objects.filter(pk=connection.pk).update(
        follows_all_jobs=follows_all_jobs, next_import_at=next_at, last_import_at=None
    )


def import_one(connection: Connection, provider_job_id: str) -> Job | None:
    """Import this job, also if its record was deleted here; None if a saga of ours brings it.

    Raises ProviderError or ProviderUnavailable.
    """
    job = async_to_sync(_get_job)(connection, provider_job_id)
    adopt(connection, [job], even_forgotten=True)
    mine = Job.objects.filter(connection=connection)
    return mine.filter(provider_job_id=job.provider_job_id).first()


async def _get_job(connection: Connection, provider_job_id: str) -> JobSnapshot:
    async with registry.open_provider(connection) as provider:
        return await provider.get_job(provider_job_id)


async def list_jobs(connection: Connection, limit: int) -> list[JobSnapshot]:
    """Ask the provider for its newest jobs, whoever made them."""
    async with registry.open_provider(connection) as provider:
        return await provider.list_jobs(limit=limit)


def unknown(connection: Connection, jobs: Iterable[JobSnapshot]) -> list[JobSnapshot]:
    """Return the jobs that have no row here and will get none from a saga on its way."""
    told = {job.provider_job_id: job for job in jobs if job.provider_job_id}
    mine = Job.objects.filter(connection=connection)
    known = set(mine.filter(provider_job_id__in=told).values_list("provider_job_id", flat=True))
    on_their_way = {
        str(key)
        for key in mine.active().filter(provider_job_id="").values_list("public_id", flat=True)
    }
    return [
        job
        for job_id, job in told.items()
        if job_id not in known and job.client_key not in on_their_way
    ]


def adopt(
    connection: Connection, jobs: Sequence[JobSnapshot], *, even_forgotten: bool = False
) -> int:
    """Make a row for each unknown job, and return how many; what was deleted here stays away."""
    new = unknown(connection, jobs)
    told = {job.provider_job_id for job in new}
    forgotten = ForgottenJob.objects.filter(connection=connection, provider_job_id__in=told)
    if even_forgotten:
        forgotten.delete()
    away = set(forgotten.values_list("provider_job_id", flat=True))
    welcome = [job for job in new if job.provider_job_id not in away]
    for start in range(0, len(welcome), CHUNK):
        _insert(connection, welcome[start : start + CHUNK])
    return len(welcome)


@transaction.atomic
def _insert(connection: Connection, jobs: Sequence[JobSnapshot]) -> None:
    ours, data = _orphaned(connection, jobs), _known_files(connection, jobs)
    rows = [_row(connection, job, ours.get(job.client_key), data) for job in jobs]
    Job.objects.bulk_create(rows, ignore_conflicts=True)
    made_there = Job.objects.filter(public_id__in=[row.public_id for row in rows])
    made_there.exclude(provider_created_at=None).update(created_at=F("provider_created_at"))


def _orphaned(connection: Connection, jobs: Iterable[JobSnapshot]) -> dict[str, Job]:
    """Return our rows that ended without knowing that their job is at the provider all the same."""
    keys = [key for job in jobs if (key := _uuid(job.client_key))]
    return {
        str(job.public_id): job
        for job in Job.objects.filter(connection=connection, public_id__in=keys)
    }


def _known_files(connection: Connection, jobs: Iterable[JobSnapshot]) -> dict[str, int]:
    """Return our datasets by the ids that their files got at this provider."""
    told = {name for job in jobs for name in (job.training_file, job.validation_file) if name}
    mine = Job.objects.filter(connection=connection)
    training = mine.filter(training_file_id__in=told, training_data__isnull=False)
    validation = mine.filter(validation_file_id__in=told, validation_data__isnull=False)
    pairs = training.values_list("training_file_id", "training_data_id").distinct()
    more = validation.values_list("validation_file_id", "validation_data_id").distinct()
    return {name: pk for name, pk in (*pairs, *more) if pk is not None}


def _row(connection: Connection, job: JobSnapshot, ours: Job | None, data: dict[str, int]) -> Job:
    """Return the row of a job made elsewhere. An ended one is read whole before it says so."""
    is_over = job.status in TERMINAL
    return Job(
        workspace_id=connection.workspace_id,
        connection=connection,
        is_imported=True,
        name=ours.name if ours else name_of(job),
        created_by_id=ours.created_by_id if ours else None,
        provider_job_id=job.provider_job_id,
        provider_created_at=job.created_at,
        status=JobStatus.UNKNOWN if is_over else job.status,
        provider_status=job.provider_status[:50],
        base_model=job.base_model[:200],
        suffix=job.suffix[:64],
        seed=job.seed,
        method=job.method or Method.SUPERVISED,
        training_file_id=job.training_file[:200],
        validation_file_id=job.validation_file[:200],
        training_data_id=data.get(job.training_file),
        validation_data_id=data.get(job.validation_file),
        last_news_at=timezone.now(),
        announced_at=timezone.now() if is_over else None,  # nobody is told of an end of long ago
    )


def name_of(job: JobSnapshot) -> str:
    """Return how this job is called here: as its model will be, else by its id."""
    return (
        " · ".join(part for part in (job.suffix, job.base_model) if part)[:200]
        or (job.provider_job_id[:200])
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
