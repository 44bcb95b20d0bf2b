"""What an answer cost, as far as prices are known."""

from decimal import Decimal

from apps.library import serving
from apps.playground.models import Reply
from apps.providers import overrides
from apps.providers.prices import base_of

MILLION = Decimal(1_000_000)


def usd_of(
    reply: Reply, prompt_tokens: int | None, completion_tokens: int | None
) -> Decimal | None:
    """Return US dollars; None where the price or the number of tokens is not known."""
    if reply.connection is None or prompt_tokens is None or completion_tokens is None:
        return None
    profile = overrides.profile_of(reply.connection)
    if not profile.costs_money:
        return Decimal(0)
    tuned_from = _base_of_tuned(reply)
    price = profile.price_of(tuned_from) if tuned_from else None
    if price is None or price.input is None or price.output is None:
        return None
    return (prompt_tokens * price.input + completion_tokens * price.output) / MILLION


def _base_of_tuned(reply: Reply) -> str:
    """Return the base of a tuned model, else nothing: the prices known are those of tuned ones.

    A base model is cheaper than what is tuned from it, so its price cannot be told from these.
    """
    if (base := base_of(reply.model)) != reply.model:
        return base
    behind = serving.model_behind(reply.connection, reply.model) if reply.connection else None
    return behind.base_model if behind else ""
