"""What workers do for jobs. Beat finds due rows; a lost message costs one tick."""

from celery import shared_task
from django.utils import timezone

from apps.jobs.elsewhere import importing
from apps.jobs.models import Job
from apps.jobs.news import polling
from apps.jobs.sending import submission

SAGAS_PER_TICK = 50
MESSAGE_SECONDS = 5  # a message older than this is replaced by the next tick's


@shared_task(name="jobs.advance_job")
def advance_job(*, job_id: int) -> None:
    """Carry one job towards its provider, or its cancellation there."""
    submission.advance(job_id)


@shared_task(name="jobs.advance_due_jobs")
def advance_due_jobs() -> None:
    """Wake every job that has a step to do."""
    due = Job.objects.to_advance(timezone.now()).order_by("next_step_at", "pk")
    for job_id in due.values_list("pk", flat=True)[:SAGAS_PER_TICK]:
        advance_job.apply_async(kwargs={"job_id": job_id}, expires=MESSAGE_SECONDS)


@shared_task(name="jobs.poll_due_jobs")
def poll_due_jobs() -> None:
    """Ask the providers for news of every job whose time has come."""
    polling.poll_due_jobs()


@shared_task(name="jobs.import_due_jobs")
def import_due_jobs() -> None:
    """Wake every connection whose jobs are to be imported."""
    for connection_id in importing.due(at=timezone.now()):
        import_jobs.apply_async(kwargs={"connection_id": connection_id}, expires=MESSAGE_SECONDS)


@shared_task(name="jobs.import_jobs")
def import_jobs(*, connection_id: int) -> None:
    """Bring in the jobs that were made elsewhere with one account; it may take minutes."""
    importing.import_jobs(connection_id, at=timezone.now())
