"""Answers as OpenAI's objects: whole, or chunk by chunk."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.utils import timezone

from apps.engine import ids
from apps.engine.tiny.generation import Reply
from apps.engine.wire import probabilities

Json = dict[str, Any]

DONE = "data: [DONE]\n\n"
ROLE = {"role": "assistant", "content": "", "refusal": None}


@dataclass(frozen=True)
class Completion:
    """What every object of one answer, or of several to one question, says about it."""

    model: str
    fingerprint: str
    replies: Sequence[Reply]
    with_logprobs: bool = False
    id: str = field(default_factory=ids.completion_id)
    created: int = field(default_factory=lambda: int(timezone.now().timestamp()))

    KIND: ClassVar[str] = "chat.completion"
    CHUNK: ClassVar[str] = "chat.completion.chunk"

    def whole(self, texts: Sequence[str]) -> Json:
        """Return the complete answers as one object."""
        choices = [
            self._choice(index, self._logprobs(index, text), **self._said(text))
            | {"finish_reason": self.replies[index].finish_reason}
            for index, text in enumerate(texts)
        ]
        return {**self._head(self.KIND), "choices": choices, "usage": self.usage()}

    def begin(self, index: int) -> list[Json]:
        """Return the chunks that come before the first piece of an answer."""
        return [self._chunk(self._choice(index, None, delta=ROLE))]

    def piece(self, index: int, text: str) -> Json:
        """Return one piece of an answer."""
        delta = {"content": text}
        return self._chunk(self._choice(index, self._logprobs(index, text), delta=delta))

    def end(self, index: int) -> Json:
        """Return the chunk that says why an answer is over."""
        finish = {"finish_reason": self.replies[index].finish_reason}
        return self._chunk(self._choice(index, None, delta={}) | finish)

    def usage_chunk(self) -> Json:
        """Return the chunk without choices that tells the totals."""
        return {**self._head(self.CHUNK), "choices": [], "usage": self.usage()}

    def usage(self) -> Json:
        """Count the tokens of the question, once, and of all answers to it."""
        answer = sum(reply.completion_tokens for reply in self.replies)
        prompt = self._prompt_tokens()
        return {
            "prompt_tokens": prompt,
            "completion_tokens": answer,
            "total_tokens": prompt + answer,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }

    def _prompt_tokens(self) -> int:
        return self.replies[0].prompt_tokens

    def _said(self, text: str) -> Json:
        message: Json = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
        return {"message": message}

    def _choice(self, index: int, logprobs: Json | None, **said: Any) -> Json:
        return {"index": index, **said, "logprobs": logprobs, "finish_reason": None}

    def _logprobs(self, index: int, text: str) -> Json | None:
        if not self.with_logprobs:
            return None
        return probabilities.for_chat(self.replies[index].choices_of(text))

    def _chunk(self, choice: Json) -> Json:
        return {**self._head(self.CHUNK), "choices": [choice]}

    def _head(self, kind: str) -> Json:
        # Not one of OpenAI's: it would refuse a conversation that this model reads in part.
        is_short = any(reply.was_shortened for reply in self.replies)
        shortened = {"prompt_was_shortened": True} if is_short else {}
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": self.fingerprint,
            **shortened,
        }


def server_sent(data: Json) -> str:
    """Return one server-sent event as OpenAI writes it: data only, no name."""
    return f"data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"
