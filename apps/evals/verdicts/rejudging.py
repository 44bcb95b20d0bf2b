"""When the models of an ended run are compared again: the row says it, so no word is lost."""

from datetime import timedelta

from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.evals.models import Run
from apps.evals.verdicts import judging

A_WHILE = timedelta(seconds=3)  # people judge answers one after the other


def soon(run_id: int, *, wait: timedelta = A_WHILE) -> None:
    """Let an ended run be compared again in a while; a second wish changes nothing."""
    at = Value(timezone.now() + wait, output_field=DateTimeField())
    ended = Run.objects.filter(pk=run_id).exclude(ended_at=None)
    ended.update(judge_at=Coalesce(F("judge_at"), at))


def judge_now(run_id: int) -> None:
    """Compare its models; a wish that came meanwhile stays."""
    wished = Run.objects.filter(pk=run_id).values_list("judge_at", flat=True).first()
    judging.judge(run_id)
    Run.objects.filter(pk=run_id).update(updated_at=timezone.now())  # open pages look again
    Run.objects.filter(pk=run_id, judge_at=wished).update(judge_at=None)


def due() -> list[int]:
    """Return the runs that are to be compared now."""
    wished = Run.objects.filter(judge_at__lte=timezone.now()).order_by("judge_at")
    return list(wished.values_list("pk", flat=True)[:20])
