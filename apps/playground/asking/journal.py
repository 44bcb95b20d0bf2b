"""Keeps what running replies have received: all of this process's, in one statement a second."""

import asyncio
import contextvars
import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import DatabaseError

from apps.playground.asking import store
from apps.playground.asking.live import LiveReply

logger = logging.getLogger(__name__)

SAVE_SECONDS = 1.0
KEEP_ALIVE_TICKS = 15


class Journal:
    """The running replies of this process. Everything happens on the event loop."""

    def __init__(self) -> None:
        self._running: dict[int, LiveReply] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._followed = Counter[UUID]()  # by how many pages of this process

    def open(self, live: LiveReply) -> None:
        """Begin to keep this reply."""
        self._running[live.pk] = live
        if self._keeper is None or self._keeper.done():
            # Its own context: the request that happens to come first must not own the thread.
            self._keeper = asyncio.get_running_loop().create_task(
                self._keep(), context=contextvars.Context()
            )

    def close(self, live: LiveReply) -> None:
        """Stop keeping it; the one who opened it writes the end."""
        self._running.pop(live.pk, None)

    def stop(self, pk: int) -> None:
        """Stop the reply at once if it runs here; elsewhere the row's mark is seen in a second."""
        if live := self._running.get(pk):
            live.stop()

    @contextmanager
    def followed(self, public_ids: Collection[UUID]) -> Iterator[None]:
        """Note that somebody reads these replies, though another stream asks for them."""
        mine = Counter(public_ids)
        self._followed += mine
        try:
            yield
        finally:
            self._followed -= mine

    def is_followed(self, public_ids: Iterable[UUID]) -> bool:
        return any(public_id in self._followed for public_id in public_ids)

    async def _keep(self) -> None:
        ticks = 0
        while self._running:
            await asyncio.sleep(SAVE_SECONDS)
            ticks += 1
            if self._running:  # the last one may have ended meanwhile
                await self._save()
            if ticks % KEEP_ALIVE_TICKS == 0:
                self._wake_all()

    async def _save(self) -> None:
        running = dict(self._running)
        try:
            going_on = await store.save({pk: live.text for pk, live in running.items()})
        except DatabaseError:
            logger.warning("Could not save %d running replies; trying again", len(running))
            return
        for pk in running.keys() - going_on:
            self.stop(pk)

    def _wake_all(self) -> None:
        for live in self._running.values():
            live.outbox.nudge()


journal = Journal()
