"""What the answers of a run cost, as far as prices are known."""

from decimal import Decimal

from django.db.models import Sum

from apps.evals.models import Answer, Candidate, Run
from apps.providers import overrides

MILLION = Decimal(1_000_000)


def spent(run: Run) -> Decimal:
    """Add up what is known, in US dollars; what is not known adds nothing."""
    costs = (cost_of(candidate) for candidate in run.candidates.select_related("connection"))
    return sum((cost for cost in costs if cost is not None), Decimal(0))


def cost_of(candidate: Candidate) -> Decimal | None:
    """Return what the answers of one model cost; None where nobody knows its price."""
    if candidate.connection is None:  # recorded answers are there already
        return Decimal(0)
    profile = overrides.profile_of(candidate.connection)
    if not profile.costs_money:
        return Decimal(0)
    price = profile.price_of(candidate.model)
    if price is None or price.input is None or price.output is None:
        return None
    asked = Answer.objects.filter(candidate=candidate, is_copied=False)
    told = asked.aggregate(questions=Sum("prompt_tokens"), answers=Sum("completion_tokens"))
    questions, answers = (Decimal(told[name] or 0) for name in ("questions", "answers"))
    return (questions * price.input + answers * price.output) / MILLION
