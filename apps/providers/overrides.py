"""What Retune knows about a provider, with what the workspace knows better.

Our own data is dated and ages; prices, limits and dates of a workspace go before it. What the
provider itself lists (`shutdown_date`) goes before both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.cache import cache

from apps.providers.models import Connection, Override
from apps.providers.profiles import Profile, profile_for
from apps.providers.profiles.dataset_rules import DatasetRules
from apps.providers.profiles.prices import AMOUNTS, Price

KEPT_SECONDS = 60
DATES = ("last_training_date", "last_answers_date")
LIMITS = ("min_examples", "max_examples", "max_file_bytes")
Known = list[list[str]]  # model, name, value, as_of, source


def profile_of(connection: Connection) -> Profile:
    """Return the profile of a connection as its workspace knows it."""
    return profile_in(connection.workspace_id, connection.profile)


def profile_in(workspace_id: int, name: str) -> Profile:
    """Return a profile as a workspace knows it."""
    profile, known = profile_for(name), _known(workspace_id, name)
    if not known:
        return profile
    return replace(profile, **_general(known), own_prices=_prices(profile, known))


def rules_in(workspace_id: int, rules: DatasetRules) -> DatasetRules:
    """Return the rules for training data with the limits that a workspace knows better."""
    known = _general(_known(workspace_id, rules.name))
    limits = {name: value for name, value in known.items() if name in LIMITS}
    return replace(rules, **limits) if limits else rules


def forget(workspace_id: int) -> None:
    """Read the facts anew at the next question: they were changed."""
    cache.delete(_key(workspace_id))


def _known(workspace_id: int, name: str) -> Known:
    """Return the facts about one profile; those of all are read at once: pages ask for many."""
    kept: dict[str, Known] | None = cache.get(_key(workspace_id))
    if kept is None:
        kept = {}
        rows = Override.objects.filter(workspace=workspace_id)
        columns = rows.values_list("profile", "model", "name", "value", "as_of", "source")
        for profile, *texts, as_of, source in columns:
            kept.setdefault(profile, []).append([*texts, as_of.isoformat(), source])
        cache.set(_key(workspace_id), kept, timeout=KEPT_SECONDS)
    return kept.get(name, [])


def _key(workspace_id: int) -> str:
    return f"providers.overrides.{workspace_id}"


def _general(known: Known) -> dict[str, Any]:
    """Return what holds for all models, by the names of the profile's fields."""
    general = {name: value for model, name, value, *_rest in known if not model}
    days: dict[str, Any] = {
        name: date.fromisoformat(general[name]) for name in DATES if name in general
    }
    if days:
        days["dates"] = None  # what our data says of single models
    return {**days, **{name: int(general[name]) for name in LIMITS if name in general}}


def _prices(profile: Profile, known: Known) -> Mapping[str, Price]:
    """Return the prices of the workspace; what it left open is as in our data."""
    models = dict.fromkeys(model for model, *_rest in known if model)
    return {model: _price(profile, model, known) for model in models}


def _price(profile: Profile, model: str, known: Known) -> Price:
    mine = [row[1:] for row in known if row[0] == model]
    ours = profile.prices.get(model)
    amounts = {name: getattr(ours, name, None) for name in AMOUNTS}
    amounts |= {name: Decimal(value) for name, value, *_rest in mine}
    return Price(
        **amounts,
        date=date.fromisoformat(_newest(row[2] for row in mine)),
        source="; ".join(dict.fromkeys(row[3] for row in mine)),
    )


def _newest(days: Iterable[str]) -> str:
    return max(days)
