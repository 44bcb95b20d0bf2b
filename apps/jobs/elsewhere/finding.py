"""What a connection has that Retune does not know: asked of the provider, kept for a minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.core.cache import cache

from apps.jobs.elsewhere import adoption, importing
from apps.jobs.models import ForgottenJob
from apps.providers.models import Connection
from apps.providers.types import JobSnapshot, JobStatus

LOOKED_AT = 1000
KEPT_SECONDS = 60
SHOWN = ("provider_job_id", "status", "provider_status", "client_key", "base_model", "suffix")


@dataclass(frozen=True, slots=True)
class FoundJob:
    """A job made elsewhere, as far as the list shows it."""

    provider_job_id: str
    name: str
    base_model: str
    status: JobStatus
    provider_status: str
    created_at: datetime | None
    was_deleted_here: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The unknown jobs of a connection, and among how many they were found."""

    jobs: Sequence[FoundJob]
    looked_at: int
    is_cut_off: bool


async def found_at(connection: Connection) -> Elsewhere:
    """Return the jobs of this account that have no row here.

    Raises ProviderError or ProviderUnavailable, which are not kept.
    """
    key = f"jobs.elsewhere.{connection.pk}"
    kept = await cache.aget(key)
    if kept is None:
        kept = [_packed(job) for job in await importing.list_jobs(connection, LOOKED_AT)]
        await cache.aset(key, kept, timeout=KEPT_SECONDS)
    unknown = await sync_to_async(_unknown)(connection, [_unpacked(job) for job in kept])
    return Elsewhere(unknown, looked_at=len(kept), is_cut_off=len(kept) >= LOOKED_AT)


def _unknown(connection: Connection, jobs: Sequence[JobSnapshot]) -> list[FoundJob]:
    unknown = adoption.unknown(connection, jobs)
    forgotten = set(
        ForgottenJob.objects.filter(
            connection=connection, provider_job_id__in=[job.provider_job_id for job in unknown]
        ).values_list("provider_job_id", flat=True)
    )
    return [_found(job, was_deleted_here=job.provider_job_id in forgotten) for job in unknown]


def _found(job: JobSnapshot, *, was_deleted_here: bool) -> FoundJob:
    return FoundJob(
        provider_job_id=job.provider_job_id,
        name=adoption.name_of(job),
        base_model=job.base_model,
        status=job.status,
        provider_status=job.provider_status,
        created_at=job.created_at,
        was_deleted_here=was_deleted_here,
    )


def _packed(job: JobSnapshot) -> dict[str, str]:
    """Return what the list shows of a job, as JSON can keep it."""
    made_at = job.created_at.isoformat() if job.created_at else ""
    return {name: str(getattr(job, name)) for name in SHOWN} | {"created_at": made_at}


def _unpacked(kept: dict[str, str]) -> JobSnapshot:
    facts: dict[str, Any] = {name: kept[name] for name in SHOWN if name != "status"}
    made_at = datetime.fromisoformat(kept["created_at"]) if kept["created_at"] else None
    return JobSnapshot(**facts, status=JobStatus(kept["status"]), created_at=made_at)
