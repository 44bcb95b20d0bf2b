"""What a request to complete prompts asks for, read and checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.engine.errors import Refusal
from apps.engine.requests import parameters
from apps.engine.requests.answers import (
    MOST_ALTERNATIVES,
    MOST_ANSWERS,
    MOST_TOKENS,
    read_answers,
    read_seeds,
    read_stop,
    refuse_beyond_this_model,
    wants_usage,
)
from apps.engine.requests.parameters import Json
from apps.engine.tiny.generation import Sampling

READ = (
    "logprobs",
    "max_tokens",
    "model",
    "n",
    "prompt",
    "seed",
    "stop",
    "stream",
    "stream_options",
    "temperature",
    "top_p",
)
WITHOUT_EFFECT = ("user",)
BEYOND_THIS_MODEL: dict[str, tuple[object, ...]] = {
    "best_of": (None, 1),
    "echo": (None, False),
    "frequency_penalty": (None, 0),
    "logit_bias": (None, {}),
    "presence_penalty": (None, 0),
    "suffix": (None, ""),
}
USUAL_TOKENS = 16  # OpenAI's default


@dataclass(frozen=True)
class CompletionRequest:
    model: str
    prompts: Sequence[str]  # one for each answer: several answers have the same one
    samplings: Sequence[Sampling]
    is_stream: bool
    wants_usage: bool


def read_completion_request(body: Json) -> CompletionRequest:
    """Return what is to be completed and how, or refuse with the first thing that is wrong."""
    parameters.refuse_unknown(body, (*READ, *WITHOUT_EFFECT, *BEYOND_THIS_MODEL))
    refuse_beyond_this_model(body, BEYOND_THIS_MODEL)
    is_stream = parameters.optional_flag(body, "stream")
    answers, prompts = read_answers(body), _read_prompts(body)
    if answers * len(prompts) > MOST_ANSWERS:
        raise Refusal(
            f"Invalid 'prompt': this server gives at most {MOST_ANSWERS} answers per request.",
            param="prompt",
            code="array_above_max_length",
        )
    sampling = _read_sampling(body)
    seeds = read_seeds(body, answers)
    return CompletionRequest(
        model=parameters.required_text(body, "model"),
        prompts=[prompt for prompt in prompts for _seed in seeds],
        samplings=[replace(sampling, seed=seed) for _prompt in prompts for seed in seeds],
        is_stream=is_stream,
        wants_usage=wants_usage(body, is_stream=is_stream),
    )


def _read_prompts(body: Json) -> Sequence[str]:
    prompt = body.get("prompt")
    prompts = [prompt] if isinstance(prompt, str) else prompt
    if prompts is None:
        raise Refusal(
            "Missing required parameter: 'prompt'.",
            param="prompt",
            code="missing_required_parameter",
        )
    if not isinstance(prompts, list) or not all(isinstance(text, str) for text in prompts):
        raise parameters.wrong_type("prompt", "a string or an array of strings", prompt)
    if not prompts:
        raise Refusal("Invalid 'prompt': empty array.", param="prompt", code="empty_array")
    return prompts


def _read_sampling(body: Json) -> Sampling:
    limit = parameters.optional_integer(body, "max_tokens", least=1, most=MOST_TOKENS)
    return Sampling(
        temperature=parameters.optional_number(body, "temperature", least=0, most=2, default=1),
        top_p=parameters.optional_number(body, "top_p", least=0, most=1, default=1),
        max_tokens=USUAL_TOKENS if limit is None else limit,
        stop=read_stop(body),
        alternatives=parameters.optional_integer(body, "logprobs", least=0, most=MOST_ALTERNATIVES),
    )
