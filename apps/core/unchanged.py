"""Answers live parts that have nothing new, without asking Django each time.

An open page asks every second. Session, person, middleware and view cost milliseconds each time,
nearly always to say: nothing new. So a view that says it names the row on which that rests, and the
answer stays true until `updated_at` of this row is another. All such rows of a process are looked
at with one query, four times a second at most, and only while somebody asks. Django is asked again
after `LONGEST_SECONDS`: it knows who may still look, and what changes with the clock alone.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, MutableMapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

from apps.core.models import TimestampedModel

Scope: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Any, Any], Awaitable[None]]
Question: TypeAlias = tuple[str, bytes, bytes]  # path, query, cookies: what, and who asks

CHECKED_AGAIN_SECONDS = 0.25
LONGEST_SECONDS = 30
MOST_HELD = 10_000
LONGEST_QUESTION = 4096  # bytes: a browser's is shorter, and 40 MB are enough
CHANGED = """
SELECT id FROM unnest(%s::bigint[], %s::timestamptz[]) AS seen (id, updated_at)
LEFT JOIN {table} AS now USING (id) WHERE now.updated_at IS DISTINCT FROM seen.updated_at
"""
REMEMBER = "retune.remember"  # in the scope of a request whose answer can be held


class Row(NamedTuple):
    """A row as it was when somebody saw it."""

    model: type[TimestampedModel]
    pk: int
    updated_at: datetime


class Held(NamedTuple):
    """Nothing is new while this row is as it was, and no longer than until then."""

    row: Row
    until: float


def nothing_new(request: HttpRequest, row: TimestampedModel) -> HttpResponse:
    """Answer a live part with 204. It rests on nothing but this row, and on `LONGEST_SECONDS`."""
    remember = getattr(request, "scope", {}).get(REMEMBER)
    if remember:
        remember(row)
    return HttpResponse(status=204)


class Unchanged:
    """An ASGI application in front of another, which it spares questions."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._held: dict[Question, Held] = {}
        self._checked_at = 0.0
        self._checking: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        question = _question(scope)
        if question is None:
            await self._application(scope, receive, send)
        elif await self._still_holds(question):
            await _say_nothing_new(send)
        else:
            scope = {**scope, REMEMBER: lambda row: self._remember(question, row)}
            await self._application(scope, receive, send)

    def _remember(self, question: Question, row: TimestampedModel) -> None:
        if len(self._held) < MOST_HELD:
            seen = Row(type(row), row.pk, row.updated_at)
            self._held[question] = Held(seen, time.monotonic() + LONGEST_SECONDS)

    async def _still_holds(self, question: Question) -> bool:
        is_of_use = question in self._held or len(self._held) >= MOST_HELD  # old ones make room
        if is_of_use and time.monotonic() > self._checked_at + CHECKED_AGAIN_SECONDS:
            self._checking = self._checking or asyncio.create_task(self._check())
            await asyncio.shield(self._checking)  # it is for all who ask, whoever leaves meanwhile
        held = self._held.get(question)
        return held is not None and held.until > time.monotonic()

    async def _check(self) -> None:
        """Forget what is too old, and what rests on a row that has changed."""
        began, held = time.monotonic(), self._held.copy()
        rows = {each.row for each in held.values() if each.until > began}
        try:
            same = await asyncio.to_thread(_unchanged, rows)
            self._checked_at = began
        finally:
            self._checking = None
        for question, each in held.items():
            if each.row not in same and self._held.get(question) is each:
                self._held.pop(question, None)


def _question(scope: Scope) -> Question | None:
    """Return what a live part asks; None for every other request."""
    if scope["type"] != "http" or scope["method"] != "GET" or b"seen=" not in scope["query_string"]:
        return None
    headers = dict(scope["headers"])
    if headers.get(b"hx-request") != b"true" or b"cookie" not in headers:
        return None
    question = scope["path"], scope["query_string"], headers[b"cookie"]
    return question if sum(map(len, question)) <= LONGEST_QUESTION else None


def _unchanged(rows: Collection[Row]) -> set[Row]:
    """Return those that are as they were; none while the database cannot tell."""
    models = {row.model for row in rows}
    try:
        changed = {(model, pk) for model in models for pk in _changed(model, rows)}
    except Error:
        return set()
    finally:
        connection.close()  # of this thread, which may not be asked again soon
    return {row for row in rows if (row.model, row.pk) not in changed}


def _changed(model: type[TimestampedModel], rows: Iterable[Row]) -> list[int]:
    """Return the rows that are gone or not as they were. PostgreSQL compares: mostly none is."""
    mine = [row for row in rows if row.model is model]
    query = CHANGED.format(table=connection.ops.quote_name(model._meta.db_table))
    with connection.cursor() as cursor:
        cursor.execute(query, [[row.pk for row in mine], [row.updated_at for row in mine]])
        return [pk for (pk,) in cursor.fetchall()]


async def _say_nothing_new(send: Send) -> None:
    headers = [(b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body"})
