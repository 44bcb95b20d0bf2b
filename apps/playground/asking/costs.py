"""What an answer cost, as far as prices are known."""

from decimal import Decimal

from apps.library.money import pricing
from apps.playground.models import Reply


def usd_of(
    reply: Reply, prompt_tokens: int | None, completion_tokens: int | None
) -> Decimal | None:
    """Return US dollars; None where the price or the number of tokens is not known."""
    if reply.connection is None or prompt_tokens is None or completion_tokens is None:
        return None
    rate = pricing.rate_of(reply.connection, reply.model)
    return rate.usd(prompt_tokens, completion_tokens) if rate else None
