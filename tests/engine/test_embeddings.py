"""/v1/embeddings, with the stock SDK and the base model."""

import math
from typing import Any

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

TEXTS = ["How do I reset my password?", "Tell me a joke", "Grüße 👍"]
MODEL = "tiny-chat-1m"


def vectors(sdk: OpenAI, texts: list[str], **wanted: Any) -> list[list[float]]:
    answer = sdk.embeddings.create(model=MODEL, input=texts, **wanted)
    assert [each.index for each in answer.data] == list(range(len(texts)))
    return [each.embedding for each in answer.data]


def cosine(one: list[float], other: list[float]) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def test_texts_become_vectors_of_length_one(sdk: OpenAI) -> None:
    answer = sdk.embeddings.create(model=MODEL, input=TEXTS)  # the SDK asks for base64 by itself
    assert (answer.object, answer.model) == ("list", MODEL)
    assert answer.usage.prompt_tokens == sum(len(text.encode()) for text in TEXTS)
    for each in answer.data:
        assert len(each.embedding) == 128
        assert cosine(each.embedding, each.embedding) == pytest.approx(1, abs=1e-5)


def test_numbers_and_packed_numbers_are_the_same(sdk: OpenAI) -> None:
    packed, plain = vectors(sdk, TEXTS), vectors(sdk, TEXTS, encoding_format="float")
    for one, other in zip(packed, plain, strict=True):
        assert one == pytest.approx(other, abs=1e-6)


def test_a_text_alone_is_a_text_among_others(sdk: OpenAI) -> None:
    alone = sdk.embeddings.create(model=MODEL, input=TEXTS[1]).data[0].embedding
    assert vectors(sdk, TEXTS)[1] == pytest.approx(alone, abs=1e-5)


def test_like_texts_are_nearer_than_others(sdk: OpenAI) -> None:
    asked, alike, other = vectors(
        sdk,
        [
            "How do I reset my password?",
            "Can you help me reset my password?",
            "Where do I find my invoices?",
        ],
    )
    assert cosine(asked, alike) > cosine(asked, other) + 0.05


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"input": ""}, "input", "cannot be empty"),
    ({"input": []}, "input", "cannot be empty"),
    ({"input": ["a", ""]}, "input", "cannot be empty"),
    ({"input": [1, 2]}, "input", "a string or an array of strings"),
    ({"input": "x" * 8193}, "input", "8192 bytes"),
    ({"input": ["x" * 8000] * 38}, "input", "300000 bytes"),
    ({"input": ["x"] * 2049}, "input", "at most 2048 texts"),
    ({"dimensions": 64}, "dimensions", "128 numbers"),
    ({"encoding_format": "hex"}, "encoding_format", "'float' and 'base64'"),
    ({"extra_body": {"prompt": "a"}}, "prompt", "Unknown parameter"),
]


@pytest.mark.parametrize(("wanted", "param", "words"), REFUSED)
def test_what_cannot_be_done_is_refused_in_words(
    sdk: OpenAI, wanted: dict[str, Any], param: str, words: str
) -> None:
    with pytest.raises(BadRequestError, match=words) as refusal:
        sdk.embeddings.create(**{"model": MODEL, "input": "a", **wanted})
    assert refusal.value.param == param


def test_an_unknown_model_is_refused(sdk: OpenAI) -> None:
    with pytest.raises(NotFoundError):
        sdk.embeddings.create(model="text-embedding-3-small", input="a")
