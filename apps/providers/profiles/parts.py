"""The parts of a profile that stand in tables of their own (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from apps.providers.profiles.prices import base_of
from apps.providers.types import Hyperparameter


@dataclass(frozen=True, slots=True)
class Uploads:
    """From which size on files go in parts, and how large a part is."""

    above_bytes: int
    part_bytes: int
    api_version: str = ""  # Azure: its Uploads API is beside /v1, and wants a version


@dataclass(frozen=True, slots=True)
class RequestFields:
    """What of a job stands beside OpenAI's fields, and what open models need to be told."""

    beside: Mapping[str, str] = field(default_factory=dict)  # our name of a setting: theirs
    own_families: tuple[str, ...] = ()  # models with these beginnings are no open models
    key_in_suffix: bool = False  # our job's id travels there as well as in the metadata
    for_open_models: Mapping[str, Hyperparameter] = field(default_factory=dict)

    def needed_by(self, model: str) -> Mapping[str, Hyperparameter]:
        """Return the settings without which training this model fails."""
        is_open = not base_of(model).startswith(self.own_families)
        return self.for_open_models if is_open else {}


@dataclass(frozen=True, slots=True)
class ChatRule:
    """What some models refuse in a request. Their names may end with a star."""

    models: tuple[str, ...]
    as_of: date
    source: str
    refuses: frozenset[str] = frozenset()  # of chat_parameters.PARAMETERS
    most_top_logprobs: int = 20
    max_tokens_parameter: str = ""  # "": as the profile says
    is_legacy: bool = False  # completes prompts only


@dataclass(frozen=True, slots=True)
class ModelDates:
    """When new jobs from this model end, and when its tuned models stop answering."""

    training: date
    answers: date


@dataclass(frozen=True, slots=True)
class Dates:
    """The announced ends, by base model. They move: this is what was read on `as_of`."""

    as_of: date
    source: str
    models: Mapping[str, ModelDates]
    for_existing_customers: bool = False  # training, for others it ended earlier


@dataclass(frozen=True, slots=True)
class Deployment:
    """How a tuned model is served, where that is a step of its own: what only a plug-in reads."""

    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retirement:
    """The announced end of a provider's fine-tuning."""

    training_ends: date
    answers_end: date
    days_to_train: int
    days_to_answer: int
    as_of: date
