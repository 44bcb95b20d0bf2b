"""What all jobs of a sweep would take together, shown before it begins."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from apps.jobs.money.estimates import estimate_of
from apps.jobs.starting.wanted import Wanted
from apps.sweeps import grid as grids


@dataclass(frozen=True, slots=True)
class Total:
    """US dollars and tokens of all jobs; None when it is not known for every one of them."""

    jobs: int
    billed_tokens: int | None
    usd_least: Decimal | None
    usd_most: Decimal | None
    costs_money: bool


def total(wanted: Wanted, grid: grids.Grid) -> Total:
    """Add up the estimates of every combination."""
    found = [_estimate(wanted, settings) for settings in grids.combinations(grid)]
    tokens = [each["billed_tokens"] for each in found]
    return Total(
        jobs=len(found),
        billed_tokens=None if None in tokens else sum(tokens),
        usd_least=_sum(found, "usd_least"),
        usd_most=_sum(found, "usd_most"),
        costs_money=any(each["costs_money"] for each in found),
    )


def _estimate(wanted: Wanted, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    return estimate_of(replace(wanted, hyperparameters={**wanted.hyperparameters, **settings}))


def _sum(estimates: list[Mapping[str, Any]], name: str) -> Decimal | None:
    amounts = [each[name] for each in estimates]
    return None if None in amounts else sum(map(Decimal, amounts), Decimal(0))
