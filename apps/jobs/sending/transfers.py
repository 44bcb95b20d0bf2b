"""One file is sent to one provider by one job at a time; the others then find it there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asgiref.sync import sync_to_async
from django.utils import timezone

from apps.datasets.models import Version
from apps.jobs.models import FileTransfer, Job


class FileOnItsWay(Exception):
    """Another job is sending this file at the moment."""


@asynccontextmanager
async def alone(job: Job, version: Version) -> AsyncIterator[None]:
    """Keep other jobs from sending this file meanwhile; raises FileOnItsWay.

    Who fails or dies here lets go of the job's lease, and the claim ends with that.
    """
    claim = sync_to_async(FileTransfer.objects.claim)
    if not await claim(job=job, version=version, at=timezone.now()):
        raise FileOnItsWay
    yield
    await job.transfers.filter(version=version).adelete()
