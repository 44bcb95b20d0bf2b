"""What each kind of provider takes as training data: `[datasets]` of its file in data/.

Every fact may be None, which means that it is not known, and nobody is refused because of it.
`hosts`: endings of addresses by which a connection to a compatible server is recognised.
`other_kinds`: whether it trains on kinds that are not listed. `long_rows`: where they lose what is
too much. `byte_order_mark`: whether a file should begin with one. `image_tokens`: the base models
that learn from images.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from apps.providers.profiles import files
from apps.providers.profiles.words import LABELS

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

FALLBACK = "generic"


@dataclass(frozen=True, slots=True)
class ImageTokens:
    """What an image costs a model beside its text, in tokens."""

    image: int
    tile: int  # of 512 by 512 pixels


@dataclass(frozen=True, slots=True)
class DatasetRules:
    """What one provider takes."""

    name: str
    label: "StrPromise"
    as_of: date
    source: str
    kinds: tuple[str, ...]
    byte_order_mark: bool
    max_file_bytes: int | None = None
    hosts: tuple[str, ...] = ()
    other_kinds: bool | None = None
    min_examples: int | None = None
    max_examples: int | None = None
    max_tokens_per_row: int | None = None
    encoding: Literal["o200k_base", "bytes"] = "o200k_base"
    long_rows: Literal["front", "end", "unclear"] = "unclear"
    tools: bool | None = None
    images: bool | None = None
    image_tokens: Mapping[str, ImageTokens] = field(default_factory=dict)  # by base model
    max_images_per_row: int | None = None
    max_image_rows: int | None = None
    weight: bool | None = None
    names: bool | None = None  # of messages
    last_must_be_answer: bool | None = None

    def trains(self, kind: str) -> bool | None:
        """Say whether it trains on this kind of rows; None when that is not known."""
        return True if kind in self.kinds else self.other_kinds


def all_rules() -> tuple[DatasetRules, ...]:
    """Return every provider whose rules are known."""
    return tuple(_rules().values())


def rules_named(name: str) -> DatasetRules | None:
    """Return the rules of one provider."""
    return _rules().get(name)


def rules_for(*, profile: str, address: str) -> DatasetRules:
    """Return the rules for a connection: a compatible server may be known by its address."""
    if profile != FALLBACK and profile in _rules():
        return _rules()[profile]
    host = (urlsplit(address).hostname or "").lower()
    known = (rules for rules in _rules().values() if _is_at(host, rules.hosts))
    return next(known, _rules()[FALLBACK])


def _is_at(host: str, hosts: tuple[str, ...]) -> bool:
    return any(host == known or host.endswith(f".{known}") for known in hosts)


def row_limits() -> dict[str, tuple[int, ...]]:
    """Return how long a row may be, by encoding; the check counts the rows beyond each."""
    limits: dict[str, set[int]] = {}
    for rules in all_rules():
        if rules.max_tokens_per_row is not None:
            limits.setdefault(rules.encoding, set()).add(rules.max_tokens_per_row)
    return {encoding: tuple(sorted(values)) for encoding, values in limits.items()}


@cache
def _rules() -> dict[str, DatasetRules]:
    return {name: _read(name, files.facts(name)) for name in files.NAMES}


def _read(name: str, facts: dict[str, Any]) -> DatasetRules:
    table = facts["datasets"]
    lists = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
    tokens = table.get("image_tokens", {})
    images = {"image_tokens": {model: ImageTokens(**costs) for model, costs in tokens.items()}}
    about = {"as_of": facts["as_of"], "source": facts["source"]}
    return DatasetRules(name=name, label=LABELS[name], **about, **{**table, **lists, **images})
