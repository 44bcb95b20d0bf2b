"""Redaction: consistent, reversible for nobody, and complete by the examination's own measure."""

import json

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.datasets.quality.private import find_private
from apps.datasets.quality.texts import texts_of
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.steps import StepError, build
from tests.datasets.quality.test_private import FOUND, INNOCENT


def redact(row, **params):
    [step] = build([{"step": "redact", **params}])
    after = step.apply(Row(1, orjson.dumps(row)))
    assert after is not None
    return orjson.loads(after.line)


def chat(*contents):
    return {"messages": [{"role": "user", "content": content} for content in contents]}


def contents(row):
    return [message["content"] for message in row["messages"]]


def test_one_value_has_one_name_in_a_row():
    row = chat("I am ann@acme.io, boss: bob@acme.io", "Hi ANN@acme.io", [{"text": "bob@acme.io"}])
    assert contents(redact(row)) == [
        "I am [EMAIL_1], boss: [EMAIL_2]",
        "Hi [EMAIL_1]",
        [{"text": "[EMAIL_2]"}],
    ]


def test_numbers_go_on_where_an_earlier_redaction_ended():
    assert contents(redact(chat("[EMAIL_3] wrote to bob@acme.io"))) == [
        "[EMAIL_3] wrote to [EMAIL_4]"
    ]


def test_a_phone_number_is_the_same_with_and_without_its_country():
    assert contents(redact(chat("+1 415-555-2671", "(415) 555-2671"))) == ["[PHONE_1]", "[PHONE_1]"]


def test_arguments_of_tools_stay_json():
    arguments = json.dumps({"to": "ann@acme.io", "card": 4111111111111111, "count": 3})
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": arguments}}
    row = {"messages": [{"role": "assistant", "tool_calls": [call]}]}
    after = redact(row)["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(after) == {"to": "[EMAIL_1]", "card": "[CARD_1]", "count": 3}


def test_only_the_kinds_that_were_chosen_are_replaced():
    row = {"prompt": "ann@acme.io at 8.8.4.4", "completion": "ok"}
    assert redact(row, kinds=["email"]) == {"prompt": "[EMAIL_1] at 8.8.4.4", "completion": "ok"}


def test_a_kind_that_does_not_exist_gets_a_sentence():
    with pytest.raises(StepError) as caught:
        build([{"step": "redact", "kinds": ["shoe size"]}])
    assert caught.value.field == "kinds"


@pytest.mark.parametrize("line", [b"{broken", b'{"a": [[1]]}', b'{"prompt": "a", "n": NaN}'])
def test_rows_without_anything_private_stay_byte_for_byte(line):
    [step] = build([{"step": "redact"}])
    row = Row(1, line)
    assert step.apply(row) is row


PARTS = st.sampled_from([text for text, *_ in FOUND] + INNOCENT) | st.text(max_size=12)
TEXTS = st.lists(PARTS, max_size=5).flatmap(
    lambda parts: st.sampled_from(["", " ", ", ", "\n", ":"]).map(lambda sep: sep.join(parts))
)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_after_redaction_nothing_private_is_left(texts):
    arguments = json.dumps({"q": texts[0], "n": 4111111111111111})
    call = {"function": {"name": "f", "arguments": arguments}}
    row = chat(*texts) | {"prompt": texts[-1], "tool_calls": [call]}
    after = redact(row)
    left = [text.encode("utf-8", "surrogatepass") for _path, _role, text in texts_of(after)]
    assert [find_private(text) for text in left if find_private(text)] == []
    assert find_private(b"\0".join(left)) == []
    json.loads(after["tool_calls"][0]["function"]["arguments"])
