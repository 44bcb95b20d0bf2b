"""Equal numbers mean equal rows: what counts as equal, and what does not."""

from typing import Any

import numpy as np
import pytest

from apps.datasets.check import digests
from tests.datasets.rule_cases.rows import ANSWER, USER, compared


def chat(*turns: tuple[str, Any], **beside: Any) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": said} for role, said in turns], **beside}


HELLO = chat(("user", "Grüß Gott, ﬁne?"), ("assistant", "Yes, it is."))


def test_exact_ignores_only_the_order_of_keys() -> None:
    turned = {"messages": [dict(reversed(m.items())) for m in HELLO["messages"]]}
    assert digests.exact(turned) == digests.exact(HELLO)
    assert digests.exact(chat(("user", "Grüß Gott, ﬁne?"))) != digests.exact(HELLO)


def test_loose_ignores_capitals_white_space_and_forms_of_unicode() -> None:
    same = chat(("user", " GRÜSS  Gott,\u00a0\u3000fine? \n"), ("assistant", "yes, it\tis."))
    assert digests.loose(same) == digests.loose(HELLO)
    assert digests.exact(same) != digests.exact(HELLO)
    assert digests.loose(chat(("user", "Grüß Gott, ﬁne?"), ("assistant", "No."))) != digests.loose(
        HELLO
    )


@pytest.mark.parametrize("word", ["Привет", "ΣΊΣΥΦΟΣ", "TIẾNG VIỆT", "ÀÉÎ", "ԲԱՐԵՒ", "Ａ"])
def test_capitals_of_every_script_are_folded(word: str) -> None:
    assert digests.normalised(word) == digests.normalised(word.lower().casefold())


def test_where_a_message_ends_makes_a_difference() -> None:
    together = chat(("user", "a b"), ("assistant", "c"))
    apart = chat(("user", "a"), ("user", "b"), ("assistant", "c"))
    assert digests.question(together) != digests.question(apart)


def test_one_question_with_two_answers() -> None:
    other = chat(("user", "grüß gott, fine?"), ("assistant", "No."))
    assert digests.question(other) == digests.question(HELLO)
    assert digests.loose(other) != digests.loose(HELLO)
    with_tools = chat(("user", "Grüß Gott, fine?"), ("assistant", "No."), tools=[{"a": 1}])
    assert digests.question(with_tools) != digests.question(HELLO)


def test_a_short_answer_is_a_label_and_a_long_one_is_none() -> None:
    spam = chat(("user", "Is it?"), ("assistant", "Spam"))
    assert digests.label(spam) == digests.label({"prompt": "x", "completion": " spam\n"}) != 0
    assert digests.label(chat(("user", "Is it?"), ("assistant", "word " * 20))) == 0
    assert digests.label(chat(("user", "Is it?"))) == 0


def test_calls_count_as_an_answer_and_parts_as_their_text() -> None:
    def calling(city: str) -> dict[str, Any]:
        call = {"id": "1", "function": {"name": "weather", "arguments": city}}
        answer = {"role": "assistant", "content": None, "tool_calls": [call]}
        return {"messages": [{"role": "user", "content": "?"}, answer]}

    assert digests.question(calling("Rome")) == digests.question(calling("Oslo"))
    assert digests.loose(calling("Rome")) != digests.loose(calling("Oslo"))
    parts = chat(("user", [{"type": "text", "text": "Grüß Gott, fine?"}]))
    assert digests.question(parts) == digests.question(HELLO)


def test_pairs_preferences_and_graded_rows_have_a_question_and_an_answer() -> None:
    asked = {"messages": [{"role": "user", "content": "Q"}]}
    answers = [[{"role": "assistant", "content": text}] for text in ("good", "bad", "worse")]
    rows: list[dict[str, Any]] = [
        {"input": asked, "preferred_output": answers[0], "non_preferred_output": answers[1]},
        {"input": asked, "preferred_output": answers[0], "non_preferred_output": answers[2]},
        {"prompt": "q", "completion": "good"},
        {**asked, "reference": "4"},
        {**asked, "reference": "5"},
        chat(("user", "q"), ("assistant", "an answer")),
    ]
    assert len({digests.question(row) for row in rows}) == 1
    assert len({digests.loose(row) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    "data",
    [
        *(None, 3, "x", [], {}, {"messages": None}, {"messages": [None, 7, "x", {}]}),
        {"messages": [{"role": "assistant", "content": {"a": [1]}}]},
        {"messages": [{"role": "user", "content": "\ud800"}], "tools": 5},
        {"preferred_output": 3, "input": [1]},
        {"prompt": [1], "completion": None},
        {"prompt": {"a": 2**70}},
    ],
)
def test_no_shape_of_data_stops_a_digest(data: Any) -> None:
    for digest in (digests.exact, digests.loose, digests.question, digests.label):
        assert 0 <= digest(data) < 2**64


def test_arrays_are_combined_as_single_digests_are() -> None:
    asked, answered = np.array([1, 2**63, 2**64 - 1], np.uint64), np.array([5, 6, 7], np.uint64)
    together = digests.combined(asked, answered).tolist()
    pairs = zip(asked.tolist(), answered.tolist(), strict=True)
    assert together == [digests.combined(*pair) for pair in pairs]


def test_digests_stay_what_they_are() -> None:
    """They lie on disk beside older files: another value needs another columns.FORMAT."""
    row = {"prompt": "Is it spam?", "completion": " Spam"}
    assert digests.exact(row) == 2381779386838754746
    assert digests.loose(row) == 4196104233454690849


def test_both_spellings_of_a_preference_row_say_the_same():
    schema = {
        "input": {"messages": [USER]},
        "preferred_completion": [ANSWER],
        "non_preferred_completion": [{**ANSWER, "content": "What?"}],
    }
    assert digests.loose(schema) == digests.loose(compared()) != 0
    assert digests.question(schema) == digests.question(compared())
