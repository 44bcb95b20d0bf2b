"""What requests for conversations and for prompts have in common, read and checked."""

from collections.abc import Mapping

from apps.engine.errors import Refusal
from apps.engine.requests import parameters
from apps.engine.requests.parameters import Json

MOST_STOPS = 4
MOST_ANSWERS = 8
MOST_ALTERNATIVES = 20
MOST_TOKENS = 1_000_000  # far beyond the model's room; it ends with "length" before


def refuse_beyond_this_model(body: Json, beyond: Mapping[str, tuple[object, ...]]) -> None:
    """Refuse parameters that this model cannot honour, but for values that ask for nothing."""
    for name, harmless in beyond.items():
        if body.get(name) not in harmless:
            raise Refusal(
                f"Unsupported parameter: '{name}' is not supported with this model.",
                param=name,
                code="unsupported_parameter",
            )


def read_answers(body: Json) -> int:
    """Return how many answers are wanted."""
    return parameters.optional_integer(body, "n", least=1, most=MOST_ANSWERS) or 1


def read_seeds(body: Json, answers: int) -> list[int | None]:
    """Return a seed for each answer: the one that was given, and those that follow it."""
    seed = parameters.optional_integer(body, "seed", least=-(2**63), most=2**63 - 1)
    if seed is None:
        return [None] * answers
    return [
        (seed + number) % 2**64 for number in range(answers)
    ]  # the generator takes none below 0


def read_stop(body: Json) -> tuple[str, ...]:
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


def wants_usage(body: Json, *, is_stream: bool) -> bool:
    options = parameters.optional_object(body, "stream_options")
    if options and not is_stream:
        raise Refusal(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    known = ("include_usage", "include_obfuscation")
    parameters.refuse_unknown(options, known, within="stream_options.")
    return parameters.optional_flag(options, "include_usage")
