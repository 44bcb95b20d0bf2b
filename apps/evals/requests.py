"""What is sent for a question: the settings of the run, without what its model refuses."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from apps.evals.models import Candidate, Run
from apps.library import serving
from apps.providers import chat_parameters, overrides
from apps.providers.models import Connection
from apps.providers.profiles import Profile
from apps.providers.types import ChatRequest

TOP_LOGPROBS = 20
SENT = ("temperature", "max_tokens", "seed", "top_logprobs")


@dataclass(frozen=True, slots=True)
class Line:
    """How one model is reached: by which word, and what may be sent to it."""

    asked_as: str
    profile: Profile
    base: str  # where the word does not tell it: deployments have names of their own

    def fit(self, request: ChatRequest) -> tuple[ChatRequest, list[str]]:
        """Return the request as it is sent, and the names of what was left out."""
        asked = replace(request, model=self.asked_as)
        return chat_parameters.fitted(asked, self.profile, base=self.base)


def line_to(connection: Connection, model: str) -> Line:
    """Find out how a model is asked now."""
    asked_as = serving.chat_name(connection, model)
    behind = serving.model_behind(connection, asked_as)
    return Line(asked_as, overrides.profile_of(connection), behind.base_model if behind else "")


def request_of(run: Run, messages: Sequence[Mapping[str, Any]], *, sample: int) -> ChatRequest:
    """Return what the run asks, before anything is left out."""
    return ChatRequest(
        model="",
        messages=messages,
        temperature=run.temperature,
        max_tokens=run.max_tokens,
        seed=None if run.seed is None else run.seed + sample,
        top_logprobs=TOP_LOGPROBS if run.wants_logprobs else None,
    )


def is_repeatable(request: ChatRequest) -> bool:
    """Say whether asking again would bring the same answer, as far as a provider promises it."""
    return request.temperature == 0 or request.seed is not None


class Keys:
    """Makes the keys of one model's questions: the same question, asked the same way, has one."""

    def __init__(self, candidate: Candidate, line: Line | None) -> None:
        source = candidate.connection or candidate.recording
        self._head = [str(source and source.public_id), candidate.model]
        self._run = candidate.run
        self._line = line
        self._settings: dict[int, list[Any]] = {}

    def key(self, messages: bytes, *, sample: int) -> str:
        """Return the key of a question, given its messages as `dumped` makes them."""
        if sample not in self._settings:
            self._settings[sample] = [*self._head, sample, self._sent(sample)]
        facts = orjson.dumps(self._settings[sample])
        return hashlib.sha256(facts + messages).hexdigest()

    def _sent(self, sample: int) -> list[Any]:
        request = request_of(self._run, (), sample=sample)
        if self._line:
            request, _left_out = self._line.fit(request)
        return [getattr(request, name) for name in SENT]


def dumped(messages: Sequence[Mapping[str, Any]]) -> bytes:
    """Return messages as the same bytes, in whatever order their fields stand."""
    return orjson.dumps(messages, option=orjson.OPT_SORT_KEYS)
