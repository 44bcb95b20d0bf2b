"""What deploying a tuned model asks and costs: facts from data/deployments.toml (pure)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

DATA = Path(__file__).parent / "data" / "deployments.toml"
Option = str | int

WORDS: Mapping[str, tuple["StrPromise", "StrPromise"]] = {
    "sku": (
        _("Type"),
        _(
            "DeveloperTier costs nothing by the hour and ends by itself after 24 hours: it is for "
            "trying a model out. The others cost by the hour until they are stopped."
        ),
    ),
    "capacity": (
        _("Capacity"),
        _("How much may be asked in a minute. 1 is about one request."),
    ),
    "model_format": (
        _("Family of the model"),
        _("OpenAI for GPT models. A wrong one is refused by the provider without a reason."),
    ),
    "hardware": (
        _("Hardware"),
        _("What the model runs on. Larger models need more of it."),
    ),
    "min_replicas": (_("Copies at least"), _("Each copy costs the price of its hardware.")),
    "max_replicas": (
        _("Copies at most"),
        _("With many requests the provider starts more copies, up to this number."),
    ),
    "inactive_timeout": (
        _("Stops after minutes without a request"),
        _("0 lets it run until it is stopped."),
    ),
    "accelerator_type": (_("Hardware"), _("What the model runs on.")),
    "accelerator_count": (_("Accelerators for each copy"), _("Larger models need more.")),
    "min_replica_count": (
        _("Copies at least"),
        _("With 0 it costs nothing while nobody asks, and the first answer waits for it to start."),
    ),
    "max_replica_count": (
        _("Copies at most"),
        _("With many requests the provider starts more copies, up to this number."),
    ),
}


@dataclass(frozen=True, slots=True)
class DeploymentOption:
    """One thing to choose when a model is deployed."""

    name: str
    label: "StrPromise"
    explanation: "StrPromise"
    kind: Literal["choice", "integer"]
    default: Option
    choices: tuple[str, ...] = ()
    minimum: int | None = None  # both ends are allowed
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class DeploymentFacts:
    """What is known of deploying at one kind of provider."""

    as_of: date
    source: str
    bills: Literal["hour", "unknown"]
    options: tuple[DeploymentOption, ...] = ()
    hourly_usd: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    not_by_the_hour: Mapping[str, list[str]] = field(default_factory=dict)
    lives_hours: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def bills_by_hour(self, chosen: Mapping[str, Any]) -> bool:
        """Say whether what was chosen costs for as long as it stands."""
        free = any(chosen.get(name) in values for name, values in self.not_by_the_hour.items())
        return self.bills == "hour" and not free

    def price(self, chosen: Mapping[str, Any]) -> Decimal | None:
        """Return US dollars per hour for the fewest copies; None when nobody prints it."""
        for name, prices in self.hourly_usd.items():
            if usd := prices.get(str(chosen.get(name))):
                return Decimal(usd) * int(chosen.get("min_replicas", 1))
        return None

    def lifetime(self, chosen: Mapping[str, Any]) -> timedelta | None:
        """Return after how long it ends by itself; None when it does not."""
        for name, hours in self.lives_hours.items():
            if found := hours.get(str(chosen.get(name))):
                return timedelta(hours=found)
        return None


def deployment_facts(profile: str) -> DeploymentFacts | None:
    """Return what is known of deploying at this kind of provider; None for nothing."""
    return _facts().get(profile)


@cache
def _facts() -> dict[str, DeploymentFacts]:
    data = tomllib.loads(DATA.read_text())
    return {profile: _of(table) for profile, table in data.items()}


def _of(table: dict[str, Any]) -> DeploymentFacts:
    options = tuple(_option(row) for row in table.pop("options", ()))
    return DeploymentFacts(options=options, **table)


def _option(row: dict[str, Any]) -> DeploymentOption:
    label, explanation = WORDS[row["name"]]
    choices = tuple(row.pop("choices", ()))
    return DeploymentOption(label=label, explanation=explanation, choices=choices, **row)
