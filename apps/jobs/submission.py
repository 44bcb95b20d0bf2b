"""Brings a job to its provider exactly once, and its cancellation: a saga on the row.

Every step looks for what an earlier try may have left at the provider, and leaves its mark on
the row before the next one begins. So a worker may die between any two lines: the next one that
claims the row finds the marks and goes on. Marks are guarded by the lease: a worker that lost it
writes nothing and stops.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.datasets import exporting, trainability
from apps.datasets.models import Version
from apps.jobs import news, schedule
from apps.jobs.models import Job
from apps.providers import registry
from apps.providers.models import Connection
from apps.providers.types import (
    TERMINAL,
    JobSnapshot,
    JobSpec,
    JobStatus,
    Provider,
    ProviderError,
    ProviderUnavailable,
)

LEASE = timedelta(seconds=45)  # longer than the adapter's time-out for one call
RENEW_SECONDS = 10.0  # a large upload takes minutes
AFTER_UNANSWERED_CREATE = timedelta(seconds=15)  # time for a job we may have made to be listed


class LeaseLost(Exception):
    """Someone else carries this job now, or it has ended."""


def advance(job_id: int) -> None:
    """Carry one job as far as it goes. A second copy of the message finds nothing to claim."""
    job = Job.objects.claim_step(job_id, at=timezone.now(), lease=LEASE)
    if job is None:
        return
    try:
        async_to_sync(_advance)(job)
    except LeaseLost:
        return
    except ProviderUnavailable as refusal:
        _retry_later(job, refusal)
    except ProviderError as refusal:
        if job.provider_job_id:  # it goes on over there; only the wish to cancel was not heard
            _retry_later(job, ProviderUnavailable(refusal.words))
        else:
            _give_up(job, refusal)


async def _advance(job: Job) -> None:
    async with _lease_kept(job), registry.open_provider(job.connection) as provider:
        if not job.provider_job_id:
            await _bring_to_provider(provider, job)
        if job.cancel_requested_at and not job.cancel_sent_at and job.is_active:
            await _cancel(provider, job)
    if job.is_active:
        await _mark(job, step_lease_until=None)


@asynccontextmanager
async def _lease_kept(job: Job) -> AsyncIterator[None]:
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
            await _mark(job)


async def _bring_to_provider(provider: Provider, job: Job) -> None:
    if not job.cancel_requested_at:
        await _send_files(provider, job)
    found = await provider.find_job(str(job.public_id))
    if found is None:
        await _read_wish(job)
        if job.cancel_requested_at:
            await _end_unsent(job)
            return
        found = await _create(provider, job)
    await _adopt(job, found)


async def _end_unsent(job: Job) -> None:
    await _mark(job, status=JobStatus.CANCELLED, finished_at=timezone.now(), step_lease_until=None)


async def _send_files(provider: Provider, job: Job) -> None:
    if job.training_data and not job.training_file_id:
        file_id = await _file_id(provider, job.connection, job.training_data)
        await _mark(job, training_file_id=file_id)
    if job.validation_data and not job.validation_file_id:
        file_id = await _file_id(provider, job.connection, job.validation_data)
        await _mark(job, validation_file_id=file_id)


async def _file_id(provider: Provider, connection: Connection, version: Version) -> str:
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
    await _mark(job)
    try:
        return await provider.create_job(_spec(job))
    except ProviderUnavailable as unanswered:
        wait = max(unanswered.retry_after or 0.0, AFTER_UNANSWERED_CREATE.total_seconds())
        raise ProviderUnavailable(unanswered.words, retry_after=wait) from unanswered


def _spec(job: Job) -> JobSpec:
    chosen = {name: value for name, value in job.hyperparameters.items() if value != "auto"}
    return JobSpec(
        client_key=str(job.public_id),
        base_model=job.base_model,
        training_file=job.training_file_id,
        validation_file=job.validation_file_id or None,
        suffix=job.suffix,
        seed=job.seed,
        hyperparameters=chosen,  # not every server knows the word "auto"
    )


async def _adopt(job: Job, snapshot: JobSnapshot) -> None:
    """Write down that the job is at the provider; from here on polling owns its status."""
    is_over = snapshot.status in TERMINAL  # then polling reads its events before it says so
    await _mark(
        job,
        provider_job_id=snapshot.provider_job_id,
        status=JobStatus.UNKNOWN if is_over else snapshot.status,
        provider_status=snapshot.provider_status[:50],
        raw=news.storable(snapshot.raw),
        last_news_at=timezone.now(),
        next_poll_at=timezone.now(),
        attempts=0,
        trouble="",
    )


async def _cancel(provider: Provider, job: Job) -> None:
    try:
        await provider.cancel_job(job.provider_job_id)
    except ProviderError as refusal:  # too late, mostly; polling will tell how the job ended
        words = news.storable(refusal.words)
        await _mark(job, cancel_requested_at=None, cancel_refusal=words)
    else:
        now = timezone.now()
        await _mark(job, cancel_sent_at=now, next_poll_at=now, cancel_refusal="")


@sync_to_async
def _mark(job: Job, **columns: Any) -> None:
    """Write columns and renew the lease if this worker still holds it; otherwise stop here."""
    now = timezone.now()
    _write(job, {"step_lease_until": now + LEASE, **columns}, at=now)


def _write(job: Job, columns: dict[str, Any], *, at: datetime) -> None:
    if not Job.objects.held_by_step(job).update(**columns, updated_at=at):
        raise LeaseLost(job.public_id)
    for name, value in columns.items():
        setattr(job, name, value)


@sync_to_async
def _read_wish(job: Job) -> None:
    job.refresh_from_db(fields=["cancel_requested_at"])


def _retry_later(job: Job, refusal: ProviderUnavailable) -> None:
    attempts = job.attempts + 1
    wait = schedule.retry_interval(attempts, retry_after=refusal.retry_after)
    _write_if_held(
        job,
        attempts=attempts,
        trouble=news.storable(refusal.words),
        next_step_at=timezone.now() + wait,
        step_lease_until=None,
    )


def _give_up(job: Job, refusal: ProviderError) -> None:
    """The provider will say no again: the job has failed, in its own words."""
    _write_if_held(
        job,
        status=JobStatus.FAILED,
        finished_at=timezone.now(),
        error=news.storable(refusal.words),
        error_code=news.storable(refusal.code)[:100],
        trouble="",
        step_lease_until=None,
    )


def _write_if_held(job: Job, **columns: Any) -> None:
    try:
        _write(job, columns, at=timezone.now())
    except LeaseLost:
        return
