"""Which models a connection offers, with what Retune knows about them."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace

from asgiref.sync import sync_to_async
from django.core.cache import cache

from apps.providers import overrides, registry
from apps.providers.models import Connection
from apps.providers.profiles import Profile, profile_for
from apps.providers.profiles.prices import base_of
from apps.providers.types import ModelInfo

MODELS_KEPT_SECONDS = 60


async def list_models(connection: Connection) -> list[ModelInfo]:
    """Return the provider's models, tunable ones marked; kept for a minute.

    Raises ProviderError or ProviderUnavailable, which are not kept.
    """
    cache_key = _models_cache_key(connection)
    kept = await cache.aget(cache_key)
    if kept is None:
        async with registry.open_provider(connection) as provider:
            kept = [asdict(model) for model in await provider.list_models()]
        await cache.aset(cache_key, kept, timeout=MODELS_KEPT_SECONDS)
    models = [ModelInfo(**model) for model in kept]
    return await sync_to_async(_described)(connection, models)


def known_models(connection: Connection) -> list[ModelInfo]:
    """Return the models without asking anybody: the kept list, else the profile's base models."""
    kept = cache.get(_models_cache_key(connection))
    if kept is None:
        kept = [{"id": name} for name in profile_for(connection.profile).base_models]
    return _described(connection, [ModelInfo(**model) for model in kept])


def _models_cache_key(connection: Connection) -> str:
    """Return a key that changes whenever the connection points or speaks differently."""
    facts = (connection.address, connection.encrypted_key, connection.organization)
    digest = hashlib.sha256("\n".join((*facts, connection.project)).encode()).hexdigest()
    return f"providers.models.{connection.pk}.{digest}"


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
