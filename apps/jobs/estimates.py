"""What a job will probably cost: shown beside the button, and kept with the job as it was shown."""

from collections.abc import Mapping
from typing import Any

from apps.datasets import estimates
from apps.datasets.models import Version
from apps.providers.profiles import Profile
from apps.providers.types import Hyperparameter


def estimate_as_shown(
    training_data: Version, profile: Profile, model: str, chosen: Mapping[str, Hyperparameter]
) -> dict[str, Any]:
    """Return epochs, billed tokens and US dollars; what cannot be known is None."""
    n_epochs = chosen.get("n_epochs", "auto")
    if n_epochs == "auto":  # may depend on the batch size too
        rows = training_data.row_count or 0
        n_epochs = profile.auto_epochs.epochs(rows, chosen.get("batch_size", "auto"))
    estimate = estimates.estimate(
        version=training_data, profile=profile, model=model, n_epochs=int(n_epochs)
    )
    price = estimate.price
    return {
        "n_epochs": estimate.n_epochs,
        "billed_tokens": estimate.billed_tokens,
        "usd": None if estimate.usd is None else str(estimate.usd),
        "usd_per_million": str(price.training) if price else None,
        "price_date": price.date.isoformat() if price else None,
        "costs_money": profile.costs_money,
    }
