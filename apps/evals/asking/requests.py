"""What is sent for a question: the settings of the run, without what its model refuses."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from apps.datasets.models import Version
from apps.evals.models import Candidate, Run
from apps.library.asking import separators
from apps.library.asking.separators import Ends
from apps.library.deployments import serving
from apps.providers import overrides
from apps.providers.models import Connection
from apps.providers.profiles import Profile, chat_parameters
from apps.providers.types import ChatRequest, CompletionRequest

TOP_LOGPROBS = 20
SENT = ("temperature", "max_tokens", "seed", "top_logprobs")


Request = ChatRequest | CompletionRequest


@dataclass(frozen=True, slots=True)
class Line:
    """How one model is reached: by which word, and what may be sent to it."""

    asked_as: str
    profile: Profile
    base: str  # where the word does not tell it: deployments have names of their own
    ends: Ends | None = None  # of the prompts of a model that knows no conversations

    def fit(self, request: ChatRequest) -> tuple[Request, list[str]]:
        """Return the request as it is sent, and the names of what was left out."""
        asked = replace(request, model=self.asked_as)
        if self.ends is None:
            return chat_parameters.fitted(asked, self.profile, base=self.base)
        return chat_parameters.fitted(_prompt(asked, self.ends), self.profile, base=self.base)


def line_to(connection: Connection, model: str, *, data: Version | None = None) -> Line:
    """Find out how a model is asked now. `data` tells how prompts end, where nothing else does."""
    asked_as, profile = serving.chat_name(connection, model), overrides.profile_of(connection)
    behind = serving.model_behind(connection, asked_as)
    base = behind.base_model if behind else ""
    if not chat_parameters.is_legacy(profile, asked_as, base=base):
        return Line(asked_as, profile, base)
    ends = separators.ends_for(connection, asked_as)
    if ends == Ends() and data:
        ends = separators.ends_of(data)
    return Line(asked_as, profile, base, ends)


def _prompt(request: ChatRequest, ends: Ends) -> CompletionRequest:
    """Return the words of a conversation as one prompt that ends as those of the data."""
    texts = [each.get("content") for each in request.messages]
    prompt = "\n\n".join(text for text in texts if isinstance(text, str))
    return CompletionRequest(
        model=request.model,
        prompt=separators.with_separator(prompt, ends),
        temperature=request.temperature,
        max_tokens=request.max_tokens,
        seed=request.seed,
        stop=[ends.stop] if ends.stop else [],
        top_logprobs=request.top_logprobs,
    )


def request_of(
    run: Run, messages: Sequence[Mapping[str, Any]], *, sample: int, tools: Sequence[Any] = ()
) -> ChatRequest:
    """Return what the run asks, before anything is left out."""
    return ChatRequest(
        model="",
        messages=messages,
        tools=tools,
        temperature=run.temperature,
        max_tokens=run.max_tokens,
        seed=None if run.seed is None else run.seed + sample,
        top_logprobs=TOP_LOGPROBS if run.wants_logprobs else None,
    )


def is_repeatable(request: Request) -> bool:
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
        request: Request = request_of(self._run, (), sample=sample)
        if self._line and isinstance(request, ChatRequest):
            request, _left_out = self._line.fit(request)
        return [getattr(request, name) for name in SENT]


def dumped(messages: Sequence[Mapping[str, Any]], tools: Sequence[Any] = ()) -> bytes:
    """Return a question as the same bytes, in whatever order its fields stand."""
    asked = [*messages, {"tools": tools}] if tools else messages
    return orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)
