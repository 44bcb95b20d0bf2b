"""The lease on a job's saga: who holds it may write, whoever lost it writes nothing and stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.utils import timezone

from apps.core import leases
from apps.core.leases import LeaseLost
from apps.jobs.models import Job

LEASE = timedelta(seconds=45)  # longer than the adapter's time-out for one call
RENEW_SECONDS = 10.0  # a large upload takes minutes


@asynccontextmanager
async def kept(job: Job) -> AsyncIterator[None]:
    """Renew the lease for as long as this worker lives and works."""
    renewal = asyncio.create_task(_renew(job))
    try:
        yield
    finally:
        renewal.cancel()


async def _renew(job: Job) -> None:
    with suppress(LeaseLost):  # then the next mark stops this worker
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            await mark(job)


def mark_now(job: Job, **columns: Any) -> None:
    """Write columns and renew the lease if this worker still holds it; otherwise raise."""
    now = timezone.now()
    _write(job, {"step_lease_until": now + LEASE, **columns}, at=now)


mark = sync_to_async(mark_now)


def write_if_held(job: Job, **columns: Any) -> None:
    """Write columns, or nothing when the lease is lost."""
    with suppress(LeaseLost):
        _write(job, columns, at=timezone.now())


def _write(job: Job, columns: dict[str, Any], *, at: datetime) -> None:
    leases.write(Job.objects.held_by_step(job), job, columns, at=at)
