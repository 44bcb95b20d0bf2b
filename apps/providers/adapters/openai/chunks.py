"""Pieces of streamed answers: OpenAI's JSON in, ChatChunk out. Nothing is believed (pure).

`chat_chunk` runs once for each token of every answer: what is not there must cost nothing.
Read from: openai-python 3.52.0 (`types/chat/chat_completion_chunk.py`,
`types/completion_choice.py`), together 3.1.1 (`types/chat/chat_completion_chunk.py`,
`types/completion_chunk.py`), fireworks-ai 1.2.30 (`types/shared/log_probs.py`,
`new_log_probs.py`), vLLM's documentation (`features/reasoning_outputs`: `reasoning`, before that
`reasoning_content`, which DeepSeek's API has too).
"""

import json
from collections.abc import Iterable, Sequence
from itertools import islice, zip_longest
from operator import itemgetter
from typing import Any

from apps.core.storable import storable
from apps.providers.adapters.fields import (
    Object,
    count,
    is_number,
    items,
    object_in,
    string,
)
from apps.providers.types import ChatChunk, TokenLogprob, ToolCallPiece

MOST_TOKENS = 4096  # in one piece of an answer
MOST_ALTERNATIVES = 20
MOST_CALLS = 128
LONGEST_NAME = 200

Alternative = tuple[str, float]
likelihood = itemgetter(1)


def chat_chunk(payload: Any, *, with_logprobs: bool = True) -> ChatChunk:
    """Return one piece of an answer. The last one has no choices, only the totals."""
    chunk = object_in(payload)
    choice = object_in(next(iter(items(chunk.get("choices"))), None))
    delta, usage = object_in(choice.get("delta")), object_in(chunk.get("usage"))
    calls = delta.get("tool_calls")
    thought = delta.get("reasoning_content") or delta.get("reasoning")
    return ChatChunk(
        text=string(delta.get("content")) or string(delta.get("refusal")),
        model=string(chunk.get("model")),
        finish_reason=string(choice.get("finish_reason")),
        prompt_tokens=count(usage.get("prompt_tokens")),
        completion_tokens=count(usage.get("completion_tokens")),
        system_fingerprint=string(chunk.get("system_fingerprint")),
        reasoning=string(thought) if thought else "",
        reasoning_tokens=_reasoning_tokens(usage) if usage else None,
        tool_calls=tool_call_pieces(calls) if calls else (),
        logprobs=_logprobs(choice, delta.get("content")) if with_logprobs else (),
    )


def _reasoning_tokens(usage: Object) -> int | None:
    return count(object_in(usage.get("completion_tokens_details")).get("reasoning_tokens"))


def completion_chunk(payload: Any, *, with_logprobs: bool = True) -> ChatChunk:
    """Return one piece of a completed prompt."""
    chunk = object_in(payload)
    choice = object_in(next(iter(items(chunk.get("choices"))), None))
    usage = object_in(chunk.get("usage"))
    text = string(choice.get("text"))
    return ChatChunk(
        text=text,
        model=string(chunk.get("model")),
        finish_reason=string(choice.get("finish_reason") or chunk.get("finish_reason")),
        prompt_tokens=count(usage.get("prompt_tokens")),
        completion_tokens=count(usage.get("completion_tokens")),
        system_fingerprint=string(chunk.get("system_fingerprint")),
        logprobs=_completion_logprobs(chunk, choice) if with_logprobs else (),
    )


def tool_call_pieces(told: Any) -> Sequence[ToolCallPiece]:
    """Return the parts of calls; without an index of its own, a part has that of its place."""
    found = enumerate(islice(items(told), MOST_CALLS))
    return [_tool_call_piece(place, call) for place, call in found if isinstance(call, dict)]


def _tool_call_piece(place: int, call: Object) -> ToolCallPiece:
    function, index = object_in(call.get("function")), count(call.get("index"))
    return ToolCallPiece(
        index=index if index is not None and index < MOST_CALLS else place,
        id=string(call.get("id"))[:LONGEST_NAME],
        name=string(function.get("name"))[:LONGEST_NAME],
        arguments=_arguments(function.get("arguments")),
    )


def _arguments(value: Any) -> str:
    """Return them as text; some servers send the object itself."""
    if not isinstance(value, dict):
        return string(value)
    try:
        return json.dumps(storable(value), ensure_ascii=False)
    except RecursionError:
        return ""


def _logprobs(choice: Object, text: Any) -> Sequence[TokenLogprob]:
    """Read the three shapes there are: OpenAI's, parallel lists, and Together's single number."""
    told = choice.get("logprobs")
    if told is None:
        return ()
    if is_number(told):
        return _tokens([(text, told, choice.get("top_logprobs"))])
    facts = object_in(told)
    content = items(facts.get("content")) or items(facts.get("refusal"))
    if content:
        each = (object_in(item) for item in content)
        return _tokens((i.get("token"), i.get("logprob"), i.get("top_logprobs")) for i in each)
    return _parallel(facts)


def _completion_logprobs(chunk: Object, choice: Object) -> Sequence[TokenLogprob]:
    if choice.get("logprobs") is not None:
        return _logprobs(choice, choice.get("text"))
    token = object_in(chunk.get("token"))
    return _tokens([(token.get("text"), token.get("logprob"), choice.get("top_logprobs"))])


def _parallel(facts: Object) -> Sequence[TokenLogprob]:
    """Read the shape of completions: one list of tokens, one of numbers, one of alternatives."""
    tops = facts.get("top_logprobs")
    lists = (facts.get("tokens"), facts.get("token_logprobs"), tops)
    return _tokens(zip_longest(*(islice(items(told), MOST_TOKENS) for told in lists)))


def _tokens(told: Iterable[tuple[Any, Any, Any]]) -> Sequence[TokenLogprob]:
    """Return the tokens that have a probability: the first of an echoed prompt has none."""
    return [
        TokenLogprob(string(token), min(float(logprob), 0.0), _top(token, logprob, top))
        for token, logprob, top in islice(told, MOST_TOKENS)
        if isinstance(token, str) and is_number(logprob)
    ]


def _top(token: str, logprob: float, told: Any) -> Sequence[Alternative]:
    """Return the alternatives with the chosen one among them, the likeliest first."""
    found = [(string(name), min(float(each), 0.0)) for name, each in _named(told)]
    found.sort(key=likelihood, reverse=True)
    chosen = (string(token), min(float(logprob), 0.0))
    if any(name == chosen[0] for name, _each in found[:MOST_ALTERNATIVES]):
        return found[:MOST_ALTERNATIVES]
    return sorted((*found[:MOST_ALTERNATIVES], chosen), key=likelihood, reverse=True)


def _named(told: Any) -> Iterable[tuple[str, float]]:
    """Yield alternatives that have a name and a number: from objects in a list, or from one map."""
    if isinstance(told, dict):
        pairs: Iterable[tuple[Any, Any]] = told.items()
    else:
        each = (object_in(item) for item in islice(items(told), MOST_TOKENS))
        pairs = ((item.get("token"), item.get("logprob")) for item in each)
    return (pair for pair in pairs if isinstance(pair[0], str) and is_number(pair[1]))
