"""What workers do for evals. Beat finds due runs; a lost message costs one tick."""

from celery import shared_task
from django.utils import timezone

from apps.evals.asking import running
from apps.evals.models import Run
from apps.evals.questions import languages
from apps.evals.verdicts import rejudging

RUNS_PER_TICK = 20
MESSAGE_SECONDS = 5  # a message older than this is replaced by the next tick's


@shared_task(name="evals.advance_run")
def advance_run(*, run_id: int) -> None:
    """Ask and grade for a while."""
    running.advance(run_id)


@shared_task(name="evals.judge_run")
def judge_run(*, run_id: int) -> None:
    """Compare the models of an ended run."""
    rejudging.judge_now(run_id)


@shared_task(name="evals.name_languages")
def name_languages(*, suite_id: int) -> None:
    """Say of each question which language it is in."""
    languages.name_languages(suite_id)


@shared_task(name="evals.advance_due_runs")
def advance_due_runs() -> None:
    """Wake every run that has something to ask, or is to be compared again."""
    due = Run.objects.due(timezone.now()).order_by("next_look_at", "pk")
    for run_id in due.values_list("pk", flat=True)[:RUNS_PER_TICK]:
        advance_run.apply_async(kwargs={"run_id": run_id}, expires=MESSAGE_SECONDS)
    for run_id in rejudging.due():
        judge_run.apply_async(kwargs={"run_id": run_id}, expires=MESSAGE_SECONDS)
