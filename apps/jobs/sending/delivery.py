"""Tells a provider what a person wishes for a job: once, and only while it is still wished."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.utils import timezone

from apps.core.storable import storable
from apps.jobs import forgetting
from apps.jobs.models import Job, Wish
from apps.providers.types import Provider, ProviderError


async def deliver(provider: Provider, job: Job) -> None:
    """Carry the wish to the provider; a refusal is kept in its words. It may come too late."""
    try:
        await _ask(provider, job)
    except ProviderError as refusal:
        if job.wish == Wish.DELETE and refusal.status == 404:
            await _delete(job)
        else:
            await _heard(job, wish_refusal=storable(refusal.words))
    else:
        await (_delete(job) if job.wish == Wish.DELETE else _heard(job))


async def _ask(provider: Provider, job: Job) -> None:
    calls: dict[str, Callable[[str], Awaitable[Any]]] = {
        Wish.CANCEL: provider.cancel_job,
        Wish.PAUSE: provider.pause_job,
        Wish.RESUME: provider.resume_job,
        Wish.DELETE: provider.delete_job,
    }
    await calls[job.wish](job.provider_job_id)


@sync_to_async
def _heard(job: Job, **columns: Any) -> None:
    """Mark the wish as told. A newer wish stays untold: the next step tells it."""
    now = timezone.now()
    told = {"wish_sent_at": now, "next_poll_at": now, "updated_at": now, **columns}
    mine = Job.objects.held_by_step(job)
    if mine.filter(wish=job.wish, wished_at=job.wished_at).update(**told):
        job.wish_sent_at = now


@sync_to_async
def _delete(job: Job) -> None:
    """Delete our record of a job that its provider has deleted."""
    forgetting.forget(Job.objects.held_by_step(job), job, is_gone=True)
