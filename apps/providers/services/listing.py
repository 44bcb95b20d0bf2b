"""Which models a connection offers, with what Retune knows about them."""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from datetime import timedelta

from asgiref.sync import async_to_sync, sync_to_async
from django.core.cache import cache

from apps.providers import overrides, registry
from apps.providers.models import Connection
from apps.providers.profiles import Profile, profile_for
from apps.providers.profiles.prices import base_of
from apps.providers.types import ModelInfo, ProviderError, ProviderUnavailable

FRESH_SECONDS = 60
KEPT_SECONDS = timedelta(days=30).total_seconds()  # forms offer what was listed once
LONGEST_WAIT_SECONDS = 5.0  # of somebody who looks at a form
AWAY_SECONDS = 20  # whoever did not answer is not waited for again by the next form


async def list_models(connection: Connection) -> list[ModelInfo]:
    """Return the provider's models, tunable ones marked; asked for once a minute.

    Raises ProviderError or ProviderUnavailable, which are not kept.
    """
    key, fresh = _cache_keys(connection)
    found = await cache.aget_many([key, fresh])
    kept = found.get(key) if fresh in found else None
    if kept is None:
        async with registry.open_provider(connection) as provider:
            kept = [asdict(model) for model in await provider.list_models()]
        await cache.aset(key, kept, timeout=KEPT_SECONDS)
        await cache.aset(fresh, 1, timeout=FRESH_SECONDS)
    models = [ModelInfo(**model) for model in kept]
    return await sync_to_async(_described)(connection, models)


def are_fresh(connections: Iterable[Connection]) -> bool:
    """Say whether all of these were asked for their models within the last minute."""
    wanted = {_cache_keys(connection)[1] for connection in connections}
    return wanted == cache.get_many(wanted).keys()


async def refresh_models(connections: Iterable[Connection]) -> None:
    """Ask all of these for their models side by side; whoever is away keeps what it listed."""
    await asyncio.gather(*(_refresh(connection) for connection in connections))


async def _refresh(connection: Connection) -> None:
    away = f"{_cache_keys(connection)[0]}.away"
    if await cache.aget(away):
        return
    try:
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            await list_models(connection)
    except (ProviderError, ProviderUnavailable, TimeoutError):
        await cache.aset(away, 1, timeout=AWAY_SECONDS)


def known_models(connection: Connection) -> list[ModelInfo]:
    """Return the models without asking anybody: the kept list, else the profile's base models."""
    kept = cache.get(_cache_keys(connection)[0])
    if kept is None:
        kept = [{"id": name} for name in profile_for(connection.profile).base_models]
    return _described(connection, [ModelInfo(**model) for model in kept])


def listed_models(connection: Connection) -> list[ModelInfo]:
    """Return its models as of now; of one that is away, what is known."""
    async_to_sync(_refresh)(connection)
    return known_models(connection)


def _cache_keys(connection: Connection) -> tuple[str, str]:
    """Return where its list is kept, and where that it is new.

    They change with its address, and with what is kept of a model: lists outlive an upgrade.
    """
    account = (connection.address, connection.encrypted_key, connection.organization)
    facts = (*account, connection.project, *(field.name for field in fields(ModelInfo)))
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    key = f"providers.models.{connection.pk}.{digest}"
    return key, f"{key}.fresh"


def _described(connection: Connection, models: list[ModelInfo]) -> list[ModelInfo]:
    """Add what the provider does not say: which models it can train, and until when they answer."""
    profile = overrides.profile_of(connection)
    told = {model.id: model.shutdown_date for model in models}
    return [
        replace(
            model,
            can_tune=profile.can_tune(model.id),
            shutdown_date=model.shutdown_date or _end_of(model.id, told, profile),
        )
        for model in models
    ]


def _end_of(model: str, told: Mapping[str, str | None], profile: Profile) -> str | None:
    """Return when a tuned model ends: with its base as the provider says, else as announced."""
    base = base_of(model)
    if base == model:
        return None
    announced = profile.dates_of(base)
    return told.get(base) or (announced.answers.isoformat() if announced else None)
