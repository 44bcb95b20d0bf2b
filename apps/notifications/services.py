"""What members do: read, choose e-mails, and set up webhooks."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.core import queue
from apps.notifications import signing, tasks
from apps.notifications.models import Delivery, Inbox, Notification, Webhook
from apps.providers import keys

MOST_WEBHOOKS = 20
COUNTED = 100  # the badge says 99+ for more


class TooMany(Exception):
    """The workspace has as many webhooks as it may."""


def unread(membership: Membership) -> QuerySet[Notification]:
    """Return what this member has not seen yet: what came after their last look."""
    inbox: Inbox | None = getattr(membership, "inbox", None)
    seen_at = inbox.seen_at if inbox else membership.created_at
    return Notification.objects.visible_to(membership).filter(created_at__gt=seen_at)


def unread_count(membership: Membership) -> int:
    """Count what is unread, no further than the badge shows."""
    return len(unread(membership).order_by().values_list("pk")[:COUNTED])


def mark_seen(*, membership: Membership) -> None:
    """Remember that this member has seen everything until now."""
    Inbox.objects.update_or_create(membership=membership, defaults={"seen_at": timezone.now()})


def choose_emails(*, membership: Membership, address: str, wish: str) -> None:
    """Save where e-mails go, and about what."""
    membership.user.email = address
    membership.user.save(update_fields=["email"])
    Inbox.objects.update_or_create(
        membership=membership,
        defaults={"email": wish},
        create_defaults={"email": wish, "seen_at": membership.created_at},
    )


def create_webhook(
    *, membership: Membership, name: str, url: str, kinds: Sequence[str]
) -> tuple[Webhook, str]:
    """Save a webhook; return it with its secret, which is shown this once. Raises TooMany."""
    workspace, address = membership.workspace, keys.canonical(url)
    if Webhook.objects.filter(workspace=workspace).count() >= MOST_WEBHOOKS:
        words = _("A workspace has at most %(count)d webhooks. Delete one that is not needed.")
        raise TooMany(words % {"count": MOST_WEBHOOKS})
    secret = signing.new_secret()
    encrypted = keys.encrypt(secret, base_url=address)
    webhook = Webhook.objects.create(
        workspace=workspace, name=name, url=address, kinds=list(kinds), encrypted_secret=encrypted
    )
    return webhook, secret


def send_trial(*, webhook: Webhook) -> None:
    """Send one signed request without news, so that the receiver can be tried."""
    Delivery.objects.create(webhook=webhook)
    queue.send(tasks.deliver_due)


def send_again(*, delivery: Delivery) -> None:
    """Try a delivery that did not arrive once more, now."""
    waiting = Delivery.objects.filter(pk=delivery.pk, delivered_at=None)
    waiting.update(next_try_at=timezone.now(), gave_up_at=None)
    queue.send(tasks.deliver_due)
