"""Has a model served exactly once, looks how it is, and stops it: a saga on the row.

A deployment is always asked for under our own name, and a provider that is asked twice under it
serves once. So a worker may die between any two lines: the next one asks again. What was asked for
is never forgotten, because it may cost by the hour: a wish to stop waits until its id is known.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core import leases
from apps.core.leases import LeaseLost
from apps.core.sentences import Sentence
from apps.core.storable import storable
from apps.library.models import Deployment, PriceToldBy
from apps.providers import registry
from apps.providers.retries import step_put_off
from apps.providers.types import (
    DeploymentSnapshot,
    DeploymentSpec,
    DeploymentStatus,
    Provider,
    ProviderError,
    ProviderUnavailable,
)

LEASE = timedelta(seconds=90)  # longer than the adapter's time-out for one call
CHANGING = timedelta(seconds=5)  # how often one that starts or stops is looked at
SERVING = timedelta(minutes=1)
APPEARS_WITHIN = timedelta(minutes=5)  # a provider may not know yet what it has just been asked for
AFTER_UNANSWERED = 15.0  # seconds
OVER = {DeploymentStatus.STOPPED, DeploymentStatus.FAILED}
GONE = 404


def advance(deployment_id: int) -> None:
    """Carry one deployment as far as it goes. A second copy of the message claims nothing."""
    deployment = Deployment.objects.claim(deployment_id, at=timezone.now(), lease=LEASE)
    if deployment is None:
        return
    try:
        async_to_sync(_advance)(deployment)
    except LeaseLost:
        return
    except ProviderUnavailable as refusal:
        _write_if_held(deployment, **step_put_off(deployment.attempts, refusal))
    except ProviderError as refusal:
        _refused(deployment, refusal)


async def _advance(deployment: Deployment) -> None:
    if deployment.stop_wished_at and not deployment.asked_at:
        await _mark(deployment, **_over(DeploymentStatus.STOPPED))
        return
    async with registry.open_provider(deployment.tuned_model.connection) as provider:
        if not deployment.provider_deployment_id:
            await _take(deployment, await _deploy(provider, deployment))
        elif deployment.stop_wished_at is None or deployment.stop_sent_at:
            await _look(provider, deployment)
        if deployment.is_live and deployment.stop_wished_at and not deployment.stop_sent_at:
            await _stop(provider, deployment)
    if deployment.is_live:
        await _rest(deployment)


async def _deploy(provider: Provider, deployment: Deployment) -> DeploymentSnapshot:
    """Ask for it, again if need be: under one name it is served once."""
    await _mark(deployment, asked_at=deployment.asked_at or timezone.now())
    try:
        return await provider.deploy(_spec(deployment))
    except ProviderUnavailable as unanswered:
        wait = max(unanswered.retry_after or 0.0, AFTER_UNANSWERED)
        raise ProviderUnavailable(unanswered.words, retry_after=wait) from unanswered


def _spec(deployment: Deployment) -> DeploymentSpec:
    model = deployment.tuned_model
    return DeploymentSpec(
        name=deployment.name,
        model=model.name,
        base_model=model.base_model,
        provider_job_id=model.job.provider_job_id if model.job else "",
        checkpoint_id=model.checkpoint.provider_checkpoint_id if model.checkpoint else "",
        options=deployment.options,
    )


async def _look(provider: Provider, deployment: Deployment) -> None:
    try:
        snapshot = await provider.get_deployment(deployment.provider_deployment_id)
    except ProviderError as refusal:
        if refusal.status != GONE:
            raise
        await _missing(deployment, refusal)
    else:
        if snapshot.status == DeploymentStatus.STOPPED and _may_still_appear(deployment):
            raise ProviderUnavailable(Sentence(_("The provider does not show it yet.")))
        await _take(deployment, snapshot)


def _may_still_appear(deployment: Deployment) -> bool:
    """Say whether it was asked for only just now: then "there is none" is no last word."""
    if deployment.stop_sent_at or deployment.active_at or not deployment.asked_at:
        return False
    return timezone.now() - deployment.asked_at < APPEARS_WITHIN


async def _missing(deployment: Deployment, refusal: ProviderError) -> None:
    """The provider does not know it: it has ended, unless it was asked for only just now."""
    if _may_still_appear(deployment):
        raise ProviderUnavailable(refusal.words)
    words = "" if deployment.stop_sent_at else Sentence(_("It was ended at the provider."))
    await _mark(deployment, **_over(DeploymentStatus.STOPPED), error=words)


async def _stop(provider: Provider, deployment: Deployment) -> None:
    try:
        snapshot = await provider.stop_deployment(deployment.provider_deployment_id)
    except ProviderError as refusal:
        if refusal.status == GONE:
            await _mark(deployment, **_over(DeploymentStatus.STOPPED))
            return
        words = storable(refusal.words)
        await _mark(deployment, stop_wished_at=None, stop_refusal=words)
    else:
        await _mark(deployment, stop_sent_at=timezone.now(), stop_refusal="")
        await _take(deployment, snapshot)


async def _take(deployment: Deployment, snapshot: DeploymentSnapshot) -> None:
    """Write down how the provider says it is."""
    now = timezone.now()
    columns: dict[str, Any] = {
        "provider_deployment_id": snapshot.provider_deployment_id[:300],
        "status": snapshot.status,
        "provider_status": storable(snapshot.provider_status)[:50],
        "model": storable(snapshot.model)[:300] or deployment.model,
        "error": storable(snapshot.error),
        "raw": storable(snapshot.raw),
        "expires_at": snapshot.expires_at or deployment.expires_at,
        "last_seen_at": now,
        "attempts": 0,
        "trouble": "",
        **_price(snapshot),
    }
    if snapshot.status == DeploymentStatus.ACTIVE:
        columns["active_at"] = deployment.active_at or now
    if snapshot.status in OVER:
        columns |= _over(snapshot.status)
    await _mark(deployment, **columns)


def _price(snapshot: DeploymentSnapshot) -> dict[str, Any]:
    if snapshot.hourly_usd is None:
        return {}
    told = {"hourly_usd": snapshot.hourly_usd, "price_told_by": PriceToldBy.PROVIDER}
    return {**told, "bills_by_hour": snapshot.hourly_usd > 0}


def _over(status: DeploymentStatus) -> dict[str, Any]:
    now = timezone.now()
    return {"status": status, "ended_at": now, "step_lease_until": None, "trouble": ""}


async def _rest(deployment: Deployment) -> None:
    """Give the row back until it is looked at again. A wish that came meanwhile is not delayed."""
    is_calm = deployment.status == DeploymentStatus.ACTIVE and not deployment.stop_wished_at
    wait = SERVING if is_calm else CHANGING
    await _mark(deployment, next_step_at=timezone.now() + wait, step_lease_until=None)
    await _hurry_if_wished(deployment)


@sync_to_async
def _hurry_if_wished(deployment: Deployment) -> None:
    wished = Deployment.objects.live().filter(pk=deployment.pk, stop_sent_at=None)
    wished.filter(stop_wished_at__isnull=False).update(next_step_at=timezone.now())


@sync_to_async
def _mark(deployment: Deployment, **columns: Any) -> None:
    """Write columns and renew the lease if this worker still holds it; otherwise stop here."""
    now = timezone.now()
    _write(deployment, {"step_lease_until": now + LEASE, **columns}, at=now)


def _write(deployment: Deployment, columns: dict[str, Any], *, at: datetime) -> None:
    leases.write(Deployment.objects.held_by(deployment), deployment, columns, at=at)


def _refused(deployment: Deployment, refusal: ProviderError) -> None:
    """A refused wish to serve has failed; one that stands is asked again how it is."""
    if deployment.provider_deployment_id:
        _write_if_held(deployment, **step_put_off(deployment.attempts, refusal))
        return
    columns = _over(DeploymentStatus.FAILED)
    _write_if_held(deployment, **columns, error=storable(refusal.words))


def _write_if_held(deployment: Deployment, **columns: Any) -> None:
    with suppress(LeaseLost):
        _write(deployment, columns, at=timezone.now())
