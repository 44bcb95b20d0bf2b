"""What training on a dataset would mean: epochs, tokens, money. Estimates, and called so (pure)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.datasets.check.image_tiles import MOST_TILES, UNKNOWN
from apps.datasets.check.tokens import BYTES, encoding_for
from apps.datasets.models import Version
from apps.datasets.trainability import becomes_chat
from apps.providers.profiles import Profile, profile_for
from apps.providers.profiles.dataset_rules import DatasetRules, ImageTokens, rules_named
from apps.providers.profiles.prices import Price, base_of
from apps.providers.types import Hyperparameter

MILLION = Decimal(1_000_000)
LIKELY_TILES = 4  # of an image of unknown size: as one of 1024 by 1024 pixels


@dataclass(frozen=True, slots=True)
class Spread:
    """A number that is not known for sure: the likely one, and the bounds of what it may be."""

    least: int
    likely: int
    most: int

    @property
    def is_wide(self) -> bool:
        return self.least != self.most

    def times(self, other: "Spread") -> "Spread":
        """Multiply two of them, which are never negative."""
        return Spread(self.least * other.least, self.likely * other.likely, self.most * other.most)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one training takes. None where it cannot be known: not counted yet, or no price."""

    model: str
    encoding: str
    epochs: Spread
    tokens: Spread | None  # that are billed
    price: Price | None
    too_few_examples: bool = False
    is_free: bool = False

    @property
    def n_epochs(self) -> int:
        return self.epochs.likely

    @property
    def billed_tokens(self) -> int | None:
        return self.tokens.likely if self.tokens else None

    @property
    def usd(self) -> Decimal | None:
        return self._usd(self.billed_tokens)

    @property
    def usd_least(self) -> Decimal | None:
        return self._usd(self.tokens.least if self.tokens else None)

    @property
    def usd_most(self) -> Decimal | None:
        return self._usd(self.tokens.most if self.tokens else None)

    def _usd(self, tokens: int | None) -> Decimal | None:
        training = self.price.training if self.price else None
        return None if training is None or tokens is None else tokens * training / MILLION


def estimate(
    *,
    version: Version,
    profile: Profile,
    model: str,
    n_epochs: Hyperparameter = "auto",
    batch_size: Hyperparameter = "auto",
) -> Estimate:
    """Estimate one training; `auto` is resolved as the provider probably would."""
    rows = version.statistics.get("rows", 0)
    epochs = _epochs(profile, rows, n_epochs, batch_size)
    encoding = BYTES if profile.encoding == BYTES else encoding_for(model)
    counted = version.statistics.get("tokens", {}).get(encoding, {})
    texts = counted.get("total_within_limit", counted.get("total"))
    tokens = None
    if texts is not None:
        images = _image_tokens(version.statistics, _images_at(profile, model))
        tokens = Spread(*(texts + each for each in images)).times(epochs)
    too_few = profile.min_examples is not None and rows < profile.min_examples
    price, is_free = profile.price_of(model), not profile.costs_money
    return Estimate(model, encoding, epochs, tokens, price, too_few, is_free)


def _epochs(
    profile: Profile, rows: int, n_epochs: Hyperparameter, batch_size: Hyperparameter
) -> Spread:
    if isinstance(n_epochs, int):
        return Spread(n_epochs, n_epochs, n_epochs)
    rule = profile.auto_epochs
    fewest, most = rule.bounds(rows, batch_size)
    return Spread(fewest, rule.epochs(rows, batch_size), most)


def _images_at(profile: Profile, model: str) -> ImageTokens | None:
    rules = rules_named(profile.name)
    return rules.image_tokens.get(base_of(model)) if rules else None


def _image_tokens(statistics: dict[str, Any], costs: ImageTokens | None) -> tuple[int, int, int]:
    """Return the least, the likely and the most tokens of all images in one pass."""
    count = statistics.get("images", 0)
    if not count or costs is None:
        return 0, 0, 0
    tiles = {int(name): images for name, images in statistics.get("image_tiles", {}).items()}
    unknown = tiles.pop(UNKNOWN, 0) if tiles else count  # older checks did not look
    known = costs.image * count + costs.tile * sum(each * of for each, of in tiles.items())
    return (
        known,
        known + costs.tile * unknown * LIKELY_TILES,
        known + costs.tile * unknown * MOST_TILES,
    )


def estimates_for(version: Version, profiles: list[Profile]) -> list[Estimate]:
    """Estimate every model of these profiles that learns from such rows, with `auto` epochs."""
    return [
        estimate(version=version, profile=profile, model=model)
        for profile in profiles
        for model in profile.base_models
        if learns(version, profile, model)
    ]


def learns(version: Version, profile: Profile, model: str) -> bool:
    """Say whether a model learns from what the rows are; what nobody knows counts as yes."""
    rules = rules_named(profile.name)
    if rules is None:
        return True
    if rules.trains(version.format) is False and not becomes_chat(version.format, rules):
        return False
    return not version.statistics.get("images") or _takes_images(rules, model)


def _takes_images(rules: DatasetRules, model: str) -> bool:
    if rules.images is False:
        return False
    return not rules.image_tokens or base_of(model) in rules.image_tokens


def token_limits() -> dict[str, int]:
    """How long a row may be, by encoding; longer ones are cut in training."""
    return {
        profile.encoding: profile.max_tokens_per_example
        for profile in map(profile_for, ("engine", "openai"))
        if profile.max_tokens_per_example is not None
    }
