"""Tokens are OpenAI's own, whichever counter counts them."""

import json
import random

import numpy as np
import pytest

from apps.datasets.check.examples import read_example
from apps.datasets.check.token_counts import Texts
from apps.datasets.check.tokens import EXACT_CHARACTERS, count_bytes, encoding_for, open_counter

COOKBOOK_SAMPLE = (  # the six-message conversation of OpenAI's token-counting notebook
    (
        "system",
        None,
        "You are a helpful, pattern-following assistant that translates corporate jargon "
        "into plain English.",
    ),
    ("system", "example_user", "New synergies will help drive top-line growth."),
    ("system", "example_assistant", "Things working well together will increase revenue."),
    (
        "system",
        "example_user",
        "Let's circle back when we have more bandwidth to touch base on opportunities for "
        "increased leverage.",
    ),
    (
        "system",
        "example_assistant",
        "Let's talk later when we're less busy about how to do better.",
    ),
    (
        "user",
        None,
        "This late pivot means we don't have time to boil the ocean for the client deliverable.",
    ),
)


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4o-mini-2024-07-18", "o200k_base"),
        ("gpt-4.1-2025-04-14", "o200k_base"),
        ("ft:gpt-4.1-mini-2025-04-14:acme:parrot:abc", "o200k_base"),
        ("ft:gpt-3.5-turbo-0125:acme::abc", "cl100k_base"),
        ("gpt-4-0613", "cl100k_base"),
        ("babbage-002", "cl100k_base"),
        ("gpt-6-luna", "o200k_base"),
        ("ft:tiny-chat-1m:acme:parrot:abc", "bytes"),
    ],
)
def test_a_model_counts_in_the_encoding_of_its_base(model, encoding):
    assert encoding_for(model) == encoding


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize(("encoding", "total"), [("cl100k_base", 129), ("o200k_base", 124)])
def test_a_conversation_costs_what_the_cookbook_says(encoding, total, fast):
    messages = [
        {"role": role, "content": content, **({"name": name} if name else {})}
        for role, name, content in COOKBOOK_SAMPLE
    ]
    texts = Texts()
    texts.add(read_example(json.dumps({"messages": messages}).encode()))
    counts, _ = texts.tokens(encoding, open_counter(encoding, fast=fast))
    assert counts.tolist() == [total]


@pytest.mark.parametrize("fast", [False, True])
def test_special_tokens_inside_a_text_are_ordinary_text(fast):
    (count,) = open_counter("o200k_base", fast=fast)(["<|endoftext|>"])
    assert count > 1


def test_bytes_are_counted_as_the_engine_does():
    assert count_bytes(["abc", "é", "🎉", ""]).tolist() == [3, 2, 4, 0]


@pytest.mark.parametrize("text", [" " * 3_000_000, "a" * 3_000_000, "!" * 3_000_000])
def test_work_on_one_endless_text_is_bounded(text):
    (count,) = open_counter("o200k_base", fast=False)([text])
    (beginning,) = open_counter("o200k_base", fast=False)([text[:EXACT_CHARACTERS]])
    assert count == 3 * beginning


ODD = (
    *" \t\n\r\u00a0\u3000\u200d\u2028\0\x0b\x85", "'s", "'LL", "'ſ", "ſ", "K", "ı", "İ", "I'",
    " the", "123", "١٢٣", "\u0301", "ﬁ", "<|endoftext|>", "<|im_start|>", "<|fim_prefix|>",
    "def f(x):\n    ",
)  # fmt: skip
RANGES = ((32, 126), (0x20, 0x2FFF), (0x4E00, 0x9FFF), (0x1F300, 0x1FAFF), (0xE000, 0x10FFFF))


def hostile_texts(count: int) -> list[str]:
    """Make texts of odd characters, long repetitions and ordinary words, always the same ones."""
    chance = random.Random(20261121)

    def piece() -> str:
        if chance.random() < 0.4:
            return chance.choice(ODD)
        return chr(chance.randint(*chance.choice(RANGES)))

    def text() -> str:
        if chance.random() < 0.1:
            return piece() * chance.randint(1, 400)
        return "".join(piece() for _ in range(int(chance.expovariate(1 / 30))))

    return [text() for _ in range(count)]


@pytest.mark.parametrize("encoding", ["o200k_base", "cl100k_base"])
def test_the_fast_counter_agrees_with_tiktoken_on_hostile_text(encoding):
    pytest.importorskip("fastokens")
    texts = hostile_texts(6_000)
    fast, exact = (open_counter(encoding, fast=fast)(texts) for fast in (True, False))
    differing = np.flatnonzero(fast != exact)
    assert [texts[index] for index in differing] == []
