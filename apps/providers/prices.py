"""What providers charge, as dated data. A model that is not listed has no price, never 0."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "prices.toml"


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, on this date, from this source."""

    training: Decimal
    input: Decimal
    output: Decimal
    date: date
    source: str


def training_price(model: str) -> Price | None:
    """Return the price of training this base model (or of training a tuned one further)."""
    return _prices().get(base_of(model))


def base_of(model: str) -> str:
    """Return `gpt-4.1-2025-04-14` for `ft:gpt-4.1-2025-04-14:org:suffix:id`."""
    return model.split(":")[1] if model.startswith("ft:") else model


@cache
def _prices() -> dict[str, Price]:
    data = tomllib.loads(DATA.read_text())
    return {
        row["model"]: Price(
            training=Decimal(row["training"]),
            input=Decimal(row["input"]),
            output=Decimal(row["output"]),
            date=data["date"],
            source=data["source"],
        )
        for row in data["price"]
    }
