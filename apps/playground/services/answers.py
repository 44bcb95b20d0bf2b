"""What a person does with one answer: stop it, ask for it again."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.playground.asking.frozen import for_sample
from apps.playground.asking.journal import journal
from apps.playground.models import MAX_SAMPLES, Conversation, Reply, Turn
from apps.playground.models.replies import ReplyQuerySet


class EnoughSamples(Exception):
    """A model has answered this prompt as often as is kept."""


async def stop_reply(*, reply: Reply) -> None:
    """Stop a reply wherever it runs; one that nobody has begun is not asked at all."""
    now = timezone.now()
    mine = Reply.objects.filter(pk=reply.pk)
    waiting = mine.filter(status=Reply.Status.PENDING)
    if await waiting.aupdate(status=Reply.Status.STOPPED, finished_at=now, stop_requested_at=now):
        return
    await mine.filter(status=Reply.Status.STREAMING).aupdate(stop_requested_at=now)
    journal.stop(reply.pk)


def try_again(*, reply: Reply) -> Reply:
    """Ask once more: in the place of an answer that failed or was stopped, beside a whole one.

    A second press meets the answer that already waits. Raises EnoughSamples.
    """
    with transaction.atomic():
        Turn.objects.select_for_update().get(pk=reply.turn_id)
        again = _replaced(reply) or _waiting(reply) or _beside(reply)
    return Reply.objects.select_related("column", "connection").get(public_id=again.public_id)


def _replaced(reply: Reply) -> Reply | None:
    """Put a waiting row in its place: what the first try may still write finds nothing.

    The address stays the same, so a second press meets the reply that already waits.
    """
    ended = Reply.objects.filter(status__in=[Reply.Status.FAILED, Reply.Status.STOPPED])
    deleted, _rows = ended.filter(pk=reply.pk).delete()
    if not deleted:
        return None
    return _asked_again(
        reply, public_id=reply.public_id, sample=reply.sample, settings=reply.settings
    )


def _waiting(reply: Reply) -> Reply | None:
    return _siblings(reply).unfinished().order_by("sample").last()


def _beside(reply: Reply) -> Reply:
    """Add the next sample, with a seed of its own when there is one."""
    sample = (_siblings(reply).aggregate(last=Max("sample"))["last"] or 0) + 1
    if sample >= MAX_SAMPLES:
        told = {"limit": MAX_SAMPLES}
        raise EnoughSamples(_("A model answers a prompt at most %(limit)d times.") % told)
    settings = for_sample(reply.settings, reply.sample, sample)
    return _asked_again(reply, sample=sample, settings=settings)


def _siblings(reply: Reply) -> ReplyQuerySet:
    return Reply.objects.filter(turn_id=reply.turn_id, column_id=reply.column_id)


def _asked_again(reply: Reply, **changed: Any) -> Reply:
    return Reply.objects.create(
        turn_id=reply.turn_id,
        column_id=reply.column_id,
        connection_id=reply.connection_id,
        model=reply.model,
        **changed,
    )


def close_abandoned(*, conversation: Conversation) -> None:
    """Mark replies that nobody will finish, so that the page says so."""
    mine = Reply.objects.filter(turn__conversation=conversation)
    mine.close_abandoned(timezone.now())
