"""What asking a model costs, as far as prices are known: of tuned models and of base models."""

from collections.abc import Iterable, Mapping

from django.db.models import F

from apps.library.models import TunedModel
from apps.providers import overrides
from apps.providers.models import Connection
from apps.providers.profiles.prices import FREE, Rate, base_of

Key = tuple[int, str]  # a connection, and what the model is called there
Asked = tuple[Connection, str]


def rates_of(asked: Iterable[Asked]) -> Mapping[Key, Rate]:
    """Return the rates that are known, in one query; a model without one is not in them."""
    told = {(connection.pk, model): connection for connection, model in asked}
    bases = _bases_of(told)
    found = {key: _rate(told[key], key[1], bases.get(key)) for key in told}
    return {key: rate for key, rate in found.items() if rate}


def rate_of(connection: Connection, model: str) -> Rate | None:
    """Return what asking one model costs; None where nobody knows."""
    return rates_of([(connection, model)]).get((connection.pk, model))


def _rate(connection: Connection, model: str, base: str | None) -> Rate | None:
    """Return the rate of a tuned model where it has a base, else of the base model itself."""
    profile = overrides.profile_of(connection)
    if not profile.costs_money:
        return FREE
    price = profile.price_of(base or model)
    if price is None:
        return None
    return price.itself if base is None else price.tuned


def _bases_of(keys: Iterable[Key]) -> dict[Key, str]:
    """Return the bases of the tuned models among these. Base models have none."""
    told = {key: base_of(key[1]) for key in keys}
    bases = {key: base for key, base in told.items() if base != key[1]}
    if silent := [key for key in told if key not in bases]:
        bases |= _noted(silent)
    return bases


def _noted(asked: Iterable[Key]) -> dict[Key, str]:
    """Return the bases of models whose name does not tell it, deployed ones too."""
    connections, names = ({*each} for each in zip(*asked, strict=True))
    mine = TunedModel.objects.filter(connection__in=connections).exclude(base_model="")
    by_name = mine.filter(name__in=names).annotate(asked_as=F("name"))
    deployed = mine.filter(deployments__model__in=names).annotate(asked_as=F("deployments__model"))
    columns = ("connection_id", "asked_as", "base_model")
    rows = by_name.values_list(*columns).union(deployed.values_list(*columns))
    return {(connection, name): base for connection, name, base in rows}
