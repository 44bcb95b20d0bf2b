"""Jobs that were made elsewhere with the same account: found, and followed here like our own.

A job at a provider is one row at most: the database holds (connection, provider_job_id) unique.
What carries the key of a row of ours that is still on its way is left to that row's saga.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.utils import timezone

from apps.jobs.elsewhere import adoption
from apps.jobs.models import Job
from apps.providers import registry
from apps.providers.models import Connection
from apps.providers.types import (
    JobSnapshot,
    ProviderError,
    ProviderUnavailable,
)

logger = logging.getLogger(__name__)
EVERY = timedelta(minutes=1)
SOON = timedelta(seconds=10)
LEASE = timedelta(minutes=2)  # a whole list of thousands takes a while
NEWEST = 100  # what is looked through each minute; once an hour it is everything
EVERYTHING = 20_000


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
    is_whole = not connection.follows_all_jobs or _is_another_hour(connection.last_import_at, at)
    try:
        jobs = async_to_sync(list_jobs)(connection, EVERYTHING if is_whole else NEWEST)
        if not is_whole and len(adoption.unknown(connection, jobs)) == NEWEST:  # more behind them
            jobs = async_to_sync(list_jobs)(connection, EVERYTHING)
    except (ProviderError, ProviderUnavailable) as refusal:
        logger.warning("importing at connection %s: %s", connection.public_id, refusal)
        _done(connection, next_at=at + _wait_after(refusal))
        return
    adoption.adopt(connection, jobs)
    next_at = at + EVERY if connection.follows_all_jobs else None
    _done(connection, next_at=next_at, last_import_at=at)


def _wait_after(refusal: ProviderError | ProviderUnavailable) -> timedelta:
    """A long list fails easily: try it again soon, unless the provider says no or names a time."""
    if isinstance(refusal, ProviderError):
        return EVERY
    return max(SOON, timedelta(seconds=min(refusal.retry_after or 0.0, 86_400)))


def _is_another_hour(last: datetime | None, at: datetime) -> bool:
    return last is None or last.timestamp() // 3600 != at.timestamp() // 3600


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
    adoption.adopt(connection, [job], even_forgotten=True)
    mine = Job.objects.filter(connection=connection)
    return mine.filter(provider_job_id=job.provider_job_id).first()


async def _get_job(connection: Connection, provider_job_id: str) -> JobSnapshot:
    async with registry.open_provider(connection) as provider:
        return await provider.get_job(provider_job_id)


async def list_jobs(connection: Connection, limit: int) -> list[JobSnapshot]:
    """Ask the provider for its newest jobs, whoever made them."""
    async with registry.open_provider(connection) as provider:
        return await provider.list_jobs(limit=limit)
