"""Deletes things at their provider: a wish on a row, carried out once, recorded for ever.

Deleting twice does no harm: what is gone already answers 404, and that is success. So a worker may
die between any two lines, and the next one asks again.
"""

from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core import leases
from apps.core.leases import LeaseLost
from apps.core.sentences import Sentence
from apps.core.storable import storable
from apps.library.models import Removal
from apps.library.removals import consequences
from apps.providers import registry
from apps.providers.retries import step_put_off
from apps.providers.types import Provider, ProviderError, ProviderUnavailable

LEASE = timedelta(seconds=90)  # longer than the adapter's time-out for one call
GONE = 404


def advance(removal_id: int) -> None:
    """Delete one thing. A second copy of the message finds nothing to claim."""
    removal = Removal.objects.claim(removal_id, at=timezone.now(), lease=LEASE)
    if removal is None:
        return
    try:
        _advance(removal)
    except LeaseLost:
        return


def _advance(removal: Removal) -> None:
    if consequences.needed_by_jobs(removal):
        _refuse(removal, Sentence(_("A job that has not ended needs it.")))
        return
    was_asked = removal.asked_at is not None
    _write(removal, asked_at=removal.asked_at or timezone.now())
    try:
        async_to_sync(_delete)(removal)
    except ProviderUnavailable as refusal:
        _write(removal, **step_put_off(removal.attempts, refusal))
    except ProviderError as refusal:
        if refusal.status == GONE:
            _done(removal, was_gone=not was_asked)
        else:
            _refuse(removal, refusal.words)
    else:
        _done(removal, was_gone=False)


async def _delete(removal: Removal) -> None:
    async with registry.open_provider(removal.connection) as provider:
        await _call(provider, removal)


async def _call(provider: Provider, removal: Removal) -> None:
    if removal.kind == Removal.Kind.MODEL:
        await provider.delete_model(removal.name)
    else:
        await provider.delete_file(removal.name)


def _done(removal: Removal, *, was_gone: bool) -> None:
    if not Removal.objects.record(removal, at=timezone.now(), was_gone=was_gone):
        raise LeaseLost(removal.pk)


def _refuse(removal: Removal, words: str) -> None:
    now = timezone.now()
    kept = storable(words)
    _write(removal, at=now, refused_at=now, refusal=kept, trouble="", step_lease_until=None)


def _write(removal: Removal, *, at: datetime | None = None, **columns: Any) -> None:
    """Write columns if this worker still holds the lease; otherwise stop here."""
    leases.write(Removal.objects.held_by(removal), removal, columns, at=at or timezone.now())
