"""Beat's tick that proves the worker alive."""

from celery import shared_task
from django.utils import timezone

from apps.home import health


@shared_task(name="home.note_heartbeat")
def note_heartbeat() -> None:
    """Leave a sign of life; it came through beat, the queue and a worker."""
    health.note_heartbeat(at=timezone.now())
