"""What Retune knows about each kind of provider: facts from data/, words from here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from apps.providers.profiles import capabilities, files, hyperparameters
from apps.providers.profiles.auto_epochs import AutoEpochs
from apps.providers.profiles.capabilities import Capabilities
from apps.providers.profiles.hyperparameters import HyperparameterField
from apps.providers.profiles.parts import (
    ChatRule,
    Dates,
    Deployment,
    ModelDates,
    RequestFields,
    Retirement,
    Uploads,
)
from apps.providers.profiles.prices import ALL_OTHERS, Price, base_of, prices_of
from apps.providers.profiles.words import ABOUT, LABELS
from apps.providers.types import Method

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Profile:
    """What Retune knows about one kind of provider. None where nobody knows."""

    name: str
    label: "StrPromise"
    about: "StrPromise"
    as_of: date
    source: str
    encoding: Literal["o200k_base", "bytes"]
    costs_money: bool
    max_tokens_parameter: Literal["max_completion_tokens", "max_tokens"]
    hyperparameters_in: Literal["method", "top", "own"]
    base_models: tuple[str, ...]
    lists_all_tunable: bool
    auto_epochs: AutoEpochs
    capabilities: Capabilities
    every_hyperparameter: tuple[HyperparameterField, ...]
    base_url: str = ""  # what to suggest; capitals are for the person to fill in
    details: tuple[str, ...] = ()  # what a connection has to know beside address and key
    needs_details: bool = False  # without them nothing works; else only deploying does not
    deploy_secret: bool = False  # deploying takes a secret of its own
    has_organizations: bool = False
    uploads: Uploads | None = None  # None: a file goes in one piece, whatever its size
    request: RequestFields = field(default_factory=RequestFields)
    logprobs_as: Literal["flag", "count"] = "flag"  # what `logprobs` of a conversation holds
    embeds_at_once: int = 256  # texts in one request
    text_only: bool = False  # known: no model there takes images
    chat: tuple[ChatRule, ...] = ()  # read by chat_parameters.py; the first that fits counts
    deployment: Deployment = field(default_factory=Deployment)
    dates: Dates | None = None  # None: nobody announced an end
    min_examples: int | None = None
    max_examples: int | None = None
    max_tokens_per_example: int | None = None
    max_file_bytes: int | None = None
    last_training_date: date | None = None
    last_answers_date: date | None = None
    own_prices: Mapping[str, Price] = field(default_factory=dict)  # a workspace's, by base model

    @property
    def hyperparameters(self) -> tuple[HyperparameterField, ...]:
        """What can be chosen for supervised training."""
        return self.hyperparameters_for(Method.SUPERVISED)

    @property
    def needs_deployment(self) -> bool:
        """True where a tuned model answers nobody until it is deployed."""
        return self.capabilities.deployment == "required"

    def hyperparameters_for(self, method: Method) -> tuple[HyperparameterField, ...]:
        """Return what can be chosen for this method, the most used first."""
        return tuple(each for each in self.every_hyperparameter if method in each.methods)

    @property
    def prices(self) -> Mapping[str, Price]:
        """Return what training and asking cost, by base model."""
        return {**prices_of(self.name), **self.own_prices}

    def price_of(self, model: str) -> Price | None:
        """Return the price of a base model, or of the base of a tuned one; None if unknown."""
        if not self.costs_money:
            return None
        return self.prices.get(base_of(model), self.own_prices.get(ALL_OTHERS))

    def why_not(self, name: str) -> str:
        """Return why `name` (a method or a capability) is not offered; "" when it is."""
        if self.capabilities.offers(name):
            return ""
        return capabilities.why_not(self.name, self.label, name)

    def can_tune(self, model: str) -> bool | None:
        """Say whether a job may start from this model; None when nobody can know."""
        if base_of(model) in self.base_models:
            return True
        return False if self.lists_all_tunable else None

    def dates_of(self, model: str) -> ModelDates | None:
        """Return the announced ends of a base model, or of the base of a tuned one."""
        return self.dates.models.get(base_of(model)) if self.dates else None

    def days_to_train(self, today: date) -> int | None:
        """Return how many days new jobs can still be started; None when no end is announced."""
        retirement = self.retirement(today)
        return retirement.days_to_train if retirement else None

    def retirement(self, today: date) -> Retirement | None:
        """Return what ends when, and in how many days; None when no end is announced."""
        if self.last_training_date is None or self.last_answers_date is None:
            return None
        return Retirement(
            training_ends=self.last_training_date,
            answers_end=self.last_answers_date,
            days_to_train=max(0, (self.last_training_date - today).days),
            days_to_answer=max(0, (self.last_answers_date - today).days),
            as_of=self.as_of,
        )


def profile_for(name: str) -> Profile:
    """Return the profile that a connection names."""
    return _profiles()[name]


def has_profile(name: str) -> bool:
    """Say whether connections can have this profile."""
    return name in _profiles()


@cache
def _profiles() -> dict[str, Profile]:
    return {name: _read(name, files.facts(name)) for name in files.NAMES}


def _read(name: str, facts: Mapping[str, Any]) -> Profile:
    offered = capabilities.read(facts["capabilities"])
    skipped = ("prices_of", "chat_of")  # other files are read for these
    plain = {
        key: value
        for key, value in facts.items()
        if not isinstance(value, dict | list) and key not in skipped
    }
    rows = facts["datasets"]
    return Profile(
        name=name,
        label=LABELS[name],
        about=ABOUT[name],
        capabilities=offered,
        every_hyperparameter=hyperparameters.read(name, facts["hyperparameters"], offered.methods),
        auto_epochs=_auto_epochs(facts["auto_epochs"]),
        uploads=Uploads(**facts["uploads"]) if "uploads" in facts else None,
        deployment=Deployment(facts.get("deployment", {})),
        dates=_dates(facts.get("dates")),
        request=_request_fields(facts.get("request", {})),
        chat=_chat_rules(facts),
        base_models=tuple(facts["base_models"]),
        details=tuple(facts.get("details", ())),
        encoding=rows.get("encoding", "o200k_base"),
        min_examples=rows.get("min_examples"),
        max_examples=rows.get("max_examples"),
        max_tokens_per_example=rows.get("max_tokens_per_row"),
        max_file_bytes=rows.get("max_file_bytes"),
        **plain,
    )


def _dates(table: Mapping[str, Any] | None) -> Dates | None:
    if table is None:
        return None
    models = {model: ModelDates(**days) for model, days in table["models"].items()}
    return Dates(**{**table, "models": models})


def _request_fields(table: Mapping[str, Any]) -> RequestFields:
    return RequestFields(**{**table, "own_families": tuple(table.get("own_families", ()))})


def _chat_rules(facts: Mapping[str, Any]) -> tuple[ChatRule, ...]:
    """Return them in their order; those of another provider where this one stands for it."""
    told = files.facts(facts["chat_of"]) if "chat_of" in facts else facts
    return tuple(map(_chat_rule, told.get("chat", ())))


def _chat_rule(table: Mapping[str, Any]) -> ChatRule:
    lists = {"models": tuple(table["models"]), "refuses": frozenset(table.get("refuses", ()))}
    return ChatRule(**{**table, **lists})


def _auto_epochs(table: Mapping[str, Any]) -> AutoEpochs:
    sizes = tuple((limit, size) for limit, size in table.get("batch_sizes", ()))
    return AutoEpochs(**{**table, "batch_sizes": sizes})
