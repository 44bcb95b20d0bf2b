"""Brings a job to its provider exactly once, and what is wished for it: a saga on the row.

Every step looks for what an earlier try may have left at the provider, and leaves its mark on
the row before the next one begins. So a worker may die between any two lines: the next one that
claims the row finds the marks and goes on. Marks are guarded by the lease: a worker that lost it
writes nothing and stops.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core.leases import LeaseLost
from apps.core.sentences import Sentence
from apps.core.storable import storable
from apps.datasets import exporting, trainability
from apps.datasets.models import Version
from apps.jobs.models import Job, Wish
from apps.jobs.sending import delivery, lease, transfers
from apps.providers import refusals, registry
from apps.providers.models import Connection
from apps.providers.retries import step_put_off
from apps.providers.types import (
    TERMINAL,
    JobSnapshot,
    JobSpec,
    JobStatus,
    Method,
    Provider,
    ProviderError,
    ProviderUnavailable,
)

AFTER_UNANSWERED_CREATE = timedelta(seconds=15)  # time for a job we may have made to be listed
LOOK_FOR_FILE = timedelta(seconds=3)  # that another job is sending


def advance(job_id: int) -> None:
    """Carry one job as far as it goes. A second copy of the message finds nothing to claim."""
    job = Job.objects.claim_step(job_id, at=timezone.now(), lease=lease.LEASE)
    if job is None:
        return
    try:
        async_to_sync(_advance)(job)
    except LeaseLost:
        return
    except transfers.FileOnItsWay:
        next_look = timezone.now() + LOOK_FOR_FILE
        lease.write_if_held(job, next_step_at=next_look, step_lease_until=None)
    except ProviderUnavailable as refusal:
        lease.write_if_held(job, **step_put_off(job.attempts, refusal))
    except ProviderError as refusal:
        if job.provider_job_id:  # it goes on over there; only the wish to cancel was not heard
            lease.write_if_held(job, **step_put_off(job.attempts, refusal))
        else:
            _give_up(job, refusal)


async def _advance(job: Job) -> None:
    async with lease.kept(job), registry.open_provider(job.connection) as provider:
        if not job.provider_job_id:
            await _bring_to_provider(provider, job)
        if job.provider_job_id and job.wish and job.wish_sent_at is None:
            await delivery.deliver(provider, job)
    await sync_to_async(lease.write_if_held)(job, step_lease_until=None)


async def _bring_to_provider(provider: Provider, job: Job) -> None:
    if job.wish != Wish.CANCEL:
        await _send_files(provider, job)
    found = await provider.find_job(str(job.public_id))
    if found is None:
        await _read_wish(job)
        if job.wish == Wish.CANCEL:
            await _end_unsent(job)
            return
        found = await _create(provider, job)
    await _adopt(job, found)


async def _end_unsent(job: Job) -> None:
    await lease.mark(
        job, status=JobStatus.CANCELLED, finished_at=timezone.now(), step_lease_until=None
    )


async def _send_files(provider: Provider, job: Job) -> None:
    if job.training_data and not job.training_file_id:
        file_id = await _file_id(provider, job, job.training_data)
        await lease.mark(job, training_file_id=file_id)
    if job.validation_data and not job.validation_file_id:
        file_id = await _file_id(provider, job, job.validation_data)
        await lease.mark(job, validation_file_id=file_id)


async def _file_id(provider: Provider, job: Job, version: Version) -> str:
    async with transfers.alone(job, version):
        return await _found_or_sent(provider, job.connection, version)


async def _found_or_sent(provider: Provider, connection: Connection, version: Version) -> str:
    """Return the provider's id of this file, sending it only if it is not there yet.

    Where the provider wants other bytes, they are written anew by each try: the same every time.
    """
    filename = f"retune-{version.public_id}.jsonl"
    plan = exporting.plan_for(version, trainability.rules_of(connection))
    if plan.as_it_is:
        found = await provider.find_file(filename, version.size_bytes)
        return found or await _upload(provider, version.path, filename)
    async with _export(version, plan) as path:
        found = await provider.find_file(filename, path.stat().st_size)
        return found or await _upload(provider, path, filename)


@asynccontextmanager
async def _export(version: Version, plan: exporting.Plan) -> AsyncIterator[Path]:
    """Write the export in a thread, so that the lease is renewed meanwhile."""
    passing = exporting.written(version, plan)
    try:
        path = await asyncio.to_thread(passing.__enter__)
    except FileNotFoundError as missing:
        raise _gone() from missing
    try:
        yield path
    finally:
        passing.__exit__(None, None, None)


async def _upload(provider: Provider, path: Path, filename: str) -> str:
    try:
        return await provider.upload_file(path, filename)
    except FileNotFoundError as missing:
        raise _gone() from missing


def _gone() -> ProviderError:
    words = _("The file of this dataset is no longer on this server's disk.")
    return ProviderError(Sentence(words), code="file_missing")


async def _create(provider: Provider, job: Job) -> JobSnapshot:
    """Ask for the job. Nobody asks twice: the lease is fresh, and outlasts the call."""
    await lease.mark(job)
    try:
        created = await provider.create_job(_spec(job))
    except ProviderUnavailable as unanswered:
        wait = max(unanswered.retry_after or 0.0, AFTER_UNANSWERED_CREATE.total_seconds())
        raise ProviderUnavailable(unanswered.words, retry_after=wait) from unanswered
    if job.connection.training_refused_at:
        await sync_to_async(refusals.forget)(job.connection_id)
    return created


def _spec(job: Job) -> JobSpec:
    chosen = {name: value for name, value in job.hyperparameters.items() if value != "auto"}
    return JobSpec(
        client_key=str(job.public_id),
        base_model=job.base_model,
        training_file=job.training_file_id,
        validation_file=job.validation_file_id or None,
        suffix=job.suffix,
        seed=job.seed,
        method=Method(job.method),
        hyperparameters=chosen,  # not every server knows the word "auto"
        grader=job.grader or None,
        metadata=job.metadata,
        integrations=job.integrations,
    )


async def _adopt(job: Job, snapshot: JobSnapshot) -> None:
    """Write down that the job is at the provider; from here on polling owns its status."""
    is_over = snapshot.status in TERMINAL  # then polling reads its events before it says so
    await _take_over(
        job,
        provider_job_id=snapshot.provider_job_id,
        status=JobStatus.UNKNOWN if is_over else snapshot.status,
        provider_status=snapshot.provider_status[:50],
        raw=storable(snapshot.raw),
        last_news_at=timezone.now(),
        next_poll_at=timezone.now(),
        attempts=0,
        trouble="",
    )


@sync_to_async
@transaction.atomic
def _take_over(job: Job, **columns: Any) -> None:
    """Mark the job as there, in the place of a row that an import may have made of it."""
    there = Job.objects.filter(connection=job.connection_id, is_imported=True)
    there.filter(provider_job_id=columns["provider_job_id"]).delete()
    lease.mark_now(job, **columns)


@sync_to_async
def _read_wish(job: Job) -> None:
    job.refresh_from_db(fields=["wish", "wished_at"])


def _give_up(job: Job, refusal: ProviderError) -> None:
    """The provider will say no again: the job has failed, in its own words."""
    refusals.note(job.connection_id, refusal)
    lease.write_if_held(
        job,
        status=JobStatus.FAILED,
        finished_at=timezone.now(),
        error=storable(refusal.words),
        error_code=storable(refusal.code)[:100],
        trouble="",
        step_lease_until=None,
    )
