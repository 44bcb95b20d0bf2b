"""What beat asks for: notice what happened, bring it to people, forget it when it is old."""

from celery import shared_task
from django.utils import timezone

from apps.notifications import delivering, noticing, pruning
from apps.notifications.models import Delivery

MESSAGE_SECONDS = 3  # a message older than this is replaced by the next tick's


@shared_task(name="notifications.notice")
def notice() -> None:
    """Write a notification for everything that nobody was told of, and wake who delivers."""
    now = timezone.now()
    noticing.notice(at=now)
    if Delivery.objects.due(now).exists():
        deliver_due.apply_async(expires=MESSAGE_SECONDS)


@shared_task(name="notifications.deliver_due")
def deliver_due() -> None:
    """Send what is due to webhooks and mailboxes."""
    delivering.deliver_due(at=timezone.now())


@shared_task(name="notifications.prune")
def prune() -> None:
    """Forget what is old and needs nobody's attention any more."""
    pruning.prune(at=timezone.now())
