"""What a request for a chat completion asks for, read and checked."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.engine import parameters
from apps.engine.errors import Refusal
from apps.engine.parameters import Json
from apps.engine.tiny.generation import Sampling
from apps.engine.tiny.tokens import Message

READ = (
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
    "logprobs": (None, False),
    "modalities": (None, ["text"]),
    "moderation": (None,),
    "prediction": (None,),
    "presence_penalty": (None, 0),
    "response_format": (None, {"type": "text"}),
    "tool_choice": (None, "none", "auto"),
    "tools": (None, []),
    "top_logprobs": (None, 0),
    "web_search_options": (None,),
}
MOST_STOPS = 4
MOST_TOKENS = 1_000_000  # far beyond the model's room; it ends with "length" before


@dataclass(frozen=True)
class ChatRequest:
    model: str
    messages: Sequence[Message]
    sampling: Sampling
    is_stream: bool
    wants_usage: bool


def read_chat_request(body: Json) -> ChatRequest:
    """Return what is to be answered and how, or refuse with the first thing that is wrong."""
    parameters.refuse_unknown(body, (*READ, *WITHOUT_EFFECT, *BEYOND_THIS_MODEL))
    _refuse_beyond_this_model(body)
    is_stream = parameters.optional_flag(body, "stream")
    return ChatRequest(
        model=parameters.required_text(body, "model"),
        messages=_read_messages(body),
        sampling=_read_sampling(body),
        is_stream=is_stream,
        wants_usage=_wants_usage(body, is_stream=is_stream),
    )


def _refuse_beyond_this_model(body: Json) -> None:
    for name, harmless in BEYOND_THIS_MODEL.items():
        if body.get(name) not in harmless:
            raise Refusal(
                f"Unsupported parameter: '{name}' is not supported with this model.",
                param=name,
                code="unsupported_parameter",
            )
    if body.get("n") not in (None, 1):
        raise Refusal(
            "Invalid value for 'n': this server gives one answer per request.",
            param="n",
            code="unsupported_value",
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


def _read_sampling(body: Json) -> Sampling:
    seed = parameters.optional_integer(body, "seed", least=-(2**63), most=2**63 - 1)
    return Sampling(
        temperature=parameters.optional_number(body, "temperature", least=0, most=2, default=1),
        top_p=parameters.optional_number(body, "top_p", least=0, most=1, default=1),
        max_tokens=_read_max_tokens(body),
        seed=None if seed is None else seed % 2**64,  # the generator takes no negative ones
        stop=_read_stop(body),
    )


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


def _read_stop(body: Json) -> tuple[str, ...]:
    stop = body.get("stop")
    stops = [stop] if isinstance(stop, str) else stop or []
    if not isinstance(stops, list) or not all(isinstance(text, str) for text in stops):
        raise parameters.wrong_type("stop", "a string or an array of strings", stop)
    if len(stops) > MOST_STOPS:
        raise Refusal(
            f"Invalid 'stop': array too long. Expected at most {MOST_STOPS} strings, but got"
            f" {len(stops)} instead.",
            param="stop",
            code="array_above_max_length",
        )
    return tuple(stops)


def _wants_usage(body: Json, *, is_stream: bool) -> bool:
    options = parameters.optional_object(body, "stream_options")
    if options and not is_stream:
        raise Refusal(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    known = ("include_usage", "include_obfuscation")
    parameters.refuse_unknown(options, known, within="stream_options.")
    return parameters.optional_flag(options, "include_usage")
