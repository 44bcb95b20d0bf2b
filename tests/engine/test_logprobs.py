"""Probabilities and several answers of /v1/chat/completions, with the stock SDK."""

import math
from typing import Any

from openai import OpenAI
from openai.types.chat.chat_completion import Choice, ChoiceLogprobs

from apps.engine.tiny.generation import TokenChoice
from apps.engine.wire import probabilities

HELLO = [{"role": "user", "content": "Hello"}]
BASE: dict[str, Any] = {"model": "tiny-chat-1m", "messages": HELLO, "temperature": 0}


def choices(sdk: OpenAI, **wanted: Any) -> list[Choice]:
    return sdk.chat.completions.create(**{**BASE, **wanted}).choices


def told(choice: Choice) -> ChoiceLogprobs:
    assert choice.logprobs is not None
    return choice.logprobs


def test_every_byte_of_an_answer_has_its_probability(sdk: OpenAI) -> None:
    (choice,) = choices(sdk, logprobs=True, top_logprobs=3)
    content = told(choice).content
    assert "".join(token.token for token in content) == choice.message.content
    for token in content:
        assert token.logprob <= 0
        assert token.bytes == [ord(token.token)]
        assert len(token.top_logprobs) == 3
        # At temperature 0 the likeliest one is taken.
        assert token.top_logprobs[0].token == token.token
        assert math.fsum(math.exp(each.logprob) for each in token.top_logprobs) <= 1 + 1e-9


def test_a_stream_tells_the_same_piece_by_piece(sdk: OpenAI) -> None:
    wanted = {"logprobs": True, "top_logprobs": 2, "stop": ["e"]}
    (whole,) = choices(sdk, **wanted)
    pieces = [
        chunk.choices[0] for chunk in sdk.chat.completions.create(**BASE, **wanted, stream=True)
    ]
    for piece in pieces[1:-1]:
        tokens = "".join(token.token for token in piece.logprobs.content)
        assert tokens == piece.delta.content != ""
    assert (pieces[0].logprobs, pieces[-1].logprobs) == (None, None)
    streamed = [token for piece in pieces[1:-1] for token in piece.logprobs.content]
    assert [token.model_dump() for token in streamed] == [
        token.model_dump() for token in told(whole).content
    ]


def test_no_alternatives_and_no_probabilities_unless_they_are_asked_for(sdk: OpenAI) -> None:
    (bare,) = choices(sdk, logprobs=True)
    assert [token.top_logprobs for token in told(bare).content] == [[]] * len(bare.message.content)
    assert choices(sdk)[0].logprobs is None
    assert choices(sdk, logprobs=False, top_logprobs=0)[0].logprobs is None


def test_probabilities_do_not_depend_on_the_temperature(sdk: OpenAI) -> None:
    (cold,), (hot,) = (
        choices(sdk, logprobs=True, top_logprobs=5, temperature=heat, seed=1, max_tokens=1)
        for heat in (0, 2)
    )
    assert told(cold).content[0].top_logprobs == told(hot).content[0].top_logprobs


def test_bytes_of_longer_characters_are_told_as_openai_does() -> None:
    euro = [TokenChoice(byte, -0.5, ((byte, -0.5), (260, -2.0))) for byte in "€".encode()]
    content = probabilities.for_chat(euro)["content"]
    assert [token["token"] for token in content] == ["\\xe2", "\\x82", "\\xac"]
    assert b"".join(bytes(token["bytes"]) for token in content).decode() == "€"
    assert content[0]["top_logprobs"][1] == {
        "token": "<|end_of_turn|>",
        "logprob": -2.0,
        "bytes": None,
    }
    told = probabilities.for_completion([*euro, TokenChoice(ord("!"), -1.0, ())], 7)
    assert told["tokens"] == ["bytes:\\xe2", "bytes:\\x82", "bytes:\\xac", "!"]
    assert told["text_offset"] == [7, 7, 7, 8]


def test_several_answers_have_seeds_that_follow_each_other(sdk: OpenAI) -> None:
    wild = {"temperature": 2, "max_tokens": 20}
    answer = sdk.chat.completions.create(**{**BASE, **wild}, n=3, seed=5)
    texts = [choice.message.content for choice in answer.choices]
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    alone = [choices(sdk, **wild, seed=seed)[0].message.content for seed in (5, 6, 7)]
    assert texts == alone
    assert len(set(texts)) == 3
    written = sum(len(text.encode()) for text in texts)
    assert abs(answer.usage.completion_tokens - written) <= 3 * 3  # cut within a character


def test_several_answers_stream_each_under_its_number(sdk: OpenAI) -> None:
    wanted = {**BASE, "n": 2, "seed": 5, "temperature": 2, "max_tokens": 20}
    whole = sdk.chat.completions.create(**wanted)
    options = {"include_usage": True}
    texts, reasons, usage = ["", ""], ["", ""], None
    for chunk in sdk.chat.completions.create(**wanted, stream=True, stream_options=options):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
            reasons[choice.index] += choice.finish_reason or ""
    assert texts == [choice.message.content for choice in whole.choices]
    assert reasons == [choice.finish_reason for choice in whole.choices]
    assert usage == whole.usage
