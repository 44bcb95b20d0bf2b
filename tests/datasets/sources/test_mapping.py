"""Columns become parts of an example, by choice or by a guess."""

import json

import pytest

from apps.datasets.sources import Table, guess, sure
from apps.datasets.sources.examples import Maker
from apps.datasets.sources.mapping import Mapping, mapping_from

CALLS = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]


def guessed(*columns: str, cells: tuple[object, ...] = ()) -> dict[str, str]:
    return guess(Table(list(columns), [list(cells or ("x",) * len(columns))])).roles


@pytest.mark.parametrize(
    ("columns", "roles"),
    [
        (("question", "answer"), {"question": "user", "answer": "assistant"}),
        (("id", "User Message", "Reply"), {"User Message": "user", "Reply": "assistant"}),
        (
            ("instruction", "input", "output"),
            {"instruction": "user", "input": "context", "output": "assistant"},
        ),
        (("text", "label"), {"text": "user", "label": "assistant"}),
        (
            ("System Prompt", "prompt", "response"),
            {"System Prompt": "system", "prompt": "user", "response": "assistant"},
        ),
        (
            ("prompt", "chosen", "rejected"),
            {"prompt": "user", "chosen": "preferred", "rejected": "non_preferred"},
        ),
        (("id", "prompt", "completion"), {"prompt": "prompt", "completion": "completion"}),
        (("id", "messages", "tools"), {"messages": "conversation", "tools": "tools"}),
        (
            ("Prompt", "Ideal answer", "Notes"),
            {"Prompt": "user", "Ideal answer": "assistant"},
        ),
        (("Frage", "Antwort", "Kategorie"), {"Frage": "user", "Antwort": "assistant"}),
        (("编号", "问题", "回答"), {"问题": "user", "回答": "assistant"}),
        (("Prompt", "Note", "Author"), {"Prompt": "user"}),
        (("Question", "What to say"), {"Question": "user", "What to say": "assistant"}),
        (("foo", "bar"), {"foo": "user", "bar": "assistant"}),
        (("foo",), {"foo": "completion"}),
        (("foo", "bar", "baz"), {}),
    ],
)
def test_names_of_columns_are_understood(columns, roles):
    assert guessed(*columns) == roles


def test_cells_that_hold_conversations_are_recognised_under_any_name():
    assert guessed("id", "xyz", cells=("1", json.dumps(CALLS))) == {"xyz": "conversation"}
    assert guessed("id", "xyz", "b", cells=("1", "[not json", "c")) == {}


@pytest.mark.parametrize(
    ("columns", "is_sure"),
    [
        (["messages"], True),
        (["messages", "tools"], True),
        (["prompt", "completion"], True),
        (["prompt", "completion", "id"], False),
        (["prompt"], False),
        (["tools"], False),
        (["question", "answer"], False),
    ],
)
def test_only_unmistakable_columns_are_taken_without_asking(columns, is_sure):
    assert (sure(Table(columns, [])) is not None) is is_sure


@pytest.mark.parametrize(
    ("roles", "problem"),
    [
        ({}, "nothing"),
        ({"a": "user", "b": "user", "c": "assistant"}, "twice"),
        ({"a": "prompt", "b": "assistant"}, "mixed"),
        ({"a": "conversation", "b": "assistant"}, "conversation_alone"),
        ({"a": "user"}, "missing_chat"),
        ({"a": "prompt"}, "missing_prompt_completion"),
        ({"a": "user", "b": "preferred"}, "missing_preference"),
        ({"a": "reference"}, "missing_reinforcement"),
        ({"a": "user", "b": "reference", "c": "reference"}, ""),
        ({"a": "assistant"}, ""),
        ({"a": "conversation", "b": "system"}, ""),
    ],
)
def test_roles_that_make_no_example_are_named(roles, problem):
    assert Mapping(roles, list("abc")).problem == problem


def made(roles: dict[str, str], record: dict[str, object], system_prompt: str = ""):
    return Maker(Mapping(roles, list(record), system_prompt))(record)


def test_a_fixed_system_prompt_stands_where_a_row_has_none_of_its_own():
    roles = {"s": "system", "u": "user", "c": "context", "a": "assistant"}
    said = made(roles, {"u": "Hi", "c": "It rains.", "a": "Hello"}, "Be kind.")["messages"]
    assert [m["content"] for m in said] == ["Be kind.", "Hi\n\nIt rains.", "Hello"]
    assert made(roles, {"s": "Be cross."}, "Be kind.")["messages"][0]["content"] == "Be cross."
    conversation = {"m": [{"role": "system", "content": "Mine."}, *CALLS]}
    assert made({"m": "conversation"}, conversation, "Be kind.") == {"messages": conversation["m"]}


def test_a_cell_that_should_hold_a_conversation_but_does_not_is_kept_for_the_check():
    assert made({"m": "conversation"}, {"m": "[oops"}, "x") == {"messages": "[oops"}


def test_tools_are_read_from_their_cell():
    tools = [{"type": "function", "function": {"name": "f"}}]
    record = {"m": json.dumps({"messages": CALLS}), "t": json.dumps(tools)}
    made_row = made({"m": "conversation", "t": "tools"}, record)
    assert made_row == {"messages": CALLS, "tools": tools}


def test_preferences_of_texts_and_of_whole_conversations():
    roles = {"q": "user", "y": "preferred", "n": "non_preferred"}
    texts = made(roles, {"q": "Hi", "y": "Hello", "n": "What"})
    other = [CALLS[0], {"role": "assistant", "content": "What"}]
    whole = made({"y": "preferred", "n": "non_preferred"}, {"y": CALLS, "n": json.dumps(other)})
    assert texts == whole == {
        "input": {"messages": [CALLS[0]]},
        "preferred_output": [CALLS[1]],
        "non_preferred_output": [other[1]],
    }  # fmt: skip


def test_a_prompt_without_its_column_is_empty_and_a_missing_completion_is_missing():
    assert made({"c": "completion"}, {"c": "Once"}) == {"prompt": "", "completion": "Once"}
    assert made({"p": "prompt", "c": "completion"}, {"p": "Once"}) == {"prompt": "Once"}


def test_references_for_a_grader_keep_their_names():
    roles = {"q": "user", "solution": "reference", "level": "reference"}
    row = made(roles, {"q": "2+2?", "solution": "4", "level": 1})
    assert row == {
        "messages": [{"role": "user", "content": "2+2?"}], "solution": "4", "level": 1,
    }  # fmt: skip


def test_a_mapping_is_the_same_after_it_was_stored():
    mapping = Mapping({"a": "user"}, ["a", "b"], "Be kind.", "Sheet", has_header=False)
    assert mapping_from(json.loads(json.dumps(mapping.as_json()))) == mapping
