"""What a request for a chat completion asks for, read and checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.engine.errors import Refusal
from apps.engine.requests import parameters
from apps.engine.requests.answers import (
    MOST_ALTERNATIVES,
    MOST_TOKENS,
    read_answers,
    read_seeds,
    read_stop,
    refuse_beyond_this_model,
    wants_usage,
)
from apps.engine.requests.parameters import Json
from apps.engine.tiny.generation import Sampling
from apps.engine.tiny.tokens import Message

READ = (
    "logprobs",
    "messages",
    "model",
    "max_completion_tokens",
    "max_tokens",
    "n",
    "seed",
    "stop",
    "stream",
    "stream_options",
    "temperature",
    "top_logprobs",
    "top_p",
)
# Parameters of the OpenAI API that change nothing in what this model answers.
WITHOUT_EFFECT = (
    "metadata",
    "parallel_tool_calls",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning_effort",
    "safety_identifier",
    "service_tier",
    "store",
    "user",
    "verbosity",
)
# Parameters that this model cannot honour; each with the values that ask for nothing.
BEYOND_THIS_MODEL: dict[str, tuple[object, ...]] = {
    "audio": (None,),
    "frequency_penalty": (None, 0),
    "function_call": (None, "none", "auto"),
    "functions": (None, []),
    "logit_bias": (None, {}),
    "modalities": (None, ["text"]),
    "moderation": (None,),
    "prediction": (None,),
    "presence_penalty": (None, 0),
    "response_format": (None, {"type": "text"}),
    "tool_choice": (None, "none", "auto"),
    "tools": (None, []),
    "web_search_options": (None,),
}


@dataclass(frozen=True)
class ChatRequest:
    model: str
    messages: Sequence[Message]
    samplings: Sequence[Sampling]  # one for each answer
    is_stream: bool
    wants_usage: bool


def read_chat_request(body: Json) -> ChatRequest:
    """Return what is to be answered and how, or refuse with the first thing that is wrong."""
    parameters.refuse_unknown(body, (*READ, *WITHOUT_EFFECT, *BEYOND_THIS_MODEL))
    refuse_beyond_this_model(body, BEYOND_THIS_MODEL)
    is_stream = parameters.optional_flag(body, "stream")
    return ChatRequest(
        model=parameters.required_text(body, "model"),
        messages=_read_messages(body),
        samplings=_read_samplings(body),
        is_stream=is_stream,
        wants_usage=wants_usage(body, is_stream=is_stream),
    )


def _read_messages(body: Json) -> Sequence[Message]:
    messages = body.get("messages")
    if messages is None:
        raise Refusal(
            "Missing required parameter: 'messages'.",
            param="messages",
            code="missing_required_parameter",
        )
    if not isinstance(messages, list):
        raise parameters.wrong_type("messages", "an array", messages)
    if not messages:
        raise Refusal(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an"
            " empty array instead.",
            param="messages",
            code="empty_array",
        )
    for position, message in enumerate(messages):
        if not isinstance(message, dict):
            raise parameters.wrong_type(f"messages[{position}]", "an object", message)
    return messages


def _read_samplings(body: Json) -> Sequence[Sampling]:
    """Return how each answer is sampled: they differ in their seeds."""
    sampling = Sampling(
        temperature=parameters.optional_number(body, "temperature", least=0, most=2, default=1),
        top_p=parameters.optional_number(body, "top_p", least=0, most=1, default=1),
        max_tokens=_read_max_tokens(body),
        stop=read_stop(body),
        alternatives=_read_alternatives(body),
    )
    return [replace(sampling, seed=seed) for seed in read_seeds(body, read_answers(body))]


def _read_alternatives(body: Json) -> int | None:
    """Return how many alternatives of each token are wanted; None when no token is."""
    most = parameters.optional_integer(body, "top_logprobs", least=0, most=MOST_ALTERNATIVES)
    if parameters.optional_flag(body, "logprobs"):
        return most or 0
    if most:
        raise Refusal(
            "Invalid value for 'top_logprobs': 'logprobs' must be true as well.",
            param="top_logprobs",
            code="invalid_value",
        )
    return None


def _read_max_tokens(body: Json) -> int | None:
    newer, older = (
        parameters.optional_integer(body, name, least=1, most=MOST_TOKENS)
        for name in ("max_completion_tokens", "max_tokens")
    )
    if newer is not None and older is not None:
        raise Refusal(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            param="max_tokens",
        )
    return newer if newer is not None else older
