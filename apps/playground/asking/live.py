"""One reply while it arrives: what came so far, and when. No database, no network."""

import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.core import sse
from apps.core.storable import storable
from apps.playground.asking.gathered import Probabilities
from apps.playground.asking.outbox import Outbox
from apps.playground.models import Reply, Trouble
from apps.providers.calls import Calls
from apps.providers.types import ChatChunk, ToolCallPiece

MAX_CHARACTERS = 1_000_000
MAX_REASONING = 200_000  # characters: what is thought after that is not kept
LARGEST_INTEGER = 2**31 - 1


class LiveReply:
    """Filled by the task that receives, read by the page's stream and by the journal.

    Pieces that come in one packet wake the reader once, so they leave in one event.
    """

    def __init__(self, pk: int, public_id: UUID, outbox: Outbox) -> None:
        self.pk = pk
        self.public_id = public_id
        self.outbox = outbox
        self.cancel: Callable[[], object] = _nothing  # ends the task that receives
        self.is_over = False
        self.status = Reply.Status.STOPPED  # until the provider or a person says otherwise
        self.trouble = ""
        self.error = ""
        self._event_name = f"piece-{public_id}"
        self._pieces: list[str] = []
        self._sent = 0
        self._length = 0
        self._thoughts: list[str] = []
        self._thoughts_sent = 0
        self._thoughts_length = 0
        self._facts: dict[str, Any] = {}
        self._calls = Calls()
        self._probabilities = Probabilities()
        self._asked_at: float | None = None
        self._first_at: float | None = None

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @property
    def is_full(self) -> bool:
        return self._length >= MAX_CHARACTERS

    def begin(self) -> None:
        """Start the clock: the provider is asked now."""
        self._asked_at = time.monotonic()

    def add(self, chunk: ChatChunk) -> None:
        """Take one piece; its text is storable already. Runs once per token: keep it thin."""
        if text := chunk.text:
            if self._first_at is None:
                self._first_at = time.monotonic()
            self._pieces.append(text)
            self._length += len(text)
            self.outbox.note(self)
        if thought := chunk.reasoning:
            self._think(thought)
        if chunk.logprobs:
            self._probabilities.add(chunk.logprobs)
        if chunk.tool_calls:
            self._add_calls(chunk.tool_calls)
        if chunk.finish_reason or chunk.completion_tokens is not None or not self._facts:
            self._note(chunk)

    def take_event(self) -> str:
        """Return what has come since the last call as one event for the page; often nothing."""
        new = "".join(self._pieces[self._sent :])
        self._sent = len(self._pieces)
        event = sse.event(self._event_name, new) if new else ""
        if len(self._thoughts) > self._thoughts_sent:
            return self._take_thoughts() + event
        return event

    def end(self, status: Reply.Status, *, trouble: str = "", error: str = "") -> None:
        """Say how it ended; the first word counts."""
        if self.is_over:
            return
        self.is_over = True
        self.status, self.trouble, self.error = status, trouble, storable(error)
        if self._asked_at is not None:
            self._facts["total_ms"] = _milliseconds(self._asked_at, time.monotonic())

    def stop(self) -> None:
        """End it because a person asked."""
        self._break_off("")

    def leave(self) -> None:
        """End it because nobody reads any more."""
        was_asked = self._asked_at is not None
        self._break_off(Trouble.READER_LEFT if was_asked else Trouble.NEVER_STARTED)

    def facts(self) -> dict[str, Any]:
        """Return the columns that are known now; what nobody told is not among them."""
        known = {**self._facts, "text": self.text, "error": self.error}
        known["reasoning"] = "".join(self._thoughts)
        known["tool_calls"] = self._calls.as_json()
        known["logprobs"] = self._probabilities.as_json() or None
        known["mean_logprob"] = self._probabilities.mean
        if self._first_at is not None and self._asked_at is not None:
            known["first_token_ms"] = _milliseconds(self._asked_at, self._first_at)
        return {**known, "status": self.status.value, "trouble": self.trouble}

    def _break_off(self, trouble: str) -> None:
        """Cancel at most once: after that the task writes the end, which must not be cut."""
        if not self.is_over:
            self.end(Reply.Status.STOPPED, trouble=trouble)
            self.cancel()

    def _think(self, thought: str) -> None:
        if self._thoughts_length < MAX_REASONING:
            self._thoughts.append(thought)
            self._thoughts_length += len(thought)
            self.outbox.note(self)

    def _take_thoughts(self) -> str:
        new = "".join(self._thoughts[self._thoughts_sent :])
        self._thoughts_sent = len(self._thoughts)
        return sse.event(f"thought-{self.public_id}", new)

    def _add_calls(self, pieces: Sequence[ToolCallPiece]) -> None:
        if self._first_at is None:
            self._first_at = time.monotonic()
        if not self._calls:
            self.outbox.post(sse.event(f"state-{self.public_id}", _("Calls a tool")))
        self._calls.add(pieces)

    def _note(self, chunk: ChatChunk) -> None:
        told = {
            "served_model": storable(chunk.model)[:300],
            "finish_reason": storable(chunk.finish_reason)[:50],
            "system_fingerprint": storable(chunk.system_fingerprint)[:200],
            "prompt_tokens": _countable(chunk.prompt_tokens),
            "completion_tokens": _countable(chunk.completion_tokens),
            "reasoning_tokens": _countable(chunk.reasoning_tokens),
        }
        self._facts |= {name: value for name, value in told.items() if value not in {None, ""}}


def _countable(number: object) -> int | None:
    if isinstance(number, int) and 0 <= number <= LARGEST_INTEGER:
        return number
    return None


def _milliseconds(start: float, end: float) -> int:
    return round((end - start) * 1000)


def _nothing() -> None:
    """Stand in for the task until there is one."""
