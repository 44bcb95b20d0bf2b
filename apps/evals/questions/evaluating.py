"""What evaluating one tuned model begins with: its base, its validation data, suites there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, Q, Value, When

from apps.accounts.models import Membership
from apps.core.typed import uuid_of
from apps.datasets.models import Version
from apps.evals.models import Suite
from apps.jobs.models import Job
from apps.library.models import TunedModel

MOST_SUITES = 5


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A tuned model that somebody wants to know more about. `data`: what its job measured it by."""

    model: TunedModel
    data: Version | None
    suites: Sequence[Suite]  # those that ask this data first, then the newest


def evaluation_of(told: Mapping[str, str], membership: Membership) -> Evaluation | None:
    """Return what an address asks to evaluate: a model, or the result of a job."""
    models = TunedModel.objects.visible_to(membership).kept().select_related("job", "connection")
    by_id, by_job = uuid_of(told.get("model", "")), uuid_of(told.get("job", ""))
    if by_id:
        model = models.filter(public_id=by_id).first()
    else:
        model = models.results().filter(job__public_id=by_job).first() if by_job else None
    return _evaluation(model, membership) if model else None


def _evaluation(model: TunedModel, membership: Membership) -> Evaluation:
    job: Job | None = model.job
    data = job.validation_data if job else None
    fits = When(Q(data=data), then=Value(0)) if data else When(Q(pk=None), then=Value(0))
    suites = Suite.objects.visible_to(membership).alias(place=Case(fits, default=Value(1)))
    newest = suites.order_by("place", "-created_at", "-pk")
    return Evaluation(model, data, list(newest[:MOST_SUITES]))
