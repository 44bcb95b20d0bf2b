"""One turn of a run: asks all its connections side by side, for a while."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

from asgiref.sync import sync_to_async
from django.utils import timezone

from apps.evals.asking.items import Item, Tokens
from apps.evals.asking.lanes import Lane
from apps.evals.asking.purses import Purse
from apps.evals.asking.supply import Supply
from apps.evals.asking.writing import Change, News, Writer
from apps.evals.models import Run

LEASE = timedelta(seconds=60)
RENEW_SECONDS = 2.0  # also how long a run that was stopped goes on
MOST_UNWRITTEN = 32
MOST_SECONDS = 30.0  # others wait for this worker, too


class Turn:
    """What one worker asks before it gives the run back."""

    def __init__(
        self,
        run: Run,
        supplies: Sequence[Supply],
        purse: Purse,
        *,
        most: int,
        rivals: dict[int, int],
    ) -> None:
        self.run = run
        self.purse = purse
        self.is_held = True
        self.lanes = [
            Lane(supply, self._put, rivals=rivals.get(supply.connection.pk, 0))
            for supply in supplies
        ]
        self._left = most
        self._calls = 0  # under way, or about to be: a judge is called twice
        self._ends_at = time.monotonic() + MOST_SECONDS
        self._renew_at = time.monotonic() + RENEW_SECONDS
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writer = Writer(self._written)

    async def work(self) -> None:
        """Ask until nothing is due, the time is over, the money is spent or the run is stopped."""
        writing = asyncio.create_task(self._writer.run())
        writing.add_done_callback(lambda _task: self._wake.set())  # it ends by a fault alone
        try:
            while await self._goes_on():
                _raise_fault([writing, *self._tasks])
                await self._rest()
            await _cancel(self._tasks)
            draining = asyncio.create_task(self._writer.drain())
            self._tasks.add(draining)
            await asyncio.wait([writing, draining], return_when=asyncio.FIRST_COMPLETED)
            _raise_fault([writing])
        finally:
            await _cancel([writing, *self._tasks])
            for lane in self.lanes:
                await lane.close()

    async def _goes_on(self) -> bool:
        self._wake.clear()
        if time.monotonic() >= self._renew_at:
            self.is_held = await sync_to_async(_renew)(self.run)
            self._renew_at = time.monotonic() + RENEW_SECONDS
        if not self.is_held:
            return False
        if not self._is_ending:
            for lane in self.lanes:
                await self._feed(lane)
        return not self._is_over

    @property
    def _is_ending(self) -> bool:
        return self._left <= 0 or time.monotonic() >= self._ends_at or self.purse.is_empty

    @property
    def _may_begin(self) -> bool:
        """Say whether one more may begin; what is paid for is not let pile up unwritten."""
        if self._is_ending or self._writer.backlog >= MOST_UNWRITTEN:
            return False
        return self.purse.has_room(self._calls)

    @property
    def _is_over(self) -> bool:
        if self._tasks or not self._writer.is_idle:
            return False
        return self._is_ending or not any(self._has_more(lane) for lane in self.lanes)

    def _has_more(self, lane: Lane) -> bool:
        return not lane.is_idle or lane.wants_more(self._writer.written)

    async def _feed(self, lane: Lane) -> None:
        if lane.wants_more(self._writer.written):
            copied = await lane.fill(self._writer.written)
            self._writer.written += copied
            if copied:
                self._wake.set()
        while self._may_begin:
            item = await lane.take()
            if item is None:
                return
            self._left -= 1
            self._begin(lane, item)

    def _begin(self, lane: Lane, item: Item) -> None:
        task, calls = asyncio.create_task(lane.ask(item)), item.calls
        self._calls += calls
        self._tasks.add(task)
        task.add_done_callback(partial(self._done, calls))

    def _done(self, calls: int, task: asyncio.Task[None]) -> None:
        self._calls -= calls
        if task.cancelled() or task.exception() is None:  # a fault stays, and is raised
            self._tasks.discard(task)
        self._wake.set()

    async def _rest(self) -> None:
        """Wait for something new, but not longer than until the lease is renewed."""
        opens = [lane.gate.opens_at for lane in self.lanes if not lane.is_idle]
        now = time.monotonic()
        until = min([self._renew_at, *(moment for moment in opens if moment > now)])
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), max(0.0, until - now))

    def _put(self, told: News | Change | Tokens) -> None:
        if isinstance(told, Tokens):
            self.purse.pay(told)
        else:
            self._writer.put(told)

    def _written(self, told: Sequence[News | Change]) -> None:
        for news in told:
            if isinstance(news, News) and news.is_last:
                for lane in self.lanes:
                    lane.in_hand.remove(news.row)
        self._wake.set()


def _renew(run: Run) -> bool:
    """Keep the run for longer; False when it was stopped, or somebody else has it."""
    until = timezone.now() + LEASE
    is_held = bool(Run.objects.held_by(run).update(lease_until=until))
    run.lease_until = until
    return is_held


async def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


def _raise_fault(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done() and not task.cancelled() and (fault := task.exception()):
            raise fault
