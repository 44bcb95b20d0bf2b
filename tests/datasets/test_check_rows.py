"""Every rule for rows: the row that breaks it, where the finding points, and the row put right."""

import json
from typing import Any

import pytest

from apps.datasets.check.examples import read_example
from apps.datasets.rulebook.words import hint, message
from tests.datasets.good_rows import MORE_GOOD
from tests.datasets.rule_cases.rows import (
    ANSWER,
    CASES,
    USER,
    Case,
    calling,
    chat,
    compared,
    task,
)


def found_in(row: Any, **options: Any) -> list[tuple[str, str]]:
    line = row if isinstance(row, bytes) else json.dumps(row).encode()
    return [(finding.code, finding.path) for finding in read_example(line, **options).findings]


@pytest.mark.parametrize("row", MORE_GOOD.values(), ids=MORE_GOOD.keys())
def test_a_valid_row_has_no_findings(row):
    assert found_in(row) == []


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case.code}" for n, case in enumerate(CASES)])
def test_a_broken_rule_is_found_where_it_is_broken_and_nowhere_else(case: Case):
    assert (case.code, case.path) in found_in(case.bad, expected=case.kind)
    assert found_in(case.good, expected=case.kind) == []


@pytest.mark.parametrize(
    ("row", "form"),
    [
        (chat(USER, ANSWER), "chat"),
        (chat(USER), "chat"),
        (chat(USER, ANSWER, score=1), "chat"),
        (task(), "reinforcement"),
        (compared(), "preference"),
        ({"input": {"messages": []}}, "preference"),
        ({"prompt": "x", "chosen": "y", "rejected": "z"}, "preference"),
        ({"prompt": "x"}, "prompt_completion"),
        ({"instruction": "x", "output": "y"}, ""),
    ],
)
def test_the_kind_of_a_row_is_recognised_by_its_keys(row, form):
    assert read_example(json.dumps(row).encode()).format == form


def test_a_chat_that_lacks_its_answer_is_still_one_among_chats():
    assert found_in(task(), expected="chat") == [
        ("extra_key", "reference_answer"),
        ("missing_assistant", "messages"),
    ]


@pytest.mark.parametrize(
    ("row", "suggestion"),
    [
        (chat(USER, {"role": "asistant", "content": "x"}), "assistant"),
        (chat({"role": "human", "content": "x"}, ANSWER), "user"),
        (chat({"role": "User ", "content": "x"}, ANSWER), "user"),
        ({"mesages": [USER, ANSWER]}, "messages"),
        (compared(prefered_output=[]), "preferred_output"),
        (chat({"role": "user", "contents": "x"}, ANSWER), "content"),
        (calling(function={"name": "wether", "arguments": "{}"}), "weather"),
        (task(tool=[]), "tools"),
    ],
)
def test_a_slip_of_the_pen_gets_a_suggestion(row, suggestion):
    if suggestion == "preferred_output":
        del row["preferred_output"]
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
