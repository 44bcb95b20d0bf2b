"""/v1/chat/completions and /v1/models, with the stock SDK and the base model."""

from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI, PermissionDeniedError

HELLO = [{"role": "user", "content": "Hello"}]
BASE: dict[str, Any] = {"model": "tiny-chat-1m", "messages": HELLO, "temperature": 0}


def test_the_base_model_answers_with_usage(sdk: OpenAI) -> None:
    answer = sdk.chat.completions.create(**BASE)
    choice = answer.choices[0]
    assert (choice.finish_reason, choice.message.role) == ("stop", "assistant")
    assert choice.message.content
    assert (answer.object, answer.model) == ("chat.completion", "tiny-chat-1m")
    assert answer.id.startswith("chatcmpl-")
    usage = answer.usage
    assert usage.completion_tokens == len(choice.message.content.encode())
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_a_stream_brings_role_words_reason_and_usage(sdk: OpenAI) -> None:
    whole = sdk.chat.completions.create(**BASE)
    stream = sdk.chat.completions.create(
        **BASE, stream=True, stream_options={"include_usage": True}
    )
    first, *words, reason, usage = list(stream)
    assert (first.choices[0].delta.role, first.choices[0].delta.content) == ("assistant", "")
    text = "".join(chunk.choices[0].delta.content for chunk in words)
    assert text == whole.choices[0].message.content
    assert reason.choices[0].finish_reason == "stop"
    assert reason.choices[0].delta.content is None
    assert (usage.choices, usage.usage) == ([], whole.usage)
    assert len({chunk.id for chunk in (first, *words, reason, usage)}) == 1
    assert {chunk.object for chunk in words} == {"chat.completion.chunk"}


def test_a_stream_without_include_usage_ends_with_the_reason(sdk: OpenAI) -> None:
    *_, last = sdk.chat.completions.create(**BASE, stream=True)
    assert last.choices[0].finish_reason == "stop"
    assert last.usage is None


def test_a_seed_repeats_an_answer_and_stop_and_max_tokens_end_it(sdk: OpenAI) -> None:
    def say(**wanted: Any) -> Any:
        return sdk.chat.completions.create(**{**BASE, **wanted}).choices[0]

    wild = {"temperature": 2, "max_tokens": 40}
    assert say(**wild, seed=5).message.content == say(**wild, seed=5).message.content
    assert say(**wild, seed=5).message.content != say(**wild, seed=-6).message.content
    cut = say(max_completion_tokens=3)
    assert (cut.finish_reason, len(cut.message.content)) == ("length", 3)
    text = say().message.content
    stopped = say(stop=[text[3:6]])
    assert (stopped.finish_reason, stopped.message.content) == ("stop", text[:3])


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"messages": []}, "messages", "empty array"),
    ({"messages": ["Hi"]}, "messages\\[0\\]", "expected an object"),
    ({"messages": [{"role": "tool", "content": "1"}]}, "messages", "roles"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages", "text"),
    ({"messages": [{"role": "user", "content": "x" * 600}]}, "messages", "at most 512 bytes"),
    ({"temperature": 2.1}, "temperature", "<= 2"),
    ({"temperature": "hot"}, "temperature", "expected a decimal"),
    ({"top_p": -0.1}, "top_p", ">= 0"),
    ({"max_tokens": 0}, "max_tokens", ">= 1"),
    ({"max_tokens": 1, "max_completion_tokens": 1}, "max_tokens", "at the same time"),
    ({"stop": ["a"] * 5}, "stop", "at most 4"),
    ({"stop": 3}, "stop", "a string or an array"),
    ({"n": 9}, "n", "<= 8"),
    ({"logprobs": 3}, "logprobs", "expected a boolean"),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "<= 20"),
    ({"top_logprobs": 2}, "top_logprobs", "'logprobs' must be true"),
    ({"tools": [{"type": "function"}]}, "tools", "not supported with this model"),
    ({"response_format": {"type": "json_object"}}, "response_format", "not supported"),
    ({"stream_options": {"include_usage": True}}, "stream_options", "only allowed when"),
    ({"extra_body": {"top_k": 5}}, "top_k", "Unknown parameter"),
]


@pytest.mark.parametrize(("wanted", "param", "words"), REFUSED)
def test_what_the_model_cannot_do_is_refused_in_words(
    sdk: OpenAI, wanted: dict[str, Any], param: str, words: str
) -> None:
    with pytest.raises(BadRequestError, match=words) as refusal:
        sdk.chat.completions.create(**{**BASE, **wanted})
    assert refusal.value.param == param.replace("\\", "")


def test_a_prompt_that_is_too_long_has_openais_code(sdk: OpenAI) -> None:
    with pytest.raises(BadRequestError) as refusal:
        sdk.chat.completions.create(
            model="tiny-chat-1m", messages=[{"role": "user", "content": "x" * 600}]
        )
    assert refusal.value.code == "context_length_exceeded"


def test_an_answer_says_when_older_turns_were_left_out(sdk: OpenAI) -> None:
    turns = [{"role": role, "content": "x" * 300} for role in ("user", "assistant")]
    answer = sdk.chat.completions.create(**{**BASE, "messages": [*turns, *HELLO]})
    assert answer.model_extra == {"prompt_was_shortened": True}
    assert "prompt_was_shortened" not in sdk.chat.completions.create(**BASE).model_extra


def test_parameters_that_change_nothing_here_are_taken(sdk: OpenAI) -> None:
    answer = sdk.chat.completions.create(
        **BASE, n=1, frequency_penalty=0, user="me", store=False, tools=[], logit_bias={}
    )
    assert answer.choices[0].message.content


def test_an_unknown_model_is_refused_in_openais_words(sdk: OpenAI) -> None:
    with pytest.raises(NotFoundError, match="The model `gpt-4o` does not exist") as refusal:
        sdk.chat.completions.create(model="gpt-4o", messages=HELLO)
    assert refusal.value.code == "model_not_found"


def test_the_base_model_is_listed_and_cannot_be_deleted(sdk: OpenAI) -> None:
    assert [model.id for model in sdk.models.list()] == ["tiny-chat-1m"]
    assert sdk.models.retrieve("tiny-chat-1m").owned_by == "retune"
    with pytest.raises(PermissionDeniedError):
        sdk.models.delete("tiny-chat-1m")
