"""Brings notifications to webhooks and mailboxes: at least once, each delivery at its own pace."""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import datetime, timedelta

import orjson
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.notifications import signing, words
from apps.notifications.models import Delivery
from apps.providers import keys
from apps.providers.network import outgoing

logger = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)  # longer than a request or a mail server may take
DELIVERIES_PER_TICK = 50
SHOWN_ANSWER = 300  # characters
# Waiting times of standardwebhooks.com: a receiver may be down for a day and misses nothing.
WAITS = [
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
]


class NotTaken(Exception):
    """The other side did not take it; `str()` says why."""


def deliver_due(*, at: datetime) -> None:
    """Send what is due, side by side; a slow receiver delays no other."""
    due = Delivery.objects.claim(at=at, lease=LEASE, limit=DELIVERIES_PER_TICK)
    if due:
        async_to_sync(_deliver_all)(due)


async def _deliver_all(due: list[Delivery]) -> None:
    await asyncio.gather(*(_deliver(delivery) for delivery in due))


async def _deliver(delivery: Delivery) -> None:
    try:
        answer = await _sending(delivery)
    except NotTaken as refusal:
        await _try_later(delivery, refusal.args[0])
    else:
        now = timezone.now()
        await _mark(delivery, delivered_at=now, answer=answer, attempts=delivery.attempts + 1)


def _sending(delivery: Delivery) -> Awaitable[str]:
    return _post(delivery) if delivery.webhook else _mail(delivery)


async def _post(delivery: Delivery) -> str:
    """Send a signed request; whoever answers 2xx has taken it."""
    webhook = delivery.webhook
    assert webhook is not None  # noqa: S101 - the database checks it
    body = orjson.dumps(words.payload(delivery))
    try:
        secret = keys.decrypt(webhook.encrypted_secret, base_url=webhook.url)
    except (keys.KeyUnreadable, keys.KeyNotForThisAddress):
        told = Sentence(_("Its secret cannot be read any more. Make the webhook again."))
        raise NotTaken(told) from None
    message_id = f"evt_{delivery.public_id.hex}"
    headers = signing.headers(body, message_id=message_id, secret=secret, at=timezone.now())
    try:
        answer = await outgoing.post(webhook.url, body, headers=headers)
    except outgoing.NotSent as failure:
        raise NotTaken(failure.words) from None
    if not 200 <= answer.status < 300:
        raise NotTaken(f"{answer.status} {answer.text}"[:SHOWN_ANSWER])
    return str(answer.status)


async def _mail(delivery: Delivery) -> str:
    notification, user = delivery.notification, delivery.user
    assert notification is not None and user is not None  # noqa: S101, PT018
    if not settings.CAN_SEND_EMAIL:
        raise NotTaken(Sentence(_("E-mail is not set up on this server.")))
    subject, text = words.title(notification), words.body(notification)
    try:
        await sync_to_async(send_mail)(subject, text, None, [user.email])
    except OSError as failure:  # what smtplib raises is one, too
        logger.warning("e-mail to %s: %s", user, failure)
        raise NotTaken(str(failure)[:SHOWN_ANSWER]) from None
    return user.email


async def _try_later(delivery: Delivery, told: str) -> None:
    now, attempts = timezone.now(), delivery.attempts + 1
    if attempts > len(WAITS):
        await _mark(delivery, gave_up_at=now, answer=told, attempts=attempts)
    else:
        next_try_at = now + WAITS[attempts - 1]
        await _mark(delivery, next_try_at=next_try_at, answer=told, attempts=attempts)


@sync_to_async
def _mark(delivery: Delivery, **columns: object) -> None:
    Delivery.objects.held_by(delivery).update(lease_until=None, **columns)
