"""Answers out of files: every shape, and every line that holds none."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.evals.records.recordings import question_key
from apps.evals.records.transcripts import read

ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who steers?"}]
SAID = {"role": "assistant", "content": "The captain."}
REPLY = {
    "model": "ft:old",
    "choices": [{"message": SAID, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 3},
}
PARTS = [{"type": "text", "text": "Who "}, {"type": "text", "text": "steers?"}]


def lines(*told):
    return [json.dumps(each).encode() + b"\n" for each in told]


def of(*told):
    return read([("a.jsonl", lines(*told))])


@pytest.mark.parametrize(
    "told",
    [
        {"messages": ASKED, "answer": "The captain."},
        {"messages": [*ASKED, {**SAID, "weight": 1}]},
        {"messages": ASKED, **REPLY},
        {"messages": [ASKED[0], {"role": "user", "content": PARTS}], "answer": "The captain."},
    ],
)
def test_every_shape_is_read_and_finds_its_question(told):
    found = of(told)
    (spoken,) = found.answers
    assert not found.bad
    assert (spoken.text, spoken.question_key) == ("The captain.", question_key(ASKED))


def test_the_files_of_a_batch_meet_by_custom_id_in_whatever_order():
    asked = {"custom_id": "q-1", "method": "POST", "url": "/v1/chat/completions",
             "body": {"model": "ft:old", "messages": ASKED}}  # fmt: skip
    told = {"custom_id": "q-1", "response": {"status_code": 200, "body": REPLY}, "error": None}
    lost = {**told, "custom_id": "q-2"}
    no = {"custom_id": "q-1", "response": {"status_code": 400,
          "body": {"error": {"message": "Too long."}}}, "error": None}  # fmt: skip
    late = {"custom_id": "q-1", "response": None, "error": {"message": "Expired."}}
    for files in (
        [("out", lines(told, lost, no, late)), ("in", lines(asked))],
        [("in", lines(asked)), ("out", lines(told, lost, no, late))],
    ):
        found = read(files)
        (spoken,) = found.answers
        assert spoken.question_key == question_key(ASKED)
        assert (found.model, spoken.facts) == (
            "ft:old",
            {
                "served_model": "ft:old",
                "finish_reason": "stop",
                "prompt_tokens": 9,
                "completion_tokens": 3,
            },
        )
        assert [(each.file, each.line) for each in found.bad] == [("out", n) for n in (2, 3, 4)]
        words = " ".join(each.words for each in found.bad)
        assert "“q-2”" in words
        assert "Too long." in words
        assert "Expired." in words


@pytest.mark.parametrize(
    ("asked", "reply"),
    [
        (
            {"input": "Who steers?", "instructions": "Be brief."},
            {"output": [{"type": "reasoning", "summary": []},
                        {"type": "message", "content": [
                            {"type": "output_text", "text": "The captain."}]}],
             "status": "completed", "usage": {"input_tokens": 9, "output_tokens": 3}},
        ),
        (
            {"input": [ASKED[0], {"role": "user", "content": [
                {"type": "input_text", "text": "Who steers?"}]}]},
            {"output": [{"content": [{"type": "output_text", "text": "The captain."}]}]},
        ),
    ],
)  # fmt: skip
def test_a_batch_may_have_asked_for_responses(asked, reply):
    files = [
        ("in", lines({"custom_id": "1", "body": asked})),
        ("out", lines({"custom_id": "1", "response": {"status_code": 200, "body": reply}})),
    ]
    found = read(files)
    (spoken,) = found.answers
    assert (spoken.text, spoken.question_key) == ("The captain.", question_key(ASKED))
    if "usage" in reply:
        assert (spoken.facts["prompt_tokens"], spoken.facts["completion_tokens"]) == (9, 3)


def test_a_batch_may_have_asked_for_completions():
    files = [
        ("in", lines({"custom_id": "1", "body": {"prompt": "Who?"}})),
        (
            "out",
            lines(
                {
                    "custom_id": "1",
                    "response": {"status_code": 200, "body": {"choices": [{"text": " Me."}]}},
                }
            ),
        ),
    ]
    assert read(files).answers[0].text == " Me."


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{", "This is no JSON."),
        (b"[1]", "This is no JSON object."),
        (b'"\xff"', "This is no JSON."),
        (b'{"messages": []}', "The messages are missing"),
        (b'{"messages": [1], "answer": "x"}', "The messages are missing"),
        (b'{"messages": [{"role": "user", "content": "Hi"}]}', "There is no answer"),
        (b'{"messages": [{"role": "user", "content": "Hi"}], "answer": 1}', "is no text"),
        (b'{"messages": [{"role": "system", "content": "Hi"}], "answer": "x"}', "Nobody asks"),
        (b'{"messages": [{"role": "user", "content": "Hi"}], "choices": []}', "no answer"),
        (b'{"messages": [{"role": "user", "content": "Hi"}], "choices": [1]}', "is no text"),
        (b'{"prompt": 1}', "is no text"),
        (b'{"input": "Hi", "output": []}', "is no text"),
        (b'{"input": "Hi", "output": 7}', "no answer"),
        (b'{"custom_id": 1, "body": {}}', "The messages are missing"),
        (b'{"custom_id": 1, "response": 7}', "gave no answer"),
        (b"[" * 10_000, "This is no JSON."),
        (b'"' + b"x" * 1_000_001 + b'"', "longer than 1000000 bytes"),
    ],
)
def test_a_line_without_an_answer_is_named(line, words):
    good = lines({"messages": ASKED, "answer": "x"})
    found = read([("a.jsonl", [b"\xef\xbb\xbf\n", line + b"\n", *good])])
    (bad,) = found.bad
    assert (bad.file, bad.line) == ("a.jsonl", 2)
    assert words in bad.words
    assert len(found.answers) == 1


def test_more_answers_to_one_question_are_samples_of_it():
    found = of(*[{"messages": ASKED, "answer": str(n)} for n in range(11)])
    assert [each.sample for each in found.answers] == list(range(10))
    assert found.bad[0].line == 11


def test_what_no_database_keeps_is_not_kept():
    found = of({"messages": [{"role": "user", "content": "a\0b"}], "answer": "c\0d"})
    assert (found.answers[0].messages[0]["content"], found.answers[0].text) == (
        "a\ufffdb",
        "c\ufffdd",
    )


def test_a_file_of_nonsense_is_counted_and_not_all_kept():
    found = read([("a", [b"x\n"] * 1_000)])
    assert (found.bad_count, len(found.bad)) == (1_000, 200)


def test_a_question_is_the_same_however_it_was_written_down():
    spaced = [{"content": " Who steers?\n", "role": "user", "weight": 0, "name": None}]
    assert question_key(spaced) == question_key([{"role": "user", "content": "Who steers?"}])
    assert question_key(ASKED) != question_key(ASKED[1:])
    tools = [{"role": "assistant", "tool_calls": [{"id": "a"}]}]
    assert question_key(tools) != question_key([{"role": "assistant"}])


KEYS = st.sampled_from(
    ["messages", "answer", "choices", "message", "content", "role", "custom_id", "body", "error",
     "response", "status_code", "usage", "prompt_tokens", "model", "prompt", "completion",
     "input", "output", "text", "instructions"]
)  # fmt: skip
LEAVES = st.sampled_from([None, True, 200, -1, 2**70, 0.5, "user", "x\0", ASKED, REPLY])
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, ANYTHING, max_size=6))
def test_whatever_a_line_holds_it_is_an_answer_or_it_is_named(told):
    found = of(told)
    is_request = "custom_id" in told and isinstance(told.get("body"), dict)
    assert found.answers or found.bad_count or is_request
