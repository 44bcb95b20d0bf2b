"""How far the models of a run are, and how long they take: one query for all of them."""

from dataclasses import dataclass, fields

from django.db.models import Aggregate, Count, FloatField, Q

from apps.evals.models import Answer, Run, Score

CUT = Q(status="done", finish_reason="length")


class Percentile(Aggregate):
    """The value that this share of the rows has at most; rows without one do not count."""

    function = "percentile_disc"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True, slots=True)
class Pace:
    """Answers of one model: how many, and the milliseconds that half and 95 % of them took."""

    asked: int = 0
    done: int = 0
    failed: int = 0
    copied: int = 0
    cut: int = 0  # ended by the longest answer that was allowed
    typical_ms: float | None = None
    slow_ms: float | None = None


def paces(run: Run) -> dict[int, Pace]:
    """Return the pace of each model, by candidate."""
    rows = Answer.objects.filter(run=run).values("candidate_id").order_by()
    told = rows.annotate(
        asked=Count("pk"),
        done=Count("pk", filter=Q(status="done")),
        failed=Count("pk", filter=Q(status="failed")),
        copied=Count("pk", filter=Q(is_copied=True)),
        cut=Count("pk", filter=CUT),
        typical_ms=Percentile("total_ms", share=0.5),
        slow_ms=Percentile("total_ms", share=0.95),
    )
    names = [field.name for field in fields(Pace)]
    return {pk: Pace(*numbers) for pk, *numbers in told.values_list("candidate_id", *names)}


def failures(run: Run) -> dict[int, str]:
    """Return what most failed answers of each model say, so that nobody has to open them all."""
    failed = Answer.objects.filter(run=run, status=Answer.Status.FAILED).order_by()
    told = failed.values_list("candidate_id", "error").annotate(count=Count("pk"))
    return {pk: str(error) for pk, error, _ in sorted(told, key=lambda each: each[2])}


def unjudged(run: Run) -> dict[tuple[int, int], str]:
    """Return why most answers without a grade have none, by model and grader."""
    without = Score.objects.filter(answer__run=run, passed=None, score=None, override=None)
    told = without.exclude(why="").values_list("answer__candidate_id", "grader", "why").order_by()
    counted = told.annotate(count=Count("pk"))
    return {
        (pk, grader): str(why) for pk, grader, why, _ in sorted(counted, key=lambda each: each[3])
    }
