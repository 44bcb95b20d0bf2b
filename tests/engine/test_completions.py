"""/v1/completions, with the stock SDK and the base model."""

from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

PROMPT = "To reset your password, "
BASE: dict[str, Any] = {
    "model": "tiny-chat-1m",
    "prompt": PROMPT,
    "temperature": 0,
    "max_tokens": 60,
}


def test_a_prompt_is_gone_on_with(sdk: OpenAI) -> None:
    answer = sdk.completions.create(**BASE)
    (choice,) = answer.choices
    assert choice.text
    assert (choice.finish_reason, choice.logprobs) == ("stop", None)
    assert (answer.object, answer.model) == ("text_completion", "tiny-chat-1m")
    assert answer.id.startswith("cmpl-")
    assert answer.usage.prompt_tokens == len(PROMPT) + 1
    assert answer.usage.completion_tokens == len(choice.text)


def test_what_came_is_what_the_same_words_of_the_assistant_lead_to(sdk: OpenAI) -> None:
    first = sdk.completions.create(**{**BASE, "max_tokens": 4}).choices[0].text
    rest = sdk.completions.create(**{**BASE, "prompt": PROMPT + first}).choices[0].text
    assert first + rest == sdk.completions.create(**BASE).choices[0].text


def test_a_stream_brings_the_same_words_and_the_totals(sdk: OpenAI) -> None:
    wanted = {**BASE, "logprobs": 2}
    whole = sdk.completions.create(**wanted)
    options = {"include_usage": True}
    *chunks, usage = sdk.completions.create(**wanted, stream=True, stream_options=options)
    assert "".join(chunk.choices[0].text for chunk in chunks) == whole.choices[0].text
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason]
    assert (usage.choices, usage.usage) == ([], whole.usage)
    told = [chunk.choices[0].logprobs for chunk in chunks if chunk.choices[0].logprobs]
    expected = whole.choices[0].logprobs
    for name in ("tokens", "token_logprobs", "top_logprobs", "text_offset"):
        assert [each for piece in told for each in getattr(piece, name)] == getattr(expected, name)


def test_probabilities_stand_beside_the_tokens_they_belong_to(sdk: OpenAI) -> None:
    choice = sdk.completions.create(**BASE, logprobs=2).choices[0]
    told = choice.logprobs
    assert "".join(told.tokens) == choice.text
    assert told.text_offset == list(range(len(PROMPT), len(PROMPT) + len(choice.text)))
    for token, logprob, top in zip(
        told.tokens, told.token_logprobs, told.top_logprobs, strict=True
    ):
        assert (len(top), max(top, key=top.get)) == (2, token)
        assert top[token] == logprob
    assert sdk.completions.create(**BASE, logprobs=0).choices[0].logprobs.top_logprobs is None


def test_sixteen_tokens_unless_more_are_asked_for(sdk: OpenAI) -> None:
    usual = {name: value for name, value in BASE.items() if name != "max_tokens"}
    choice = sdk.completions.create(**usual).choices[0]
    assert (len(choice.text), choice.finish_reason) == (16, "length")


def test_seed_and_stop_do_what_they_do_in_conversations(sdk: OpenAI) -> None:
    def say(**wanted: Any) -> Any:
        return sdk.completions.create(**{**BASE, **wanted}).choices[0]

    assert say(temperature=2, seed=5).text == say(temperature=2, seed=5).text
    assert say(temperature=2, seed=5).text != say(temperature=2, seed=6).text
    text = say().text
    stopped = say(stop=text[3:6])
    assert (stopped.text, stopped.finish_reason) == (text[:3], "stop")


def test_several_prompts_and_several_answers_are_numbered_one_after_the_other(
    sdk: OpenAI,
) -> None:
    wild: dict[str, Any] = {"model": "tiny-chat-1m", "temperature": 2, "seed": 5}
    answer = sdk.completions.create(**wild, prompt=["a", "bcd"], n=2)
    alone = [
        sdk.completions.create(**{**wild, "seed": seed}, prompt=prompt).choices[0].text
        for prompt in ("a", "bcd")
        for seed in (5, 6)
    ]
    assert [choice.text for choice in answer.choices] == alone
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    assert answer.usage.prompt_tokens == 2 + 4


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"prompt": []}, "prompt", "empty array"),
    ({"prompt": [1, 2]}, "prompt", "a string or an array of strings"),
    ({"prompt": "x" * 512}, "prompt", "at most 512 bytes"),
    ({"prompt": ["a"] * 9}, "prompt", "at most 8 answers"),
    ({"prompt": ["a"] * 3, "n": 3}, "prompt", "at most 8 answers"),
    ({"echo": True}, "echo", "not supported with this model"),
    ({"best_of": 2}, "best_of", "not supported with this model"),
    ({"suffix": "."}, "suffix", "not supported with this model"),
    ({"logprobs": 21}, "logprobs", "<= 20"),
    ({"logprobs": True}, "logprobs", "expected an integer"),
    ({"max_tokens": 0}, "max_tokens", ">= 1"),
    ({"extra_body": {"messages": []}}, "messages", "Unknown parameter"),
]


@pytest.mark.parametrize(("wanted", "param", "words"), REFUSED)
def test_what_cannot_be_done_is_refused_in_words(
    sdk: OpenAI, wanted: dict[str, Any], param: str, words: str
) -> None:
    with pytest.raises(BadRequestError, match=words) as refusal:
        sdk.completions.create(**{**BASE, **wanted})
    assert refusal.value.param == param


def test_a_prompt_and_a_model_are_needed(sdk: OpenAI) -> None:
    with pytest.raises(BadRequestError, match="'prompt'"):
        sdk.completions.create(**{**BASE, "prompt": None})
    with pytest.raises(NotFoundError):
        sdk.completions.create(**{**BASE, "model": "davinci-002"})
