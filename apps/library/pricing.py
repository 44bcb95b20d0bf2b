"""What an answer of a model costs, as far as prices are known."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db.models import F

from apps.library.models import TunedModel
from apps.providers import overrides
from apps.providers.models import Connection
from apps.providers.profiles.prices import Price, base_of

MILLION = Decimal(1_000_000)

Bases = Mapping[tuple[int, str], str]  # by connection and what the model is called there


def bases_of(asked: Iterable[tuple[Connection, str]]) -> Bases:
    """Return the bases of the tuned models among these, in one query. Base models have none."""
    told = {(each.pk, model): base_of(model) for each, model in asked}
    bases = {key: base for key, base in told.items() if base != key[1]}
    if silent := [key for key in told if key not in bases]:
        bases |= _noted(silent)
    return bases


def tuned_from(connection: Connection, model: str) -> str | None:
    """Return the base of one tuned model; None for a base model, or where nobody knows."""
    return bases_of([(connection, model)]).get((connection.pk, model))


def answer_price(connection: Connection, base: str | None) -> Price | None:
    """Return what a model tuned from this base costs; None where nobody knows.

    What providers list beside training is what tuned models cost. A base model is cheaper, so its
    own price cannot be told from that: it has no `base` here.
    """
    price = overrides.profile_of(connection).price_of(base) if base else None
    return price if price and price.input is not None and price.output is not None else None


def answer_usd(
    connection: Connection, base: str | None, asked: int, answered: int
) -> Decimal | None:
    """Return US dollars for so many tokens; None where the price is not known."""
    if not overrides.profile_of(connection).costs_money:
        return Decimal(0)
    price = answer_price(connection, base)
    if price is None or price.input is None or price.output is None:
        return None
    return (asked * price.input + answered * price.output) / MILLION


def _noted(asked: Iterable[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """Return the bases of models whose name does not tell it, deployed ones too."""
    connections, names = ({*each} for each in zip(*asked, strict=True))
    mine = TunedModel.objects.filter(connection__in=connections).exclude(base_model="")
    by_name = mine.filter(name__in=names).annotate(asked_as=F("name"))
    deployed = mine.filter(deployments__model__in=names).annotate(asked_as=F("deployments__model"))
    columns = ("connection_id", "asked_as", "base_model")
    rows = by_name.values_list(*columns).union(deployed.values_list(*columns))
    return {(connection, name): base for connection, name, base in rows}
