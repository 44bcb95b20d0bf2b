"""What deploying a tuned model asks and costs: `[serving]` of a provider's file (pure).

`bills`: "hour" costs for as long as it stands, "tokens" only when it is asked. With some choices it
is different: `not_by_the_hour` costs nothing by the hour, `sleeps` only while somebody asks it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext_lazy as _

from apps.providers.profiles import files

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

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
        _("Capacity, in thousand tokens a minute"),
        _("1 is about one request a minute."),
    ),
    "inactive_timeout": (
        _("Stops after so many minutes without a request"),
        _("0 lets it run, and cost, until somebody stops it."),
    ),
    "hardware": (_("Hardware"), _("Left open, the provider takes what fits the model.")),
    "min_replicas": (_("Copies at least"), _("Each copy costs the price of its hardware.")),
    "max_replicas": (
        _("Copies at most"),
        _("With many requests the provider starts more copies, up to this number."),
    ),
    "accelerator_type": (
        _("Hardware"),
        _("Left open, the provider takes what fits the model."),
    ),
    "accelerator_count": (_("Number of accelerators"), _("Larger models need more of them.")),
    "min_replica_count": (
        _("Copies at least"),
        _(
            "With 0 it sleeps, and costs nothing, while nobody asks: the first answer waits for "
            "it, and after seven days without a request the provider deletes it."
        ),
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
    kind: Literal["choice", "integer", "text"]
    default: Option | None = None  # None: left out, the provider decides
    choices: tuple[str, ...] = ()
    minimum: int | None = None  # both ends are allowed
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class DeploymentFacts:
    """What is known of deploying at one kind of provider."""

    as_of: date
    source: str
    bills: Literal["hour", "tokens"]
    options: tuple[DeploymentOption, ...] = ()
    printed: Mapping[str, str] = field(default_factory=dict)  # hardware: US dollars per hour
    not_by_the_hour: Mapping[str, list[Option]] = field(default_factory=dict)
    sleeps: Mapping[str, list[Option]] = field(default_factory=dict)

    def bills_by_hour(self, chosen: Mapping[str, Any]) -> bool:
        """Say whether what was chosen costs for as long as it stands."""
        differs = self.costs_nothing(chosen) or _is_any(self.sleeps, chosen)
        return self.bills == "hour" and not differs

    def costs_nothing(self, chosen: Mapping[str, Any]) -> bool:
        """Say whether what was chosen costs nothing but what is asked of it."""
        return self.bills == "tokens" or _is_any(self.not_by_the_hour, chosen)


def _is_any(cases: Mapping[str, list[Option]], chosen: Mapping[str, Any]) -> bool:
    return any(chosen.get(name) in values for name, values in cases.items())


@cache
def deployment_facts(profile: str) -> DeploymentFacts | None:
    """Return what is known of deploying at this kind of provider; None for nothing."""
    table = files.facts(profile).get("serving")
    return _of(table) if table else None


def _of(table: Mapping[str, Any]) -> DeploymentFacts:
    options = tuple(_option(row) for row in table.get("options", ()))
    return DeploymentFacts(**{**table, "options": options})


def _option(row: Mapping[str, Any]) -> DeploymentOption:
    label, explanation = WORDS[row["name"]]
    choices = tuple(row.get("choices", ()))
    return DeploymentOption(label=label, explanation=explanation, **{**row, "choices": choices})
