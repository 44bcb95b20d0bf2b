"""A row as a question: what is asked and expected, in evals as in the playground."""

import json
from typing import Any

import pytest

from apps.datasets.rows import calls
from apps.datasets.rows.questions import question_of
from apps.datasets.rows.reading import as_row
from apps.evals.questions import cases

USER = {"role": "user", "content": "When?"}
CALL = {"name": "tide", "arguments": '{"day": 1}'}
CALLS = {"role": "assistant", "content": "Let me see.", "tool_calls": [{"function": CALL}]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "8:00"}
SAYS = {"role": "assistant", "content": "At eight."}
OLDER = {"role": "assistant", "content": None, "function_call": CALL}
AS_TEXT = '[{"arguments":{"day":1},"name":"tide"}]'


def row(data: Any) -> Any:
    line = json.dumps(data).encode()
    return as_row(1, line, size=len(line))


@pytest.mark.parametrize(
    ("messages", "asked", "expected"),
    [
        ([USER, SAYS], 1, "At eight."),
        ([USER, CALLS], 1, AS_TEXT),
        ([USER, OLDER], 1, AS_TEXT),
        ([USER, CALLS, RESULT], 1, AS_TEXT),
        ([USER, CALLS, RESULT, SAYS], 3, "At eight."),
        ([USER, SAYS, USER, CALLS], 3, AS_TEXT),
        ([USER, SAYS, USER], 3, ""),
        ([USER], 1, ""),
    ],
)
def test_the_last_answer_is_expected_and_everything_before_it_is_asked(
    messages: list[Any], asked: int, expected: str
) -> None:
    found = question_of(row({"messages": messages, "tools": [{"type": "function"}]}))
    of_eval = cases.question_of(row({"messages": messages, "tools": [{"type": "function"}]}))
    assert found
    assert of_eval
    assert [each["role"] for each in found.messages] == [each["role"] for each in messages[:asked]]
    assert (found.answer, found.calls_tool) == (expected, expected == AS_TEXT)
    told = (of_eval.messages, of_eval.expected, of_eval.tools)
    assert told == (found.messages, found.answer, found.tools)


@pytest.mark.parametrize("messages", [[], [SAYS], [{"role": "system", "content": "Hi"}, SAYS]])
def test_where_nobody_asks_there_is_no_question(messages: list[Any]) -> None:
    assert question_of(row({"messages": messages})) is None
    assert cases.question_of(row({"messages": messages})) is None


def test_a_preference_expects_the_last_preferred_message() -> None:
    data = {"input": {"messages": [USER]}, "preferred_output": [CALLS]}
    found = question_of(row(data))
    assert found
    assert (found.answer, len(found.messages)) == (AS_TEXT, 1)
    nothing = question_of(row({"input": {"messages": [USER, SAYS, USER]}, "preferred_output": []}))
    assert nothing
    assert (nothing.answer, len(nothing.messages)) == ("", 3)


def test_the_same_call_is_the_same_text() -> None:
    one = calls.as_text([("tide", '{ "port": "Brest",\n"day": 1}')])
    assert one == calls.as_text([("tide", '{"day":1,"port":"Brest"}')])
    assert calls.in_text(one) == [("tide", '{"day":1,"port":"Brest"}')]
    assert calls.in_text(calls.as_text([("tide", "{oops")])) == [("tide", "{oops")]


@pytest.mark.parametrize(
    "text", ["", "At eight.", "[{", '[{"name": "x"}]', '[{"name": 1, "arguments": {}}]', "[1]"]
)
def test_other_texts_are_no_calls(text: str) -> None:
    assert calls.in_text(text) == []


@pytest.mark.parametrize("depth", [253, 600, 2000])
def test_a_call_nested_too_deep_to_be_written_stays_text(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    said = calls.as_text([("tide", deep)])
    assert json.loads(said) == [{"arguments": deep, "name": "tide"}]
    assert calls.in_text(said) == [("tide", deep)]
    assert calls.in_text(f'[{{"arguments":{deep},"name":"tide"}}]') == []


def test_a_row_nested_too_deep_is_a_question_all_the_same() -> None:
    deep: Any = []
    for _level in range(300):
        deep = [deep]
    call = {"role": "assistant", "function_call": {"name": "tide", "arguments": deep}}
    found = question_of(row({"messages": [USER, call]}))
    assert found
    assert found.answer == '[{"arguments":"","name":"tide"}]'
