"""The short road for everyday rows leads where the long road does."""

import random
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.datasets.check import chat, digests, features
from apps.datasets.check.everyday import everyday
from apps.datasets.check.examples import Example, read_example
from apps.datasets.check.lines import _slowly, parse, parse_all
from apps.datasets.check.token_counts import Texts
from apps.datasets.check.tokens import open_counter

SAID = ("Hello", "two words", " padded ", "line\n", "天气", "Straße", "\t", "", "nul\0", None, 7)


def random_row(chance: random.Random) -> dict[str, Any]:
    few = SAID if chance.random() < 0.3 else SAID[:6]
    messages = [
        {"role": chance.choice(("system", "user", "assistant")), "content": chance.choice(few)}
        for _ in range(chance.randint(0, 5))
    ]
    if chance.random() < 0.2 and messages:
        chance.choice(messages)[chance.choice(("name", "weight", "colour"))] = 1
    row: dict[str, Any] = {"messages": messages}
    return {**row, "tools": []} if chance.random() < 0.1 else row


def counted(example: Example, encoding: str) -> tuple[list[int], list[int]]:
    texts = Texts()
    texts.add(example)
    tokens, by_kind = texts.tokens(encoding, open_counter(encoding, fast=False))
    return tokens.tolist(), by_kind.tolist()


def test_both_roads_lead_to_the_same_place() -> None:
    chance, plain_rows = random.Random(11), 0
    for _ in range(600):
        row = random_row(chance)
        example = read_example(orjson.dumps(row))
        slow = sorted((f.code, f.path) for f in chat.row_findings(row))
        assert sorted((f.code, f.path) for f in example.findings) == slow, row
        if plain := everyday(row):
            plain_rows += 1
            is_answered = plain.roles[-1] == "assistant"
            parts = digests.parts_of_texts(plain.texts, is_answered=is_answered)
            assert parts == digests.parts_of(row)
            assert features.features_of_roles(plain.roles) == features.features_of(row)
            for encoding in ("o200k_base", "bytes"):
                long_road = counted(replace(example, plain=None), encoding)
                assert counted(example, encoding) == long_road
    assert 200 < plain_rows < 500


ROLES = st.sampled_from(("system", "user", "assistant"))
TEXTS = st.text(max_size=20) | st.sampled_from([text for text in SAID if isinstance(text, str)])
MESSAGES = st.lists(st.fixed_dictionaries({"role": ROLES, "content": TEXTS}), max_size=5)


@settings(max_examples=150, deadline=None, database=None)
@given(MESSAGES)
def test_the_short_road_finds_of_any_texts_what_the_long_road_finds(messages: list[Any]) -> None:
    row = {"messages": messages}
    short = read_example(orjson.dumps(row, default=str))
    assert sorted(short.findings) == sorted(chat.row_findings(row))
    if plain := short.plain:
        is_answered = plain.roles[-1] == "assistant"
        parts = digests.parts_of_texts(plain.texts, is_answered=is_answered)
        assert parts == digests.parts_of(row)


KEYS = st.sampled_from(('"a"', '"b"', '"a:b"', '"\\u0061"', '"a\\u003ab"', '"a\\u003Ab"'))
LINES = st.lists(st.lists(KEYS, max_size=4), max_size=5)


@settings(max_examples=150, deadline=None, database=None)
@given(LINES, st.sampled_from(("", "}", "NaN")))
def test_keys_that_repeat_are_found_in_many_lines_as_in_one(rows: list[Any], end: str) -> None:
    lines = [("{" + ", ".join(f"{key}: 1" for key in keys) + "}").encode() for keys in rows]
    lines = [*lines, end.encode()]
    read = parse_all(lines, b"\n".join(lines))
    assert read == list(map(parse, lines))
    slowly = [_slowly(line) for line in lines]
    assert [parsed if parsed in slowly else None for parsed in read] == slowly


@pytest.mark.parametrize("shift", range(4))
def test_an_escaped_colon_is_found_wherever_it_lies_in_a_large_block(shift: int) -> None:
    lines = [b'{"a": "%s"}' % (b"x" * (10_000 + shift)), b'{"a": "x", "a": "\\u003A"}']
    assert parse_all(lines, b"\n".join(lines)) == list(map(parse, lines))
    assert parse(lines[1]) == _slowly(lines[1])
