"""What differs between two texts and two rows, marked word by word."""

import json

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.datasets.diffs import words as word_diff
from apps.datasets.diffs.rows import PartDiff, compare_rows

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def compare(before: dict, after: dict) -> list[PartDiff]:
    return compare_rows(json.dumps(before).encode(), json.dumps(after).encode())


def marked(pieces) -> str:
    return "".join(f"[{piece.text}]" if piece.is_changed else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        ("The quick fox", "The slow fox", "The [quick] fox", "The [slow] fox"),
        ("Hello", "Hello there", "Hello", "Hello[ there]"),
        ("same", "same", "same", "same"),
        ("", "new", "", "[new]"),
        ("我喜欢猫", "我喜欢狗", "我喜欢[猫]", "我喜欢[狗]"),
        ("one. two.", "one. three. two.", "one. two.", "one. [three. ]two."),
    ],
)
def test_the_words_that_differ_are_marked(before, after, left, right):
    diff = word_diff.compare(before, after)
    assert (marked(diff.before), marked(diff.after)) == (left, right)


def test_what_nobody_could_see_is_spelled_out():
    (_, added) = word_diff.compare("a b", "a b \n").after
    assert added.visible == "·↵\n"
    changed = word_diff.compare("a b", "a\u00a0b").after
    assert [piece.visible for piece in changed if piece.is_changed] == ["⟨U+00A0⟩"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_is_lost_between_the_marks(before, after):
    diff = word_diff.compare(before, after)
    assert "".join(piece.text for piece in diff.before) == before
    assert "".join(piece.text for piece in diff.after) == after
    assert diff.is_changed == (before != after)


def test_of_very_long_texts_the_place_where_they_part_is_shown():
    same = "word " * 20_000
    diff = word_diff.compare(same + "ends here", same + "ends there")
    assert diff.is_cut
    assert [piece.text for piece in diff.after if piece.is_changed] == ["there"]
    assert sum(len(piece.text) for piece in diff.after) <= word_diff.LONGEST_SHOWN


def test_texts_of_many_different_words_are_marked_whole():
    before = " ".join(f"a{n}" for n in range(1_000))
    diff = word_diff.compare(before, " ".join(f"b{n}" for n in range(1_000)))
    assert marked(diff.before) == f"[{before}]"


def chat(*messages: tuple[str, str], **more: object) -> dict:
    return {"messages": [{"role": role, "content": text} for role, text in messages], **more}


def shapes(before, after) -> list[tuple[str, str, bool]]:
    parts = compare(before, after)
    return [(part.label_before, part.label_after, part.is_changed) for part in parts]


def test_messages_are_paired_with_each_other():
    before = chat(("user", "Hi"), ("assistant", "Hello"))
    after = chat(("system", "Be kind"), ("user", "Hi"), ("assistant", "Hello there"))
    assert shapes(before, after) == [
        ("", "system", True),
        ("user", "user", False),
        ("assistant", "assistant", True),
    ]


def test_a_role_that_changed_is_a_change():
    assert shapes(chat(("asistant", "Hi")), chat(("assistant", "Hi"))) == [
        ("asistant", "assistant", True)
    ]


def test_a_weight_a_tool_and_a_preference_are_compared_too():
    weighed = chat(("assistant", "Hi"))
    weighed["messages"][0]["weight"] = 0
    assert compare(chat(("assistant", "Hi")), weighed)[0].details.is_changed
    assert shapes(chat(), chat(tools=[1])) == [("", "tools", True)]
    row = {"input": chat(("user", "Hi")), "preferred_output": [{"role": "assistant"}]}
    assert [part.label_before for part in compare(row, row)] == [
        "user",
        "preferred_output · assistant",
    ]


def test_a_row_that_is_only_on_one_side():
    line = json.dumps(chat(("user", "Hi"))).encode()
    assert all(part.is_added for part in compare_rows(None, line))
    assert all(part.is_removed for part in compare_rows(line, None))


@settings(max_examples=60, deadline=None)
@given(JSON | st.fixed_dictionaries({"messages": JSON}), JSON)
def test_any_rows_can_be_compared_and_shown(before, after):
    parts = compare(before, after)
    render_to_string("datasets/_row_diff.html", {"parts": parts})


def test_unreadable_lines_are_compared_as_text():
    (part,) = compare_rows(b'{"a": \xff', b'{"a": ')
    assert (part.label_before, part.is_changed) == ("JSON", True)


def test_hostile_words_stay_words():
    before, after = chat(("user", "<b>x</b>")), chat(("<i>", "<script>alert(1)</script>"))
    shown = render_to_string("datasets/_row_diff.html", {"parts": compare(before, after)})
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "&lt;" in shown
