"""What is to be sent to one page: woken once for everything that came meanwhile."""

import asyncio
from typing import Protocol

STILL_HERE = ": still here\n\n"  # a comment: browsers ignore it, proxies keep the line open


class Source(Protocol):
    """Something that gathers text until the page takes it."""

    def take_event(self) -> str: ...


class Outbox:
    """All events of one stream. Everything happens on the event loop."""

    def __init__(self) -> None:
        self._wake = asyncio.Event()
        self._changed: dict[Source, None] = {}  # in the order in which they spoke
        self._events: list[str] = []

    def note(self, source: Source) -> None:
        """Remember that this source has something new. Runs once per token."""
        self._changed[source] = None
        self._wake.set()

    def post(self, event: str, after: Source | None = None) -> None:
        """Send an event; what `after` still holds goes before it."""
        if after is not None:
            self._changed.pop(after, None)
            self._events.append(after.take_event())
        self._events.append(event)
        self._wake.set()

    def nudge(self) -> None:
        """Let a silent line show that it is still there."""
        self._wake.set()

    async def take(self) -> str:
        """Wait for news and return all of it as one text."""
        await self._wake.wait()
        self._wake.clear()
        return self.rest() or STILL_HERE

    def rest(self) -> str:
        """Return what has come until now, without waiting."""
        events, self._events = self._events, []
        changed, self._changed = self._changed, {}
        return "".join([*events, *(source.take_event() for source in changed)])
