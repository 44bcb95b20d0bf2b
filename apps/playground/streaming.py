"""Answers a reply as a stream of events: asked once, kept always, followed by anyone else."""

import asyncio
import logging
from collections.abc import AsyncIterator

from django.template.loader import render_to_string

from apps.core import sse
from apps.playground import store
from apps.playground.journal import journal
from apps.playground.live import STILL_HERE, LiveReply
from apps.playground.models import Reply, Trouble
from apps.providers.registry import open_provider
from apps.providers.types import ChatRequest, ProviderError, ProviderUnavailable

logger = logging.getLogger(__name__)

FOLLOW_SECONDS = 0.5


async def answer(reply: Reply) -> AsyncIterator[str]:
    """Ask the provider if nobody has, and pass its words on; else follow what is stored.

    When the reader leaves, the provider is left too, and what arrived is kept.
    """
    request = await store.claim(reply)
    if request is None:
        async for event in follow(reply, can_edit=True):
            yield event
        return
    live = LiveReply(reply.pk)
    receiving = asyncio.create_task(_receive(live, reply, request))
    live.cancel = receiving.cancel
    journal.open(live)
    try:
        while not live.is_over:
            await live.wake.wait()
            live.wake.clear()
            yield live.take_event()
    finally:
        stored = await asyncio.shield(_close(live, receiving))
    yield sse.event("done", _foot(stored, can_edit=True))


async def follow(reply: Reply, *, can_edit: bool) -> AsyncIterator[str]:
    """Show what is stored and what is added to it, until it is finished. Never asks anybody."""
    stored = await store.read(reply)
    yield sse.event("whole", stored.text if stored else "")
    while stored and not stored.is_finished:
        await asyncio.sleep(FOLLOW_SECONDS)
        shown, stored = len(stored.text), await store.read(reply)
        new = stored.text[shown:] if stored else ""
        yield sse.event("piece", new) if new else STILL_HERE
    yield sse.event("done", _foot(stored, can_edit=can_edit))


async def _receive(live: LiveReply, reply: Reply, request: ChatRequest) -> None:
    """Fill the live reply from its provider, and say how it ended."""
    try:
        await _ask(live, reply, request)
    except (ProviderError, ProviderUnavailable) as exc:
        trouble = await store.trouble_with(reply, exc)
        live.end(Reply.Status.FAILED, trouble=trouble, error=exc.words)
    except Exception:  # the edge of a task: the reader is told, the log has the rest
        logger.exception("Reply %s broke", reply.public_id)
        live.end(Reply.Status.FAILED, trouble=Trouble.FAULT)


async def _ask(live: LiveReply, reply: Reply, request: ChatRequest) -> None:
    if reply.connection is None:
        live.end(Reply.Status.FAILED, trouble=Trouble.NO_CONNECTION)
        return
    async with open_provider(reply.connection) as provider:
        async for chunk in provider.stream_chat(request):
            live.add(chunk)
            if live.is_full:
                live.end(Reply.Status.STOPPED, trouble=Trouble.TOO_LONG)
                return
    live.end(Reply.Status.COMPLETE)


async def _close(live: LiveReply, receiving: asyncio.Task[None]) -> Reply | None:
    """Let go of the provider, then write the end. Runs to its end even when nobody waits."""
    receiving.cancel()
    await asyncio.wait([receiving])
    live.end(Reply.Status.STOPPED, trouble=Trouble.READER_LEFT)
    try:
        return await store.finish(live.pk, live.facts())
    finally:
        journal.close(live)


def _foot(reply: Reply | None, *, can_edit: bool) -> str:
    """Render what stands under a finished reply; nothing when it was deleted meanwhile."""
    if reply is None:
        return ""
    context = {"reply": reply, "can_edit": can_edit, "is_hidden": reply.turn.conversation.is_blind}
    return render_to_string("playground/_reply_foot.html", context).strip()
