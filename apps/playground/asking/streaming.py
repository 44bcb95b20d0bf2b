"""Answers the replies of a turn in one stream: each asked once, kept always, followed by others."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from apps.core import sse
from apps.playground.asking import store
from apps.playground.asking.journal import journal
from apps.playground.asking.live import LiveReply
from apps.playground.asking.outbox import Outbox
from apps.playground.asking.requests import Request
from apps.playground.models import Reply, Trouble
from apps.providers.registry import open_provider
from apps.providers.types import CompletionRequest, ProviderError, ProviderUnavailable

logger = logging.getLogger(__name__)

FOLLOW_SECONDS = 0.5
LINGER_SECONDS, LOOK_SECONDS = 20.0, 1.0
AT_ONCE = 8  # requests that one stream has running at one connection; the others wait

Slots = Mapping[int | None, asyncio.Semaphore]


async def answer(replies: Sequence[Reply], requests: Mapping[int, Request]) -> AsyncIterator[str]:
    """Ask for every reply that was claimed, follow the others, until all are finished.

    When the reader leaves and nobody comes back, the providers are left too, and what arrived is
    kept.
    """
    outbox = Outbox()
    slots = defaultdict[int | None, asyncio.Semaphore](lambda: asyncio.Semaphore(AT_ONCE))
    asked = [
        (LiveReply(reply.pk, reply.public_id, outbox), reply, requests[reply.pk])
        for reply in replies
        if reply.pk in requests
    ]
    tasks = [_begin(live, reply, request, slots) for live, reply, request in asked]
    others = [reply for reply in replies if reply.pk not in requests]
    following = [asyncio.create_task(_follow(outbox, others, can_edit=True))] if others else []
    try:
        async for events in _until_done(outbox, [*tasks, *following]):
            yield events
    finally:
        for task in following:
            task.cancel()
        if tasks:
            await asyncio.shield(_go_on_unread([live for live, _reply, _request in asked], tasks))
    yield await _end(replies)


async def _go_on_unread(lives: Sequence[LiveReply], tasks: Sequence[asyncio.Task[None]]) -> None:
    """Let the answers come for a while, and as long as somebody follows them; then leave.

    A page that is reloaded, or whose line was lost, is back in seconds.
    """
    leave_at = time.monotonic() + LINGER_SECONDS
    while pending := [task for task in tasks if not task.done()]:
        if journal.is_followed(live.public_id for live in lives):
            leave_at = time.monotonic() + LINGER_SECONDS
        if time.monotonic() >= leave_at:
            break
        await asyncio.wait(pending, timeout=LOOK_SECONDS)
    for live in lives:
        live.leave()
    await asyncio.wait(tasks)


async def follow(replies: Sequence[Reply], *, can_edit: bool) -> AsyncIterator[str]:
    """Show what is stored and what is added to it, until all are finished. Never asks anybody."""
    outbox = Outbox()
    following = asyncio.create_task(_follow(outbox, replies, can_edit=can_edit))
    try:
        async for events in _until_done(outbox, [following]):
            yield events
    finally:
        following.cancel()
    yield await _end(replies)


async def _until_done(outbox: Outbox, tasks: Sequence[asyncio.Task[None]]) -> AsyncIterator[str]:
    """Pass on what the tasks put into the box, to the last word of the last task."""
    for task in tasks:
        task.add_done_callback(lambda _task: outbox.nudge())
    while not all(task.done() for task in tasks):
        yield await outbox.take()
    if rest := outbox.rest():
        yield rest
    for task in tasks:
        task.result()


def _begin(live: LiveReply, reply: Reply, request: Request, slots: Slots) -> asyncio.Task[None]:
    task = asyncio.create_task(_answer(live, reply, request, slots[reply.connection_id]))
    live.cancel = task.cancel
    journal.open(live)
    return task


async def _answer(live: LiveReply, reply: Reply, request: Request, slot: asyncio.Semaphore) -> None:
    """Fill the live reply from its provider, write how it ended, and tell the page."""
    try:
        await _receive(live, reply, request, slot)
    except asyncio.CancelledError:  # stopped, or left: `live` knows which
        if not live.is_over:  # the process ends
            raise
        _forget_cancelling()
    try:
        stored = await store.finish(reply, live.facts())
    finally:
        journal.close(live)
    live.outbox.post(_done(reply.public_id, stored, can_edit=True), after=live)


async def _receive(
    live: LiveReply, reply: Reply, request: Request, slot: asyncio.Semaphore
) -> None:
    """Wait for a place, ask, and say how it ended."""
    if has_to_wait := slot.locked():
        live.outbox.post(_state(reply, _("Waiting for the others")))
    try:
        async with slot:
            live.begin()
            if has_to_wait:
                live.outbox.post(_state(reply, ""))
            await _ask(live, reply, request)
    except (ProviderError, ProviderUnavailable) as exc:
        trouble = await store.trouble_with(reply, exc)
        live.end(Reply.Status.FAILED, trouble=trouble, error=exc.words)
    except Exception:  # the edge of a task: the reader is told, the log has the rest
        logger.exception("Reply %s broke", reply.public_id)
        live.end(Reply.Status.FAILED, trouble=Trouble.FAULT)


async def _ask(live: LiveReply, reply: Reply, request: Request) -> None:
    if reply.connection is None:
        live.end(Reply.Status.FAILED, trouble=Trouble.NO_CONNECTION)
        return
    async with open_provider(reply.connection, keeps_sockets=True) as provider:
        chunks = (
            provider.stream_completion(request)
            if isinstance(request, CompletionRequest)
            else provider.stream_chat(request)
        )
        async for chunk in chunks:
            live.add(chunk)
            if live.is_full:
                live.end(Reply.Status.STOPPED, trouble=Trouble.TOO_LONG)
                return
    live.end(Reply.Status.COMPLETE)


def _forget_cancelling() -> None:
    """Let the task go on to write the end after it was cancelled once."""
    if task := asyncio.current_task():
        task.uncancel()


async def _follow(outbox: Outbox, replies: Sequence[Reply], *, can_edit: bool) -> None:
    """Tell what others have asked for: all of it once, then what is added."""
    shown: dict[UUID, tuple[int, int]] = {}  # which row, and how much of its text
    waiting = [reply.public_id for reply in replies]
    with journal.followed(waiting):
        await _tell(outbox, waiting, shown, can_edit=can_edit)


async def _tell(
    outbox: Outbox, waiting: list[UUID], shown: dict[UUID, tuple[int, int]], *, can_edit: bool
) -> None:
    while waiting:
        stored = await store.read(waiting)
        for public_id in list(waiting):
            reply = stored.get(public_id)
            outbox.post(_added(public_id, reply, shown))
            if reply is None or reply.is_finished:
                if reply and reply.reasoning:  # kept with the end only
                    outbox.post(sse.event(f"thoughts-{public_id}", reply.reasoning))
                outbox.post(_done(public_id, reply, can_edit=can_edit))
                waiting.remove(public_id)
        if waiting:
            await asyncio.sleep(FOLLOW_SECONDS)


def _added(public_id: UUID, reply: Reply | None, shown: dict[UUID, tuple[int, int]]) -> str:
    """Return what is new of a followed reply: the first time, and of another row, all of it."""
    text, pk = (reply.text, reply.pk) if reply else ("", 0)
    before = shown.get(public_id)
    shown[public_id] = (pk, len(text))
    if before is None or before[0] != pk:
        return sse.event(f"whole-{public_id}", text)
    new = text[before[1] :]
    return sse.event(f"piece-{public_id}", new) if new else ""


async def _end(replies: Sequence[Reply]) -> str:
    """Return the last event, with what strikes about the answers when they are seen together."""
    turn = replies[0].turn
    if turn.conversation.is_blind:
        return sse.event("end")
    context = {"same_here": await store.same_here(turn)}
    return sse.event("end", render_to_string("playground/_turn_notes.html", context).strip())


def _state(reply: Reply, words: str) -> str:
    return sse.event(f"state-{reply.public_id}", words)


def _done(public_id: UUID, reply: Reply | None, *, can_edit: bool) -> str:
    """Return the footer as an event; an empty one when the reply was deleted meanwhile."""
    return sse.event(f"done-{public_id}", _foot(reply, can_edit=can_edit) if reply else "")


def _foot(reply: Reply, *, can_edit: bool) -> str:
    context = {"reply": reply, "can_edit": can_edit, "is_hidden": reply.turn.conversation.is_blind}
    return render_to_string("playground/_reply_foot.html", context).strip()
