"""Gathers the evidence: plain values only, so that the file and the page say the same as JSON."""

from typing import Any

from django.utils import timezone

from apps.accounts.models import Membership
from apps.core.context import version
from apps.evals.evidence import gaps, origin, training, trials
from apps.library.models import TunedModel
from apps.library.money import costs

FORMAT = "retune-evidence/1"


def evidence_of(model: TunedModel, membership: Membership) -> dict[str, Any]:
    """Return what is known of a model. What is not known is None, and `gaps` says so."""
    cost = costs.training_cost(model.job)
    found: dict[str, Any] = {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "retune": version(),
        "model": origin.model_facts(model),
        "job": origin.job_facts(model.job) if model.job else None,
        "data": origin.data_facts(model.job) if model.job else [],
        "cost": {
            "usd": None if cost.usd is None else str(cost.usd),
            "known_from": str(cost.known_from.label),
            "price_date": cost.price_date and cost.price_date.isoformat(),
        },
        "curves": training.curves_of(model.job) if model.job else [],
        "checkpoints": training.checkpoints_of(model.job) if model.job else [],
        "evals": trials.evals_of(model, membership),
    }
    return {**found, "gaps": gaps.gaps_in(found)}
