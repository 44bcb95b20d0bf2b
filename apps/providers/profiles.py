"""What each kind of provider can do: numbers from data/profiles.toml, words from here."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext_lazy as _

from apps.providers.prices import base_of
from apps.providers.types import Hyperparameter

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

DATA = Path(__file__).parent / "data" / "profiles.toml"

ABOUT = {
    "engine": _(
        "Trains a very small model on this machine. It memorises small datasets; "
        "it is for trying Retune out, not for real answers."
    ),
    "openai": _("OpenAI's own service. Your data leaves this machine and training costs money."),
    "generic": _("Any server that speaks OpenAI's API, such as a hosted or a local one."),
}
HYPERPARAMETER_WORDS = {
    "n_epochs": (
        _("Epochs"),
        _(
            "How often the training goes through your whole file. More makes the model follow "
            "it more closely; too many make it repeat the file word for word."
        ),
    ),
    "batch_size": (
        _("Batch size"),
        _(
            "How many examples are learned from at once. Larger batches give smoother but fewer "
            "steps; small datasets do well with small ones."
        ),
    ),
    "learning_rate_multiplier": (
        _("Learning rate multiplier"),
        _(
            "How large each step is, compared with what the provider would choose. Raise it when "
            "the loss hardly falls, lower it when the loss jumps up and down."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class HyperparameterField:
    """One number a person may choose instead of "auto"."""

    name: str
    label: "StrPromise"
    explanation: "StrPromise"
    minimum: float
    maximum: float
    is_integer: bool


@dataclass(frozen=True, slots=True)
class AutoEpochs:
    """How many epochs "auto" will probably mean. `rule` says which of the numbers count."""

    rule: Literal["examples", "steps"]
    maximum: int
    target: int = 0
    minimum_examples: int = 0
    maximum_examples: int = 0
    target_steps: int = 0
    batch_sizes: tuple[tuple[int, int], ...] = ()
    largest_batch_size: int = 0

    def epochs(self, examples: int, batch_size: Hyperparameter = "auto") -> int:
        """Return the likely number of epochs for this many examples."""
        if self.rule == "steps":
            return self._epochs_for_steps(max(1, examples), batch_size)
        return self._epochs_for_examples(max(1, examples))

    def _epochs_for_examples(self, examples: int) -> int:
        if self.target * examples < self.minimum_examples:
            return min(self.maximum, self.minimum_examples // examples)
        if self.target * examples > self.maximum_examples:
            return max(1, self.maximum_examples // examples)
        return self.target

    def _epochs_for_steps(self, examples: int, batch_size: Hyperparameter) -> int:
        size = batch_size if isinstance(batch_size, int) else self._batch_size(examples)
        steps_per_epoch = math.ceil(examples / size)
        return max(1, min(self.maximum, round(self.target_steps / steps_per_epoch)))

    def _batch_size(self, examples: int) -> int:
        fitting = (size for limit, size in self.batch_sizes if examples <= limit)
        return next(fitting, self.largest_batch_size)


@dataclass(frozen=True, slots=True)
class Profile:
    """What Retune knows about one kind of provider."""

    name: str
    about: "StrPromise"
    as_of: date
    source: str
    encoding: Literal["o200k_base", "bytes"]
    costs_money: bool
    min_examples: int
    max_tokens_per_example: int
    max_file_bytes: int
    max_tokens_parameter: Literal["max_completion_tokens", "max_tokens"]
    hyperparameters_in: Literal["method", "top"]
    base_models: tuple[str, ...]
    lists_all_tunable: bool
    auto_epochs: AutoEpochs
    hyperparameters: tuple[HyperparameterField, ...]
    max_examples: int | None = None
    last_training_date: date | None = None
    last_answers_date: date | None = None

    def can_tune(self, model: str) -> bool | None:
        """Say whether a job may start from this model; None when nobody can know."""
        if base_of(model) in self.base_models:
            return True
        return False if self.lists_all_tunable else None

    def job_method(self, chosen: Mapping[str, Hyperparameter]) -> dict[str, Any]:
        """Return the request fields that carry the hyperparameters."""
        if self.hyperparameters_in == "top":
            return {"hyperparameters": dict(chosen)} if chosen else {}
        supervised = {"hyperparameters": dict(chosen)}
        return {"method": {"type": "supervised", "supervised": supervised}}

    def days_to_train(self, today: date) -> int | None:
        """Return how many days new jobs can still be started; None when no end is announced."""
        retirement = self.retirement(today)
        return retirement.days_to_train if retirement else None

    def retirement(self, today: date) -> "Retirement | None":
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


@dataclass(frozen=True, slots=True)
class Retirement:
    """The announced end of a provider's fine-tuning."""

    training_ends: date
    answers_end: date
    days_to_train: int
    days_to_answer: int
    as_of: date


def profile_for(name: str) -> Profile:
    """Return the profile that a connection names."""
    return _profiles()[name]


def has_profile(name: str) -> bool:
    """Say whether connections can have this profile."""
    return name in _profiles()


@cache
def _profiles() -> dict[str, Profile]:
    data = tomllib.loads(DATA.read_text())
    data.pop("datasets")  # read by dataset_rules.py
    fields = tuple(
        HyperparameterField(name, *HYPERPARAMETER_WORDS[name], **numbers)
        for name, numbers in data.pop("hyperparameters").items()
    )
    return {name: _profile(name, numbers, fields) for name, numbers in data.items()}


def _profile(
    name: str, numbers: dict[str, Any], fields: tuple[HyperparameterField, ...]
) -> Profile:
    rule = numbers.pop("auto_epochs")
    rule["batch_sizes"] = tuple(tuple(pair) for pair in rule.pop("batch_sizes", ()))
    return Profile(
        name=name,
        about=ABOUT[name],
        hyperparameters=fields,
        auto_epochs=AutoEpochs(**rule),
        base_models=tuple(numbers.pop("base_models")),
        **numbers,
    )
