"""Answers as OpenAI's objects: whole, or chunk by chunk."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from apps.engine import ids
from apps.engine.tiny.generation import Reply

Json = dict[str, Any]

DONE = "data: [DONE]\n\n"
ROLE = {"role": "assistant", "content": "", "refusal": None}


@dataclass(frozen=True)
class Completion:
    """What every object of one answer says about it."""

    model: str
    fingerprint: str
    reply: Reply
    id: str = field(default_factory=ids.completion_id)
    created: int = field(default_factory=lambda: int(timezone.now().timestamp()))

    def whole(self, text: str) -> Json:
        """Return the complete answer as one object."""
        message: Json = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": self.reply.finish_reason,
        }
        return {**self._head("chat.completion"), "choices": [choice], "usage": self.usage()}

    def chunk(self, delta: Json, *, finish_reason: str | None = None) -> Json:
        """Return one piece of the answer."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def usage_chunk(self) -> Json:
        """Return the chunk without choices that tells the totals."""
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": self.usage()}

    def usage(self) -> Json:
        """Count the tokens of prompt and answer."""
        prompt, answer = self.reply.prompt_tokens, self.reply.completion_tokens
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

    def _head(self, kind: str) -> Json:
        # Not one of OpenAI's: it would refuse a conversation that this model reads in part.
        shortened = {"prompt_was_shortened": True} if self.reply.was_shortened else {}
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
