"""What a job will probably take: shown beside the button, and kept with the job as it was shown."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps.datasets import estimates
from apps.datasets.models import Version
from apps.jobs.models import Job
from apps.jobs.money import paces
from apps.jobs.starting.wanted import Wanted
from apps.providers import overrides
from apps.providers.models import Connection
from apps.providers.types import Hyperparameter, Method


def estimate_of(wanted: Wanted) -> dict[str, Any]:
    """Return what is kept with a job that is about to start."""
    return estimate_as_shown(
        connection=wanted.connection,
        training_data=wanted.training_data,
        model=wanted.base_model,
        method=wanted.method,
        hyperparameters=wanted.hyperparameters,
    )


def estimate_as_shown(
    *,
    connection: Connection,
    training_data: Version,
    model: str,
    method: Method,
    hyperparameters: Mapping[str, Hyperparameter],
) -> dict[str, Any]:
    """Return epochs, billed tokens, US dollars and seconds; what cannot be known is None.

    Beside what is likely stand the lowest and the highest value: "auto" is theirs to choose.
    """
    profile = overrides.profile_of(connection)
    training = estimates.estimate(
        version=training_data,
        profile=profile,
        model=model,
        n_epochs=hyperparameters.get("n_epochs", "auto"),
        batch_size=hyperparameters.get("batch_size", "auto"),
    )
    is_by_token = method != Method.REINFORCEMENT  # that is billed by the hour
    price = training.price if is_by_token else None
    if price and price.training is None:  # only asking it has a price
        price = None
    return {
        "n_epochs": training.n_epochs,
        "n_epochs_least": training.epochs.least,
        "n_epochs_most": training.epochs.most,
        "billed_tokens": training.billed_tokens,
        "usd": _text(training.usd) if is_by_token else None,
        "usd_least": _text(training.usd_least) if is_by_token else None,
        "usd_most": _text(training.usd_most) if is_by_token else None,
        "usd_per_million": str(price.training) if price else None,
        "price_date": price.date.isoformat() if price else None,
        "costs_money": profile.costs_money,
        "is_by_token": is_by_token,
        "seconds": _seconds(connection, model, training.billed_tokens),
    }


def _seconds(connection: Connection, model: str, tokens: int | None) -> list[float] | None:
    """Return how long earlier jobs would have taken for this; None before there were any."""
    pace = paces.pace_of(Job.objects.filter(connection=connection), model)
    return list(pace.seconds(tokens)) if pace and tokens else None


def _text(usd: Decimal | None) -> str | None:
    return None if usd is None else str(usd)
