"""A row as a form and back: nothing that nobody touched may change."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apps.datasets.editing.drafts import kept, notation
from apps.datasets.editing.drafts.draft import DraftFault, draft_of, row_of
from apps.datasets.editing.drafts.moves import move
from apps.datasets.editing.drafts.posted import draft_from
from apps.datasets.editing.drafts.review import review_of
from tests.factories import chat_row

TEXTS = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    ["", "\n", "\nfirst", "a\r\nb", "a\rb", "a\r\nb\nc", "\0", "</textarea>", '"><script>', " x "]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
ROLES = st.sampled_from(["system", "user", "assistant", "tool", "function", "asistant"]) | VALUES
CONTENTS = TEXTS | st.none() | st.just([{"type": "text", "text": "Hi"}]) | VALUES
CALLS = st.just([{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}])
KNOWN = {"role": ROLES, "content": CONTENTS, "name": TEXTS | VALUES, "tool_calls": CALLS | VALUES}
KNOWN |= {"weight": st.sampled_from([0, 1, 0.0, True, 2]) | VALUES, "tool_call_id": TEXTS}


@st.composite
def objects(draw: Any, known: dict[str, Any]) -> dict[str, Any]:
    """An object with some of these keys and others, in any order."""
    keys = draw(st.lists(st.sampled_from(sorted(known)) | TEXTS, unique=True, max_size=6))
    return {key: draw(known.get(key, VALUES)) for key in keys}


MESSAGES = st.lists(objects(KNOWN) | VALUES, max_size=4)
ROWS = objects(
    {
        "messages": MESSAGES | VALUES,
        "tools": VALUES,
        "input": objects({"messages": MESSAGES | VALUES, "tools": VALUES}) | VALUES,
        "preferred_output": MESSAGES | VALUES,
        "non_preferred_output": MESSAGES | VALUES,
        "prompt": TEXTS | VALUES,
        "completion": TEXTS | VALUES,
    }
)


class Fields(HTMLParser):
    """What a browser would send for a form, line ends and all."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: list[tuple[str, str]] = []
        self._textarea: str | None = None
        self._select = ""
        self._text = ""
        self.feed(html.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n"))
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "textarea":
            self._textarea, self._text = values["name"], ""
        elif tag == "select":
            self._select = values["name"]
        elif tag == "option" and "selected" in values:
            self._send(self._select, values["value"])
        elif tag == "input" and (values.get("type") != "checkbox" or "checked" in values):
            value = values.get("value", "on")
            is_line = values.get("type") == "text"
            self._send(values["name"], re.sub(r"[\r\n]", "", value) if is_line else value)

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea is not None:
            self._send(self._textarea, self._text.removeprefix("\n"))
            self._textarea = None

    def _send(self, name: str, value: str) -> None:
        self.sent.append((name, value.replace("\n", "\r\n")))


def sent(draft: Any) -> QueryDict:
    """Send the form as a browser does that changes nothing."""
    html = render_to_string("datasets/_draft.html", {"draft": draft})
    post = QueryDict(mutable=True)
    for name, value in Fields(html).sent:
        post.appendlist(name, value)
    return post


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(row=ROWS)
@example(row={"messages": [{"content": "\nHi", "role": "assistant", "weight": 0, "x": {"b": 1}}]})
@example(row={"messages": [{"role": "assistant", "weight": 1.0}], "big": 12345678901234567890123})
@example(row={"messages": [{"role": "user", "content": c} for c in ("a\rb", "\0", "a\r\nb\nc")]})
@example(row={"prompt": "a\r\nb", "completion": "a\rb"})
@example(row={"messages": [{"role": "a\nb", "name": "a\nb"}, {"role": "", "name": ""}]})
@example(row={"input": {}, "preferred_output": []})
@example(row={"input": {"tools": [], "messages": []}, "preferred_output": "x"})
def test_any_row_survives_the_form_as_it_is(row: dict[str, Any]) -> None:
    assert notation.compact(row_of(draft_of(row))) == notation.compact(row)
    assert notation.compact(row_of(draft_from(sent(draft_of(row))))) == notation.compact(row)


def chat_draft() -> Any:
    return draft_of(chat_row())


def test_messages_are_moved_added_and_removed_without_javascript() -> None:
    draft = chat_draft()
    assert move(draft, "up:m2")
    assert move(draft, "remove:m0")
    assert move(draft, "add:messages")
    roles = [message["role"] for message in row_of(draft)["messages"]]
    assert roles == ["assistant", "user", "assistant"]
    assert len({card.id for card in draft.cards}) == 3
    assert not move(draft, "save")
    assert not move(draft, "up:m99")


def test_the_end_of_the_list_is_the_end() -> None:
    draft = chat_draft()
    assert move(draft, "up:m0")
    assert move(draft, "down:m2")
    assert row_of(draft) == chat_row()


def post_of(draft: Any, **changes: str) -> QueryDict:
    post = sent(draft)
    for name, value in changes.items():
        post[name.replace("_", "-")] = value
    return post


def test_a_weight_is_written_only_when_it_says_something() -> None:
    post = sent(chat_draft())
    del post["m2-learn"]
    assert row_of(draft_from(post))["messages"][2]["weight"] == 0
    explicit = chat_row()
    explicit["messages"][2]["weight"] = 0
    post = post_of(draft_of(explicit), m2_learn="1")
    assert row_of(draft_from(post))["messages"][2]["weight"] == 1


def test_broken_json_in_a_field_names_the_field_and_the_place() -> None:
    post = post_of(chat_draft(), m1_rest='{"tool_calls": [\n  {"id" 1}\n]}')
    with pytest.raises(DraftFault) as fault:
        row_of(draft_from(post))
    assert fault.value.where == "m1-rest"
    assert fault.value.cause is not None
    assert (fault.value.cause.line, fault.value.cause.column) == (2, 9)
    with pytest.raises(DraftFault, match="rest"):
        row_of(draft_from(post_of(chat_draft(), rest="[1]")))


@pytest.mark.parametrize(
    "junk",
    [
        "kind=chat&keys=[[[&messages-cards=m0&messages-cards=m0&messages-cards=../x",
        "kind=nonsense&keys=%7B%22row%22%3A1%7D",
        "kind=preference&input-cards=m1&m1-hidden=%5B1%5D&m1-shape=nonsense",
        "",
    ],
)
def test_a_form_that_nobody_sent_so_makes_a_row_all_the_same(junk: str) -> None:
    assert isinstance(row_of(draft_from(QueryDict(junk))), dict)


LONG = "data:image/png;base64," + "A" * 5_000


def vision_row() -> dict[str, Any]:
    row = chat_row()
    image = {"type": "image_url", "image_url": {"url": LONG}}
    row["messages"][1]["content"] = [{"type": "text", "text": "What is it?"}, image]
    return row


def test_what_is_too_long_for_a_field_stays_on_the_server() -> None:
    row = vision_row()
    folded = kept.fold(row)
    assert len(notation.compact(folded)) < 500
    assert kept.unfold(folded, [row]) == row
    folded["messages"][1]["content"].append({"type": "text", "text": "See above"})
    assert kept.unfold(folded, [row])["messages"][1]["content"][1]["image_url"]["url"] == LONG


def test_text_around_a_mark_keeps_both() -> None:
    text = "B" * (kept.LONGEST_TEXT + 1)
    folded = kept.fold({"prompt": text})
    assert kept.unfold({"prompt": folded["prompt"] + " end"}, [{"prompt": text}]) == {
        "prompt": text + " end"
    }


def test_a_mark_without_a_string_is_refused_and_one_of_the_row_itself_is_kept() -> None:
    folded = kept.fold(vision_row())
    with pytest.raises(kept.NotKept):
        kept.unfold(folded, [chat_row()])
    assert kept.unfold(folded, [folded]) == folded  # somebody wrote those very words


def test_each_message_says_how_many_tokens_it_has() -> None:
    draft = chat_draft()
    review = review_of(chat_row(), draft=draft)
    assert review.remarks == []
    counted = list(review.of_card.values())
    assert all(counted)
    assert review.tokens == sum(count or 0 for count in counted) + 3


def test_a_faulty_message_has_no_count_and_leads_to_its_field() -> None:
    row = chat_row()
    row["messages"][2] = {"role": "asistant", "content": 5}
    draft = draft_of(row)
    review = review_of(row, draft=draft)
    assert review.tokens is None
    assert review.of_card["m2"] is None
    targets = {remark.path: remark.target for remark in review.remarks}
    assert targets["messages[2].role"] == "m2-role"
    assert targets["messages[2].content"] == "m2-text"
    del row["messages"][2]
    [remark] = review_of(row, draft=draft_of(row)).remarks
    assert (remark.path, remark.target) == ("messages", "group-messages")


@settings(max_examples=50, deadline=None)
@given(row=ROWS)
@example(row={"completion": "", "messages": None})
@example(row={"input": None, "preferred_output": []})
def test_no_row_is_too_strange_for_a_review(row: dict[str, Any]) -> None:
    review_of(row, draft=draft_of(row))


def test_a_draft_shows_hostile_text_as_text() -> None:
    row = {"messages": [{"role": "<b>", "content": "</textarea><script>alert(1)</script>"}]}
    html = render_to_string("datasets/_draft.html", {"draft": draft_of(row)})
    assert "<script>" not in html
    assert "<b>" not in html
