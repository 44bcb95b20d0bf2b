"""Rows for jobs that were made elsewhere: each once, and none for what is on its way from here."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.jobs.models import ForgottenJob, Job
from apps.providers.models import Connection
from apps.providers.types import TERMINAL, JobSnapshot, JobStatus, Method

CHUNK = 500


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
