"""The rows behind a running reply, for async code: short statements, nothing held in between."""

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.db import connection as database
from django.utils import timezone

from apps.library.deployments import serving
from apps.library.services import note_use
from apps.playground.asking import history, troubles
from apps.playground.asking.claiming import Found
from apps.playground.asking.costs import usd_of
from apps.playground.asking.requests import Request, asked_for
from apps.playground.models import Reply, Trouble, Turn
from apps.playground.showing import sameness, truth
from apps.playground.showing.sameness import Same
from apps.providers.types import ProviderError, ProviderUnavailable

P = ParamSpec("P")
R = TypeVar("R")

DETAILS = ("column", "connection", "turn__conversation")


def giving_back(function: Callable[P, R]) -> Callable[P, R]:
    """Call it, then give its connection to the database back.

    A stream lasts minutes: holding a connection for all of it would empty the pool.
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        finally:
            if not database.in_atomic_block:  # Django would drop one that is in a transaction
                close_old_connections()

    return call


def briefly(function: Callable[P, R]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Call it in a thread, and give its connection back."""
    return sync_to_async(giving_back(function))


@giving_back
def requests_for(found: Sequence[Found]) -> dict[int, Request]:
    """Return what to ask for those that were claimed, by the reply's key.

    Called by the view, whose thread has a connection already.
    """
    mine = [each for each in found if each.is_mine]
    earlier = history.earlier_of(each.reply for each in mine)
    asked = {
        each.reply.pk: asked_for(each.reply, earlier[each.reply.column_id], each.base)
        for each in mine
    }
    for pk, question in asked.items():
        if question.left_out:
            Reply.objects.filter(pk=pk).update(left_out=question.left_out)
    return {pk: question.request for pk, question in asked.items()}


@briefly
def read(public_ids: Collection[UUID]) -> dict[UUID, Reply]:
    """Return the replies as they are stored now; those whose process is gone are closed first."""
    wanted = Reply.objects.filter(public_id__in=public_ids)
    wanted.close_abandoned(timezone.now())
    return {reply.public_id: reply for reply in wanted.select_related(*DETAILS).defer("logprobs")}


@briefly
def trouble_with(reply: Reply, refusal: ProviderError | ProviderUnavailable) -> Trouble:
    """Say why a model did not answer, with what is known of it here."""
    return troubles.trouble_with(reply, refusal)


@briefly
def finish(reply: Reply, facts: Mapping[str, Any]) -> Reply | None:
    """Write down how it ended, unless the row was closed meanwhile. Return what is stored."""
    usd = usd_of(reply, facts.get("prompt_tokens"), facts.get("completion_tokens"))
    known_as = _known_as(reply, facts.get("served_model", ""))
    mine = Reply.objects.filter(pk=reply.pk, status=Reply.Status.STREAMING)
    mine.update(**facts, usd=usd, known_as=known_as, finished_at=timezone.now())
    note_use(connection=reply.connection, model=reply.model)
    return Reply.objects.select_related(*DETAILS).defer("logprobs").filter(pk=reply.pk).first()


def _known_as(reply: Reply, served: str) -> str:
    """Return the tuned model behind what was asked for, where the server says another name."""
    if reply.connection is None or not truth.is_another(served, [reply.model]):
        return ""
    behind = serving.model_behind(reply.connection, reply.model)
    return behind.name if behind and behind.name != reply.model else ""


@briefly
def same_here(turn: Turn) -> list[Same]:
    """Return which models gave the same answer to this prompt."""
    return sameness.in_conversation(turn.conversation).get(turn.pk, [])


SAVE = """
    UPDATE playground_reply AS reply SET text = live.text, heartbeat_at = %s
    FROM unnest(%s::bigint[], %s::text[]) AS live (id, text)
    WHERE reply.id = live.id AND reply.status = 'streaming'
    RETURNING reply.id, reply.stop_requested_at IS NOT NULL
"""


@briefly
def save(texts: Mapping[int, str]) -> set[int]:
    """Write many running replies in one statement. Return those that may go on."""
    with database.cursor() as cursor:
        cursor.execute(SAVE, [timezone.now(), list(texts), list(texts.values())])
        return {pk for pk, is_to_stop in cursor.fetchall() if not is_to_stop}
