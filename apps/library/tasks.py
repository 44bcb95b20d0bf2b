"""What workers do for tuned models. Beat finds what is due; a lost message costs one tick."""

from celery import shared_task
from django.utils import timezone

from apps.library.deployments import deploying
from apps.library.inventory import collecting, reading
from apps.library.models import Deployment, Removal
from apps.library.removals import removing

DEPLOYMENTS_PER_TICK = 100
REMOVALS_PER_TICK = 50
STEP_SECONDS = 5
MESSAGE_SECONDS = 30  # a message older than this is replaced by the next tick's


@shared_task(name="library.collect_models")
def collect_models() -> None:
    """Make rows of the models that jobs have made since the last tick."""
    collecting.collect()


@shared_task(name="library.read_due_lists")
def read_due_lists() -> None:
    """Wake every connection whose list of models is to be read again."""
    for connection_id in reading.due(timezone.now()):
        read_list.apply_async(kwargs={"connection_id": connection_id}, expires=MESSAGE_SECONDS)


@shared_task(name="library.refresh_announced_ends")
def refresh_announced_ends() -> None:
    """Follow what is announced: it is data that an upgrade or a workspace changes."""
    reading.refresh_announced()


@shared_task(name="library.read_list")
def read_list(*, connection_id: int) -> None:
    """Read when the models of one connection end."""
    reading.read_due(connection_id)


@shared_task(name="library.advance_due_deployments")
def advance_due_deployments() -> None:
    """Wake every deployment that is to be started, stopped or looked at."""
    due = Deployment.objects.due(timezone.now()).order_by("next_step_at", "pk")
    for deployment_id in due.values_list("pk", flat=True)[:DEPLOYMENTS_PER_TICK]:
        advance_deployment.apply_async(
            kwargs={"deployment_id": deployment_id}, expires=STEP_SECONDS
        )


@shared_task(name="library.advance_deployment")
def advance_deployment(*, deployment_id: int) -> None:
    """Carry one deployment to its provider, look how it is, or stop it there."""
    deploying.advance(deployment_id)


@shared_task(name="library.advance_due_removals")
def advance_due_removals() -> None:
    """Wake every wish to delete something whose time has come."""
    due = Removal.objects.due(timezone.now()).order_by("next_step_at", "pk")
    for removal_id in due.values_list("pk", flat=True)[:REMOVALS_PER_TICK]:
        advance_removal.apply_async(kwargs={"removal_id": removal_id}, expires=STEP_SECONDS)


@shared_task(name="library.advance_removal")
def advance_removal(*, removal_id: int) -> None:
    """Delete one thing at its provider."""
    removing.advance(removal_id)
