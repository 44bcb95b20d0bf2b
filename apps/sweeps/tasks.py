"""What workers do for sweeps. Beat finds due ones; a lost message costs one tick."""

from celery import shared_task
from django.utils import timezone

from apps.sweeps import advancing
from apps.sweeps.models import Sweep

SWEEPS_PER_TICK = 50
MESSAGE_SECONDS = 5  # a message older than this is replaced by the next tick's


@shared_task(name="sweeps.advance_sweep")
def advance_sweep(*, sweep_id: int) -> None:
    """Start the trials of one sweep that there is room for."""
    advancing.advance(sweep_id)


@shared_task(name="sweeps.advance_due_sweeps")
def advance_due_sweeps() -> None:
    """Wake every sweep that may have a trial to start."""
    due = Sweep.objects.due(timezone.now()).order_by("next_look_at", "pk")
    for sweep_id in due.values_list("pk", flat=True)[:SWEEPS_PER_TICK]:
        advance_sweep.apply_async(kwargs={"sweep_id": sweep_id}, expires=MESSAGE_SECONDS)
