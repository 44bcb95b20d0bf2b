"""Pieces of answers, from those who follow no rules."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.providers.adapters import answers
from apps.providers.adapters.openai.chunks import (
    MOST_ALTERNATIVES,
    MOST_CALLS,
    MOST_TOKENS,
    chat_chunk,
    completion_chunk,
)
from apps.providers.types import ChatChunk, TokenLogprob, ToolCallPiece

ODD, STORABLE = "a\x00b\ud800c", "a\ufffdb\ufffdc"
NAMES = st.sampled_from(
    [
        *("choices", "delta", "text", "token", "tokens", "token_logprobs", "top_logprobs"),
        *("logprobs", "content", "refusal", "logprob", "tool_calls", "function", "index"),
        *("id", "name", "arguments", "usage", "prompt_tokens", "finish_reason"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)
LOGPROBS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("content", "tokens", "token_logprobs", "top_logprobs"), JSON),
)
CALL = st.fixed_dictionaries({"index": JSON, "function": st.dictionaries(NAMES, JSON)})
CHOICE = st.fixed_dictionaries(
    {
        "logprobs": LOGPROBS | JSON,
        "delta": st.fixed_dictionaries({"tool_calls": st.lists(CALL)}),
        "text": JSON,
    }
)


def chunk(**choice: Any) -> ChatChunk:
    return chat_chunk({"choices": [{"delta": {"content": "Hi"}, **choice}]})


def sure(**logprobs: Any) -> Any:
    return chunk(logprobs=logprobs).logprobs


def pieces(*calls: Any) -> Any:
    return chunk(delta={"tool_calls": list(calls)}).tool_calls


@settings(max_examples=40)
@given(CHOICE)
def test_whatever_comes_a_piece_can_be_stored(choice: Any) -> None:
    for read in (chat_chunk, completion_chunk):
        found = read(answers.parse(json.dumps({"choices": [choice]}).encode()))
        for token in found.logprobs:
            told = ((token.token, token.logprob), *token.top)
            assert all(math.isfinite(logprob) and logprob <= 0 for _name, logprob in told)
            assert (token.token, token.logprob) in token.top
            "".join(name for name, _logprob in told).encode()
        for call in found.tool_calls:
            (call.id + call.name + call.arguments).encode()
            assert 0 <= call.index < MOST_CALLS


def test_the_three_shapes_of_probabilities_say_the_same() -> None:
    expected = [TokenLogprob("Hi", -0.5, [("Hi", -0.5), ("Yo", -1.5)])]
    alternatives = [{"token": "Yo", "logprob": -1.5}, {"token": "Hi", "logprob": -0.5}]
    content = [{"token": "Hi", "logprob": -0.5, "bytes": None, "top_logprobs": alternatives}]
    named = {"Yo": -1.5, "Hi": -0.5}
    assert sure(content=content) == expected
    assert sure(content=None, refusal=content) == expected
    assert sure(tokens=["Hi"], token_logprobs=[-0.5], top_logprobs=[named]) == expected
    assert chunk(logprobs=-0.5, top_logprobs=named).logprobs == expected
    token = {"id": 1, "text": "Hi", "logprob": -0.5, "special": False}
    told = {"token": token, "choices": [{"text": "Hi", "top_logprobs": named}]}
    assert completion_chunk(told).logprobs == expected


def test_a_chosen_token_that_was_unlikely_stands_below_its_alternatives() -> None:
    named = [{"Yo": -0.1, "Hey": -0.2}]
    (token,) = sure(tokens=["Hi"], token_logprobs=[-9.0], top_logprobs=named)
    assert token.top == [("Yo", -0.1), ("Hey", -0.2), ("Hi", -9.0)]


@pytest.mark.parametrize("number", [float("nan"), float("-inf"), None, "0.5", True, 10**400])
def test_a_token_without_a_number_has_no_probability(number: object) -> None:
    told = [number, -0.5]
    named = [None, {"b": -0.5, "c": number}]
    found = sure(tokens=["a", "b"], token_logprobs=told, top_logprobs=named)
    assert found == [TokenLogprob("b", -0.5, [("b", -0.5)])]


def test_more_than_certain_is_certain() -> None:
    (token,) = sure(content=[{"token": "a", "logprob": 3.5, "top_logprobs": []}])
    assert (token.logprob, token.top) == (0.0, [("a", 0.0)])


def test_lists_without_an_end_are_cut() -> None:
    many = MOST_TOKENS * 3
    assert len(sure(tokens=["a"] * many, token_logprobs=[-1] * many)) == MOST_TOKENS
    assert len(sure(content=[{"token": "a", "logprob": -1}] * many)) == MOST_TOKENS
    named = {f"t{number}": -number for number in range(5_000)}
    (token,) = sure(tokens=["t0"], token_logprobs=[0], top_logprobs=[named])
    assert len(token.top) == MOST_ALTERNATIVES
    assert len(pieces(*[{"id": "c"}] * 10_000)) == MOST_CALLS


def test_tokens_that_no_database_takes_are_made_storable() -> None:
    (token,) = sure(tokens=[ODD], token_logprobs=[-1], top_logprobs=[{ODD: -1, "b\x00": -2}])
    assert token.top == [(STORABLE, -1.0), ("b\ufffd", -2.0)]
    assert token.token == STORABLE


def test_calls_without_order_have_that_of_their_places() -> None:
    call = {"id": "c", "function": {"name": "f", "arguments": "{}"}}
    expected = [ToolCallPiece(0, "c", "f", "{}"), ToolCallPiece(1, "c", "f", "{}")]
    assert pieces(call, call) == expected
    assert pieces(call | {"index": 10**9}, call | {"index": -1}) == expected


def test_strange_parts_of_calls_are_empty() -> None:
    strange = {"index": "x", "id": 5, "function": {"name": ["f"], "arguments": 7}}
    assert pieces(strange, None, "x", {}) == [ToolCallPiece(0), ToolCallPiece(3)]
    assert chunk(delta={"tool_calls": {"0": strange}}).tool_calls == []


def test_arguments_that_come_as_an_object_become_text() -> None:
    arguments: Any = {"a": [10**30, "\ud800\x00", float("nan")]}
    (piece,) = pieces({"index": 0, "function": {"name": "f", "arguments": arguments}})
    assert json.loads(piece.arguments) == {"a": [10**30, "\ufffd\ufffd", None]}


def test_arguments_without_a_bottom_are_none() -> None:
    arguments: Any = {}
    for _ in range(5_000):
        arguments = {"a": arguments}
    (piece,) = pieces({"index": 0, "function": {"name": "f", "arguments": arguments}})
    assert piece.arguments == ""


def test_names_of_calls_have_an_end() -> None:
    (piece,) = pieces({"id": "i" * 10_000, "function": {"name": "f" * 10_000}})
    assert (len(piece.id), len(piece.name)) == (200, 200)
