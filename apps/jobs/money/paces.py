"""How fast earlier jobs trained: the only honest source for how long the next one will take."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F

from apps.jobs.models import Job, JobQuerySet
from apps.providers.types import JobStatus

JOBS_READ = 100
JOBS_PER_MODEL = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds per token trained on, of the fastest and the slowest of a model's newest jobs."""

    fastest: float
    slowest: float

    def seconds(self, tokens: int) -> tuple[float, float]:
        """Return the shortest and the longest time that this many tokens should take."""
        return self.fastest * tokens, self.slowest * tokens


def paces(jobs: JobQuerySet) -> dict[str, Pace]:
    """Return the pace of each base model that some of these jobs have trained; one query."""
    finished = jobs.filter(status=JobStatus.SUCCEEDED, trained_tokens__gt=0)
    timed = finished.exclude(started_at=None).annotate(took=F("finished_at") - F("started_at"))
    newest = timed.order_by("-finished_at", "-pk")[:JOBS_READ]
    found: defaultdict[str, list[float]] = defaultdict(list)
    for model, took, tokens in newest.values_list("base_model", "took", "trained_tokens"):
        if len(found[model]) < JOBS_PER_MODEL:
            found[model].append(took.total_seconds() / tokens)
    return {model: Pace(min(each), max(each)) for model, each in found.items()}


def pace_of(jobs: JobQuerySet, model: str) -> Pace | None:
    """Return the pace of one base model among these jobs."""
    return paces(jobs.filter(base_model=model)).get(model)


def of_workspace(workspace_id: int) -> dict[str, Pace]:
    """Return the pace of every base model that a workspace has trained."""
    return paces(Job.objects.filter(workspace=workspace_id))
