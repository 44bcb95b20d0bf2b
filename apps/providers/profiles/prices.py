"""What providers charge: `[prices]` of their files. What is not listed has no price, never 0."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from apps.providers.profiles import files


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, on this date, from this source."""

    training: Decimal
    input: Decimal | None
    output: Decimal | None
    date: date
    source: str


@cache
def prices_of(profile: str) -> Mapping[str, Price]:
    """Return what one provider charges, by base model. A gateway charges what it stands for."""
    facts = files.facts(profile)
    table = facts.get("prices")
    if table is None:
        return prices_of(facts["prices_of"]) if "prices_of" in facts else {}
    return {model: _price(row, table) for model, row in table["models"].items()}


def base_of(model: str) -> str:
    """Return the base of a tuned model, by its name at OpenAI (`ft:…`) or Azure (`….ft-…`)."""
    if model.startswith("ft:"):
        return model.split(":")[1]
    return model.split(".ft-")[0]


def _price(row: Mapping[str, str], table: Mapping[str, Any]) -> Price:
    amounts = {name: Decimal(text) for name, text in row.items()}
    return Price(
        training=amounts["training"],
        input=amounts.get("input"),
        output=amounts.get("output"),
        date=table["as_of"],
        source=table["source"],
    )
