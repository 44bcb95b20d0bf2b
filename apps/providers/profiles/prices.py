"""What providers charge: `[prices]` of their files. What is not listed has no price, never 0."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from apps.providers.profiles import files

MILLION = Decimal(1_000_000)
# What is known of a base model: training it, asking what was tuned from it, asking itself.
AMOUNTS = ("training", "input", "output", "base_input", "base_output")
ALL_OTHERS = "*"  # how a workspace names every model that has no price of its own


@dataclass(frozen=True, slots=True)
class Rate:
    """What asking one model costs: US dollars per million tokens, and who says so."""

    input: Decimal
    output: Decimal | None = None  # None: nobody knows, or the model makes no text
    as_of: date | None = None
    source: str = ""

    def usd(self, asked: float, answered: float) -> Decimal | None:
        """Return what so many tokens cost; None where the price of answers is not known."""
        if answered and self.output is None:
            return None
        output = self.output or Decimal(0)
        return (Decimal(asked) * self.input + Decimal(answered) * output) / MILLION


FREE = Rate(Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, on this date, from this source. None where nobody knows."""

    date: date
    source: str
    training: Decimal | None = None
    input: Decimal | None = None  # of models that are tuned from it
    output: Decimal | None = None
    base_input: Decimal | None = None  # of the model itself, which is mostly cheaper
    base_output: Decimal | None = None

    @property
    def tuned(self) -> Rate | None:
        """What asking a model tuned from this one costs."""
        return self._rate(self.input, self.output)

    @property
    def itself(self) -> Rate | None:
        """What asking this model costs."""
        return self._rate(self.base_input, self.base_output)

    def _rate(self, asked: Decimal | None, answered: Decimal | None) -> Rate | None:
        return None if asked is None else Rate(asked, answered, self.date, self.source)


@cache
def prices_of(profile: str) -> Mapping[str, Price]:
    """Return what one provider charges, by base model. A gateway charges what it stands for."""
    facts = files.facts(profile)
    table = facts.get("prices")
    if table is None:
        return prices_of(facts["prices_of"]) if "prices_of" in facts else {}
    tables = (table, *table.get("more", ()))  # read on other days, elsewhere
    return {model: _price(row, each) for each in tables for model, row in each["models"].items()}


def base_of(model: str) -> str:
    """Return the base of a tuned model, by its name at OpenAI (`ft:…`) or Azure (`….ft-…`)."""
    if model.startswith("ft:"):
        return model.split(":")[1]
    return model.split(".ft-")[0]


def _price(row: Mapping[str, str], table: Mapping[str, Any]) -> Price:
    amounts = {name: Decimal(text) for name, text in row.items()}
    return Price(date=table["as_of"], source=table["source"], **amounts)
