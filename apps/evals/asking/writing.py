"""Writes what models said: many at once, each only where nobody has written meanwhile."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction

from apps.evals.asking import grading
from apps.evals.models import Answer, Score

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class News:
    """What is new of an answer or a score that waits."""

    row: Answer | Score
    columns: dict[str, Any]

    @property
    def is_last(self) -> bool:
        """True where the row is settled or put off; else more will come soon."""
        return "status" in self.columns or "next_try_at" in self.columns

    @property
    def is_answer(self) -> bool:
        return isinstance(self.row, Answer) and self.columns.get("status") == Answer.Status.DONE


Change = Callable[[], None]


@transaction.atomic
def write(told: Sequence[News | Change]) -> None:
    """Write all of it, or nothing; answers get their scores in the same breath."""
    answered = []
    for each in told:
        if not isinstance(each, News):
            each()
        elif _write(each) and each.is_answer:
            answered.append(each.row)
    grading.grade([row for row in answered if isinstance(row, Answer)])


def _write(news: News) -> int:
    for name, value in news.columns.items():
        setattr(news.row, name, value)
    waiting = type(news.row).objects.waiting()
    return waiting.filter(pk=news.row.pk).update(**news.columns)


class Writer:
    """Writes as fast as the database takes it: alone what comes alone, together what comes at once.

    `on_written` is told what has been written.
    """

    def __init__(self, on_written: Callable[[Sequence[News | Change]], None]) -> None:
        self.written = 0
        self._on_written = on_written
        self._waiting: list[News | Change] = []
        self._has_some = asyncio.Event()
        self._has_written = asyncio.Event()
        self._is_busy = False

    @property
    def backlog(self) -> int:
        return len(self._waiting)

    @property
    def is_idle(self) -> bool:
        return not self._waiting and not self._is_busy

    def put(self, news: News | Change) -> None:
        self._waiting.append(news)
        self._has_some.set()

    async def drain(self) -> None:
        """Wait until everything is written; somebody else has to `run`."""
        while not self.is_idle:
            self._has_written.clear()
            await self._has_written.wait()

    async def run(self) -> None:
        """Write until it is cancelled."""
        while True:
            await self._has_some.wait()
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            if not self._waiting:
                self._has_some.clear()
            self._is_busy = True
            await sync_to_async(write)(batch)
            self._is_busy = False
            self.written += len(batch)
            self._has_written.set()
            self._on_written(batch)
