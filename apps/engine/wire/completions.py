"""Completed prompts as OpenAI's objects: whole, or chunk by chunk."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from apps.engine import ids
from apps.engine.wire import probabilities
from apps.engine.wire.chat import Completion, Json


@dataclass(frozen=True)
class PromptCompletion(Completion):
    """What every object says about what follows one prompt, or several."""

    prompts: Sequence[str] = ()  # one for each answer
    id: str = field(default_factory=ids.prompt_completion_id)
    _written: dict[int, int] = field(default_factory=dict)  # characters of each answer, till now

    KIND: ClassVar[str] = "text_completion"
    CHUNK: ClassVar[str] = "text_completion"

    def begin(self, index: int) -> list[Json]:
        return []

    def piece(self, index: int, text: str) -> Json:
        return self._chunk(self._choice(index, self._logprobs(index, text), text=text))

    def end(self, index: int) -> Json:
        finish = {"finish_reason": self.replies[index].finish_reason}
        return self._chunk(self._choice(index, None, text="") | finish)

    def _prompt_tokens(self) -> int:
        """Count each prompt once, however many answers it got."""
        counted = dict(zip(self.prompts, self.replies, strict=True))
        return sum(reply.prompt_tokens for reply in counted.values())

    def _said(self, text: str) -> Json:
        return {"text": text}

    def _logprobs(self, index: int, text: str) -> Json | None:
        if not self.with_logprobs:
            return None
        start = self._written.get(index, len(self.prompts[index]))
        self._written[index] = start + len(text)
        return probabilities.for_completion(self.replies[index].choices_of(text), start)
