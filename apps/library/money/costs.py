"""What training a model cost, and how that is known."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.jobs.models import Job
from apps.jobs.money import costs as job_costs
from apps.providers import overrides

PER_MILLION = Decimal(1_000_000)


class KnownFrom(models.TextChoices):
    """Where a sum comes from, in words."""

    PROVIDER = "provider", _("as the provider says")
    TOKENS = "tokens", _("an estimate: trained tokens times the listed price")
    ESTIMATE = "estimate", _("an estimate from before the start")
    FREE = "free", _("trained on this machine")
    NOTHING = "", ""


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars, None when nobody knows, and where the sum comes from."""

    usd: Decimal | None = None
    known_from: KnownFrom = KnownFrom.NOTHING
    price_date: date | None = None


def training_cost(job: Job | None) -> Cost:
    """Return the provider's own sum if there is one, else the best estimate."""
    if job is None:
        return Cost()
    if job.usd is not None:
        return Cost(job.usd, KnownFrom.PROVIDER)
    profile = overrides.profile_of(job.connection)
    if not profile.costs_money:
        return Cost(Decimal(0), KnownFrom.FREE)
    if (usd := job_costs.actual(job)) is not None:
        return Cost(usd, KnownFrom.TOKENS, _date(job.estimate.get("price_date")))
    price = profile.price_of(job.base_model)
    if job.trained_tokens is not None and price and price.training is not None:
        usd = price.training * job.trained_tokens / PER_MILLION
        return Cost(usd, KnownFrom.TOKENS, price.date)
    return _estimated(job.estimate.get("usd"))


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _estimated(usd: str | None) -> Cost:
    try:
        return Cost(Decimal(str(usd)), KnownFrom.ESTIMATE) if usd is not None else Cost()
    except InvalidOperation:
        return Cost()
