"""One golden case per rule: the row that breaks it, and where the finding points."""

import json
from pathlib import Path
from typing import Any

import pytest

from apps.datasets.check.examples import read_example
from apps.datasets.check.failures import FAILURES
from apps.datasets.rulebook import RULES
from apps.datasets.rulebook.words import hint, message

USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}
FUNCTION = {"name": "weather", "arguments": '{"city": "Paris"}'}
CALL = {"id": "call_1", "type": "function", "function": FUNCTION}
CALLING = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "sunny"}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}}


def chat(*messages: Any, **keys: Any) -> dict[str, Any]:
    return {"messages": list(messages), **keys}


def answered(**changes: Any) -> dict[str, Any]:
    """A row whose answer is changed."""
    return chat(USER, {**ANSWER, **changes})


def calling(**changes: Any) -> dict[str, Any]:
    """A row whose tool call is changed."""
    return chat(USER, {"role": "assistant", "tool_calls": [{**CALL, **changes}]}, RESULT, ANSWER)


def asked(*parts: Any) -> dict[str, Any]:
    """A row whose question is a list of parts."""
    return chat({"role": "user", "content": list(parts)}, ANSWER)


def found_in(row: Any, **options: Any) -> list[tuple[str, str]]:
    line = row if isinstance(row, bytes) else json.dumps(row).encode()
    return [(finding.code, finding.path) for finding in read_example(line, **options).findings]


GOOD = {
    "plain": chat(USER, ANSWER),
    "with a system message": chat({"role": "system", "content": "Be kind."}, USER, ANSWER),
    "several turns": chat(USER, ANSWER, USER, ANSWER),
    "weights": chat(USER, {**ANSWER, "weight": 0}, USER, {**ANSWER, "weight": 1}),
    "names": chat({**USER, "name": "Ada"}, {**ANSWER, "name": "Bot"}),
    "tool calls": chat(USER, CALLING, RESULT, ANSWER),
    "tool calls with null content": chat(USER, {**CALLING, "content": None}, RESULT, ANSWER),
    "an answer that is a call": chat(USER, CALLING),
    "declared tools": chat(
        USER,
        CALLING,
        RESULT,
        ANSWER,
        tools=[{"type": "function", "function": {"name": "weather", "parameters": {}}}],
        parallel_tool_calls=False,
    ),
    "deprecated functions": chat(
        USER,
        {"role": "assistant", "content": None, "function_call": FUNCTION},
        {"role": "function", "name": "weather", "content": "sunny"},
        ANSWER,
        functions=[{"name": "weather", "description": "Say the weather", "parameters": {}}],
    ),
    "parts": asked({"type": "text", "text": "What is this?"}, IMAGE),
    "an answer in parts": answered(content=[{"type": "text", "text": "A cat"}]),
    "a refusal": chat(USER, {"role": "assistant", "content": None, "refusal": "No."}),
    "special tokens": chat({"role": "user", "content": "<|endoftext|>"}, ANSWER),
    "emoji and Chinese": chat({"role": "user", "content": "你好 👩‍💻"}, ANSWER),
    "an escaped colon": b'{"messages":[{"role":"user","content":"a\\u003ab"},'
    b'{"role":"assistant","content":"x:y"}]}',
    "prompt and completion": {"prompt": "2 + 2 =", "completion": " 4"},
    "an empty prompt": {"prompt": "", "completion": "Once upon a time"},
}


@pytest.mark.parametrize("row", GOOD.values(), ids=GOOD.keys())
def test_a_valid_row_has_no_findings(row):
    assert found_in(row) == []


BAD: list[tuple[str, str, Any]] = [
    # the line
    ("not_utf8", "", b'{"messages": "caf\xe9"}'),
    ("invalid_json", "", b'{"messages": [}'),
    ("invalid_json", "", b'{"messages": []} x'),
    ("invalid_json", "", b'{"n": ' + b"9" * 5000 + b"}x"),
    ("control_character", "", b'{"prompt": "a\x00b"}'),
    ("not_finite", "", b'{"prompt": NaN}'),
    ("not_finite", "", b'{"prompt": -Infinity}'),
    ("lone_surrogate", "", b'{"prompt": "\\ud83d", "completion": "x"}'),
    ("duplicate_key", "prompt", b'{"prompt": "a", "prompt": "b", "completion": "c"}'),
    ("duplicate_key", "a", b'{"prompt": {"a\\u003a": 1, "a":1, "a" : 2}}'),
    ("nested_too_deep", "", b'{"a":' * 900 + b"1" + b"}" * 900),
    ("nested_too_deep", "", b"[" * 200_000),
    ("nul_character", "messages[0].content", chat({"role": "user", "content": "a\0b"}, ANSWER)),
    ("nul_character", "prompt", {"prompt": "\0", "completion": "x"}),
    # the shape
    ("not_an_object", "", b"[1, 2]"),
    ("not_an_object", "", b"null"),
    ("not_an_object", "", b'"text"'),
    ("missing_key", "", {"mesages": [USER, ANSWER]}),
    ("missing_key", "", {}),
    ("missing_key", "", {"prompt": "x"}),
    ("wrong_type", "completion", {"prompt": "x", "completion": ["y"]}),
    ("empty_content", "completion", {"prompt": "x", "completion": ""}),
    ("extra_key", "weight", chat(USER, ANSWER, weight=1)),
    ("extra_key", "messages[1].tool_call_id", answered(tool_call_id="x")),
    ("wrong_type", "messages", {"messages": "Hi"}),
    ("wrong_type", "messages[0]", chat("Hi", ANSWER)),
    ("empty_list", "messages", {"messages": []}),
    ("preference_row", "", {"input": chat(USER), "preferred_output": [ANSWER]}),
    # messages
    ("missing_key", "messages[1]", chat(USER, {"content": "x"}, ANSWER)),
    ("wrong_type", "messages[0].role", chat({"role": ["user"], "content": "x"}, ANSWER)),
    ("unknown_role", "messages[1].role", chat(USER, {"role": "asistant", "content": "x"}, ANSWER)),
    ("unknown_role", "messages[0].role", chat({"role": "developer", "content": "x"}, USER, ANSWER)),
    ("missing_key", "messages[0]", chat({"role": "user"}, ANSWER)),
    ("wrong_type", "messages[0].content", chat({"role": "user", "content": None}, ANSWER)),
    ("wrong_type", "messages[0].content", chat({"role": "user", "content": 7}, ANSWER)),
    ("empty_content", "messages[1].content", answered(content="")),
    ("wrong_type", "messages[1].name", answered(name=7)),
    ("bad_weight", "messages[1].weight", answered(weight=0.5)),
    ("bad_weight", "messages[1].weight", answered(weight=True)),
    ("weight_not_assistant", "messages[0].weight", chat({**USER, "weight": 1}, ANSWER)),
    ("nothing_trained", "messages", answered(weight=0)),
    ("missing_assistant", "messages", chat(USER)),
    ("last_not_assistant", "messages", chat(USER, ANSWER, USER)),
    ("missing_user", "messages", chat(ANSWER)),
    # tools
    ("wrong_type", "parallel_tool_calls", chat(USER, ANSWER, parallel_tool_calls="no")),
    ("wrong_type", "tools", chat(USER, ANSWER, tools={})),
    ("wrong_type", "tools[0]", chat(USER, ANSWER, tools=["weather"])),
    ("missing_key", "tools[0]", chat(USER, ANSWER, tools=[{"type": "function"}])),
    ("too_many", "functions", chat(USER, ANSWER, functions=[{"name": "f"}] * 129)),
    ("bad_name", "functions[0].name", chat(USER, ANSWER, functions=[{"name": "two words"}])),
    ("wrong_type", "messages[1].tool_calls", chat(USER, {"role": "assistant", "tool_calls": 1})),
    ("empty_list", "messages[1].tool_calls", answered(tool_calls=[])),
    ("bad_value", "messages[1].tool_calls[0].type", calling(type="func")),
    (
        "arguments_not_json",
        "messages[1].tool_calls[0].function.arguments",
        calling(function={"name": "weather", "arguments": {"city": "Paris"}}),
    ),
    (
        "arguments_not_json",
        "messages[1].tool_calls[0].function.arguments",
        calling(function={"name": "weather", "arguments": "{city: Paris}"}),
    ),
    ("missing_key", "messages[2]", chat(USER, CALLING, {"role": "tool", "content": "x"}, ANSWER)),
    ("unknown_tool_call", "messages[1].tool_call_id", chat(USER, RESULT, ANSWER)),
    ("unanswered_tool_call", "messages[1].tool_calls[0]", chat(USER, CALLING, USER, ANSWER)),
    # parts and images
    ("empty_list", "messages[0].content", asked()),
    ("wrong_type", "messages[0].content[0]", asked("text")),
    ("missing_key", "messages[0].content[0]", asked({"text": "Hi"})),
    ("bad_value", "messages[0].content[0].type", asked({"type": "image", "url": "x"})),
    ("empty_content", "messages[0].content[0].text", asked({"type": "text", "text": ""})),
    ("image_not_user", "messages[1].content[0]", answered(content=[IMAGE])),
    ("too_many", "messages[0].content", asked(*[IMAGE] * 11)),
    (
        "bad_image_url",
        "messages[0].content[0].image_url.url",
        asked({"type": "image_url", "image_url": {"url": "/tmp/a.png"}}),
    ),
    (
        "bad_value",
        "messages[0].content[0].image_url.detail",
        asked({"type": "image_url", "image_url": {"url": "https://a.b/c", "detail": "medium"}}),
    ),
    (
        "wrong_type",
        "messages[0].content[0].image_url",
        asked({"type": "image_url", "image_url": "https://example.com/a.png"}),
    ),
]


@pytest.mark.parametrize(
    ("code", "path", "row"), BAD, ids=[f"{number}-{code}" for number, (code, *_) in enumerate(BAD)]
)
def test_a_broken_rule_is_found_where_it_is_broken(code, path, row):
    assert (code, path) in found_in(row)


def test_a_row_of_another_format_than_the_first_is_found():
    row = {"prompt": "x", "completion": "y"}
    assert found_in(row, expected="chat") == [("other_format", "")]


@pytest.mark.parametrize(
    ("row", "suggestion"),
    [
        (chat(USER, {"role": "asistant", "content": "x"}), "assistant"),
        (chat({"role": "developer", "content": "x"}, USER, ANSWER), "system"),
        (chat({"role": "User ", "content": "x"}, ANSWER), "user"),
        ({"mesages": [USER, ANSWER]}, "messages"),
        (chat({"role": "user", "contents": "x"}, ANSWER), "content"),
    ],
)
def test_a_slip_of_the_pen_gets_a_suggestion(row, suggestion):
    findings = read_example(json.dumps(row).encode()).findings
    assert f"Did you mean “{suggestion}”?" in [hint(f.code, f.params) for f in findings]


def test_all_problems_of_a_row_are_found_not_only_the_first():
    row = chat({"role": "user"}, {"role": "bot", "content": 3}, extra=1)
    codes = {code for code, _ in found_in(row)}
    assert codes >= {"extra_key", "missing_key", "unknown_role", "wrong_type"}


def test_a_row_with_thousands_of_problems_is_cut_short():
    findings = found_in({"messages": [{}] * 5_000})
    assert len(findings) == 51
    assert findings[-1] == ("more_in_row", "")


def test_what_is_stored_of_a_huge_value_is_short():
    row = chat({"role": "x" * 5_000_000, "content": "y"}, ANSWER)
    (finding,) = [f for f in read_example(json.dumps(row).encode()).findings if f.params]
    assert len(message(finding.code, finding.params)) < 200


def test_every_row_rule_has_a_golden_case():
    elsewhere = {
        "blank_line", "row_too_large", "other_format", "too_many_tokens", "too_few_examples",
        "exact_duplicates", "exact_copy", "more_copies", "more_problems", "more_in_row",
        "missing_system",
    }  # fmt: skip
    assert {code for code, _, _ in BAD} | elsewhere == set(RULES)


def test_the_manual_explains_every_code():
    manual = Path("docs/datasets.md").read_text()
    missing = [code for code in (*RULES, *FAILURES) if f"`{code}`" not in manual]
    assert missing == []
