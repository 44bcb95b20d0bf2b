"""What a request may hold, model by model."""

from dataclasses import fields

import pytest

from apps.providers.profiles import chat_parameters, profile_for
from apps.providers.profiles.chat_parameters import PARAMETERS, fitted, taken
from apps.providers.profiles.files import NAMES
from apps.providers.types import ChatRequest, CompletionRequest

SAMPLING = {"temperature", "top_p", "logprobs"}
ASKED = {"temperature": 0.2, "top_p": 0.5, "seed": 7, "max_tokens": 9, "stop": ["END"]}


def request(model: str, **fields: object) -> ChatRequest:
    asked: dict[str, object] = {"model": model, "messages": [], **ASKED, **fields}
    return ChatRequest(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("profile", "model", "refused"),
    [
        ("openai", "gpt-4.1-mini-2025-04-14", set()),
        ("openai", "ft:gpt-4o-2024-08-06:acme::x", set()),
        ("openai", "o1-2024-12-17", SAMPLING),
        ("openai", "o4-mini-2025-04-16", {*SAMPLING, "stop"}),
        ("openai", "ft:o4-mini-2025-04-16:acme::x", {*SAMPLING, "stop"}),
        ("openai", "gpt-5-mini", SAMPLING),
        ("openai", "gpt-6-luna", SAMPLING),
        ("openai", "gpt-5-chat-latest", set()),
        ("openai", "gpt-5.1", set()),
        ("openai", "gpt-50", set()),
        ("openai", "ft:davinci-002:acme::x", {"response_format", "json_schema", "tools"}),
        ("openai", "ft:gpt-3.5-turbo-0125:acme::x", {"json_schema"}),
        ("openai", "gpt-4-0613", {"json_schema"}),
        ("azure", "gpt-35-turbo-0125", {"json_schema"}),
        ("engine", "tiny-chat-1m", {"response_format", "json_schema", "tools"}),
        ("generic", "openai/o3-mini", {*SAMPLING, "stop"}),
        ("generic", "qwen3-8b", set()),
        ("azure", "o4-mini-2025-04-16.ft-0123", SAMPLING),
        ("nebius", "o1-preview-of-somebody", set()),
    ],
)
def test_a_model_refuses_what_its_base_refuses(profile: str, model: str, refused: set[str]) -> None:
    assert taken(profile_for(profile), model) == PARAMETERS - refused


def test_a_deployment_is_known_by_its_base() -> None:
    azure = profile_for("azure")
    assert "temperature" in taken(azure, "our-deployment")
    assert "temperature" not in taken(azure, "our-deployment", base="o4-mini-2025-04-16")
    left_out = fitted(request("our-deployment"), azure, base="o4-mini-2025-04-16")[1]
    assert left_out == ["temperature", "top_p"]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("babbage-002", True),
        ("davinci-002", True),
        ("ft:davinci-002:acme::x", True),
        ("gpt-4.1-mini-2025-04-14", False),
        ("davinci-002-and-a-half", False),
    ],
)
def test_models_that_only_complete_prompts(model: str, *, expected: bool) -> None:
    assert chat_parameters.is_legacy(profile_for("openai"), model) is expected
    assert chat_parameters.is_legacy(profile_for("generic"), model) is expected


def test_a_request_loses_what_is_refused_and_nothing_else() -> None:
    asked = request("o4-mini", top_logprobs=3, tools=[{"type": "function"}])
    fit, left_out = fitted(asked, profile_for("openai"))
    assert left_out == ["logprobs", "stop", "temperature", "top_p"]
    assert (fit.temperature, fit.top_p, fit.top_logprobs, fit.stop) == (None, None, None, ())
    assert (fit.seed, fit.max_tokens, fit.tools) == (7, 9, asked.tools)


def test_what_was_not_asked_for_is_not_left_out() -> None:
    asked = ChatRequest("o4-mini", [], max_tokens=9, stop=[])
    assert fitted(asked, profile_for("openai")) == (asked, [])


def test_a_request_for_a_prompt_fits_the_same_way() -> None:
    asked = CompletionRequest("davinci-002", "Once", temperature=0.3, top_logprobs=20)
    fit, left_out = fitted(asked, profile_for("openai"))
    assert left_out == []
    assert (fit.temperature, fit.top_logprobs) == (0.3, 5)


@pytest.mark.parametrize(
    ("profile", "model", "most"),
    [
        ("openai", "gpt-4o", 20),
        ("openai", "o3", 0),
        ("openai", "davinci-002", 5),
        ("fireworks", "accounts/fireworks/models/x", 5),
        ("together", "x", 20),
        ("crusoe", "x", 20),
    ],
)
def test_how_many_alternatives_may_be_asked_for(profile: str, model: str, most: int) -> None:
    assert chat_parameters.most_top_logprobs(profile_for(profile), model) == most


def test_reasoning_models_behind_a_gateway_have_their_own_word_for_the_limit() -> None:
    generic = profile_for("generic")
    assert chat_parameters.max_tokens_parameter(generic, "o3") == "max_completion_tokens"
    assert chat_parameters.max_tokens_parameter(generic, "qwen3-8b") == "max_tokens"


def test_the_data_names_parameters_that_exist_and_says_where_it_was_read() -> None:
    rules = [rule for name in NAMES for rule in profile_for(name).chat]
    assert rules
    assert all(rule.refuses <= PARAMETERS and rule.source and rule.models for rule in rules)


def test_every_parameter_is_a_field_of_a_request() -> None:
    names = {field.name for field in fields(ChatRequest)}
    assert set(chat_parameters.FIELDS.values()) == names - {"model", "messages"}
