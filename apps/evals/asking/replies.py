"""One question to one model: what is kept of what comes back, and when it is asked again."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.core.storable import storable
from apps.datasets.rows import calls
from apps.evals.models import Answer, Score
from apps.providers.calls import Calls
from apps.providers.retries import retry_interval
from apps.providers.types import (
    ChatChunk,
    ChatRequest,
    CompletionRequest,
    Provider,
    ProviderError,
    ProviderUnavailable,
    TokenLogprob,
)

Request = ChatRequest | CompletionRequest
MOST_TRIES = 10  # about a quarter of an hour
MOST_TRIES_IN_A_CROWD = 30  # a provider that wants fewer calls is there, and its turn will come
LONGEST_ANSWER = 100_000  # characters; a model that never ends is cut off here
LONGEST_SECONDS = 600.0
MOST_LOGPROBS = 64  # tokens: enough for every label
MOST_ALTERNATIVES = 20
TOO_SLOW = _("The answer had not ended after %(minutes)s minutes.")
BROKEN = _("Retune could not read this answer. Its log says more.")
COPIED = (
    "text",
    "logprobs",
    "served_model",
    "finish_reason",
    "prompt_tokens",
    "completion_tokens",
    "first_token_ms",
    "total_ms",
)


@dataclass(slots=True)
class Reply:
    """What came back, and when."""

    began: float = field(default_factory=time.monotonic)
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    logprobs: list[Any] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    calls: Calls = field(default_factory=Calls)

    @property
    def text(self) -> str:
        """What was said; where tools were called, the calls, as the expected ones are written."""
        return calls.as_text(self.calls.told()) if self.calls else "".join(self.pieces)

    @property
    def tokens(self) -> tuple[int, int]:
        """Return what was asked and what came back; 0 where nobody told."""
        told = (self.facts.get("prompt_tokens"), self.facts.get("completion_tokens"))
        return told[0] or 0, told[1] or 0

    def columns(self) -> dict[str, Any]:
        """Return what the row of an answer keeps."""
        words = storable(self.text)
        kept = {"status": Answer.Status.DONE, "error": "", "text": words, **self.facts}
        return kept | ({"logprobs": self.logprobs} if self.logprobs else {})

    def add(self, chunk: ChatChunk) -> None:
        if chunk.text:
            if not self.pieces:
                self.facts["first_token_ms"] = self._elapsed()
            self.pieces.append(chunk.text)
            self.length += len(chunk.text)
        self.calls.add(chunk.tool_calls)
        if chunk.logprobs and len(self.logprobs) < MOST_LOGPROBS:
            room = MOST_LOGPROBS - len(self.logprobs)
            self.logprobs += [_kept(each) for each in chunk.logprobs[:room]]
        told = {
            "served_model": chunk.model[:300],
            "finish_reason": chunk.finish_reason[:50],
            "prompt_tokens": chunk.prompt_tokens,
            "completion_tokens": chunk.completion_tokens,
        }
        self.facts |= {name: value for name, value in told.items() if value not in (None, "")}

    def end(self) -> None:
        self.facts["total_ms"] = self._elapsed()

    def _elapsed(self) -> int:
        return round((time.monotonic() - self.began) * 1000)


async def ask(provider: Provider, request: Request, *, longest: int = LONGEST_ANSWER) -> Reply:
    """Ask, and read the answer to its end. Raises ProviderError or ProviderUnavailable."""
    reply = Reply()
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await _read(provider, request, reply, longest)
    except TimeoutError:
        words = Sentence(TOO_SLOW, minutes=round(LONGEST_SECONDS / 60))
        raise ProviderUnavailable(words) from None
    reply.end()
    return reply


async def _read(provider: Provider, request: Request, reply: Reply, longest: int) -> None:
    if isinstance(request, CompletionRequest):
        told = provider.stream_completion(request)
    else:
        told = provider.stream_chat(request)
    async with aclosing(cast("AsyncGenerator[ChatChunk, None]", told)) as chunks:
        async for chunk in chunks:
            reply.add(chunk)
            if reply.length > longest:
                return


def after_refusal(
    row: Answer | Score, refusal: ProviderError | ProviderUnavailable
) -> dict[str, Any]:
    """Return the columns of a question without an answer: failed, or put off, longer each time."""
    words = {_words_of(row): storable(refusal.words)}
    if isinstance(refusal, ProviderError):
        return {"status": row.Status.FAILED, **words}
    attempts = row.attempts + 1
    most = MOST_TRIES_IN_A_CROWD if refusal.status == 429 else MOST_TRIES
    if attempts >= most:
        return {"status": row.Status.FAILED, "attempts": attempts, **words}
    wait = retry_interval(attempts, retry_after=refusal.retry_after)
    return {"attempts": attempts, "next_try_at": timezone.now() + wait, **words}


def failed(row: Answer | Score, words: str) -> dict[str, Any]:
    """Return the columns of a question that is not asked any more."""
    return {"status": row.Status.FAILED, _words_of(row): words}


def copied(known: Answer) -> dict[str, Any]:
    """Return the columns of an answer that was given before."""
    facts: Mapping[str, Any] = {name: getattr(known, name) for name in COPIED}
    return {"status": Answer.Status.DONE, "error": "", "is_copied": True, **facts}


def _words_of(row: Answer | Score) -> str:
    return "error" if isinstance(row, Answer) else "why"


def _kept(token: TokenLogprob) -> list[Any]:
    top: Sequence[Any] = token.top[:MOST_ALTERNATIVES]
    return list(storable([token.token, token.logprob, [[word, logprob] for word, logprob in top]]))
