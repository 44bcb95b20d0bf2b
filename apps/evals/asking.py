"""One question to one model: what is sent, and what is kept of what comes back."""

import time
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.evals import grading
from apps.evals.models import Answer
from apps.jobs import news, schedule
from apps.providers.types import (
    ChatChunk,
    ChatRequest,
    Provider,
    ProviderError,
    ProviderUnavailable,
)

MOST_TRIES = 6
LONGEST_ANSWER = 100_000  # characters; a model that never ends is cut off here
COPIED = (
    "text",
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
    text: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, chunk: ChatChunk) -> None:
        if chunk.text and not self.text:
            self.facts["first_token_ms"] = self._elapsed()
        self.text += chunk.text
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


async def ask(provider: Provider, answer: Answer, *, asked_as: str) -> Reply:
    """Ask, and read the answer to its end. Raises ProviderError or ProviderUnavailable."""
    run = answer.run
    request = ChatRequest(
        model=asked_as,
        messages=answer.case.messages,
        temperature=run.temperature,
        max_tokens=run.max_tokens,
    )
    reply = Reply()
    async for chunk in provider.stream_chat(request):
        reply.add(chunk)
        if len(reply.text) > LONGEST_ANSWER:
            break
    reply.end()
    return reply


def copy_known(answer: Answer) -> bool:
    """Take the answer that this model gave to the same question earlier in this workspace.

    Only where the temperature is 0: otherwise another answer would be as true.
    """
    if answer.run.temperature != 0:
        return False
    mine = Answer.objects.filter(run__workspace=answer.run.workspace_id)
    same = mine.filter(content_key=answer.content_key, status=Answer.Status.DONE)
    known = same.exclude(pk=answer.pk).order_by("-pk").first()
    if known is None:
        return False
    facts = {name: getattr(known, name) for name in COPIED}
    _finish(answer, is_copied=True, **facts)
    return True


def keep(answer: Answer, reply: Reply) -> None:
    """Write an answer and what the graders say of it."""
    _finish(answer, text=news.storable(reply.text), **reply.facts)


def fail(answer: Answer, refusal: ProviderError) -> None:
    """Write that the provider says no, and will say no again."""
    _write(answer, status=Answer.Status.FAILED, error=news.storable(refusal.words))


def try_later(answer: Answer, refusal: ProviderUnavailable) -> None:
    """Let the question wait, longer each time; in the end it has failed."""
    attempts = answer.attempts + 1
    if attempts >= MOST_TRIES:
        words = news.storable(refusal.words)
        _write(answer, status=Answer.Status.FAILED, attempts=attempts, error=words)
        return
    wait = schedule.retry_interval(attempts, retry_after=refusal.retry_after)
    error = news.storable(refusal.words)
    _write(answer, attempts=attempts, next_try_at=timezone.now() + wait, error=error)


@transaction.atomic
def _finish(answer: Answer, **facts: Any) -> None:
    if _write(answer, status=Answer.Status.DONE, error="", **facts):
        grading.grade(answer)


def _write(answer: Answer, **columns: Any) -> int:
    """Write if nobody else has answered meanwhile."""
    for name, value in columns.items():
        setattr(answer, name, value)
    return Answer.objects.waiting().filter(pk=answer.pk).update(**columns)
