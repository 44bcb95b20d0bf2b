"""What training on a dataset would mean: epochs, tokens, money. Estimates, and called so (pure)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from apps.datasets.check.tokens import BYTES, encoding_for
from apps.datasets.models import Version
from apps.providers.profiles import Profile, profile_for
from apps.providers.profiles.prices import Price

MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Estimate:
    """None where it cannot be known: tokens not counted yet, or no price listed."""

    model: str
    encoding: str
    n_epochs: int
    billed_tokens: int | None
    usd: Decimal | None
    price: Price | None
    too_few_examples: bool = False
    is_free: bool = False

    @property
    def usd_per_epoch(self) -> Decimal | None:
        """What one pass over the rows costs: the least that can be asked for."""
        return None if self.usd is None else self.usd / self.n_epochs

    @property
    def is_counted(self) -> bool:
        return self.billed_tokens is not None


def estimate(
    *, version: Version, profile: Profile, model: str, n_epochs: int | Literal["auto"]
) -> Estimate:
    """Estimate one training; `auto` is resolved as the provider probably would."""
    rows = version.statistics.get("rows", 0)
    epochs = profile.auto_epochs.epochs(rows) if n_epochs == "auto" else n_epochs
    encoding = BYTES if profile.encoding == BYTES else encoding_for(model)
    counted = version.statistics.get("tokens", {}).get(encoding, {})
    per_epoch = counted.get("total_within_limit", counted.get("total"))
    billed = None if per_epoch is None else per_epoch * epochs
    price = profile.price_of(model)
    training = price.training if price else None
    usd = None if training is None or billed is None else billed * training / MILLION
    too_few = profile.min_examples is not None and rows < profile.min_examples
    is_free = not profile.costs_money
    return Estimate(model, encoding, epochs, billed, usd, price, too_few, is_free)


def estimates_for(version: Version, profiles: list[Profile]) -> list[Estimate]:
    """Estimate every model that these profiles can train, with `auto` epochs."""
    return [
        estimate(version=version, profile=profile, model=model, n_epochs="auto")
        for profile in profiles
        for model in profile.base_models
    ]


def token_limits() -> dict[str, int]:
    """How long a row may be, by encoding; longer ones are cut in training."""
    return {
        profile.encoding: profile.max_tokens_per_example
        for profile in map(profile_for, ("engine", "openai"))
        if profile.max_tokens_per_example is not None
    }
