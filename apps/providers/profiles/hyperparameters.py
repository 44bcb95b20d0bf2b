"""The settings of a training, by the names under which jobs keep them (pure).

Names are the same wherever the meaning is; an adapter puts them where its provider reads them.
A learning rate is two different things: `learning_rate_multiplier` and `learning_rate`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.utils.text import format_lazy

from apps.providers.profiles.hyperparameter_words import NOTES, WORDS
from apps.providers.types import Hyperparameter, Method

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Kind = Literal["integer", "number", "boolean", "choice", "text"]
Unit = Literal["", "multiplier", "absolute"]


@dataclass(frozen=True, slots=True)
class HyperparameterField:
    """One setting a person may choose. Left out, the provider decides: by `default` if known."""

    name: str
    label: "StrPromise"
    explanation: "StrPromise"
    kind: Kind
    methods: tuple[Method, ...]
    minimum: float | None = None  # both ends are allowed
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    default: Hyperparameter | None = None
    unit: Unit = ""
    takes_auto: bool = False  # leaving it out means that the provider looks at the data

    @property
    def is_integer(self) -> bool:
        return self.kind == "integer"


def read(
    profile: str, tables: Mapping[str, Mapping[str, Any]], methods: Iterable[Method]
) -> tuple[HyperparameterField, ...]:
    """Make the fields of `[hyperparameters.…]`. Without methods of its own one is for all."""
    every = tuple(methods)
    return tuple(_field(profile, name, dict(table), every) for name, table in tables.items())


def _field(
    profile: str, name: str, table: dict[str, Any], every: tuple[Method, ...]
) -> HyperparameterField:
    named = table.pop("methods", None)
    label, explanation = WORDS[name]
    if note := NOTES.get((profile, name)):
        explanation = format_lazy("{} {}", explanation, note)
    return HyperparameterField(
        name,
        label,
        explanation,
        methods=every if named is None else tuple(Method(method) for method in named),
        choices=tuple(table.pop("choices", ())),
        **table,
    )
