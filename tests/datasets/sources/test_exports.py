"""What people get out of other programs: exported chats, lists with commas, objects of any keys."""

import json
from typing import Any

import pytest

from apps.datasets.models import Version
from apps.datasets.sources import Layout
from tests.datasets.test_journey import page_of

SHIP = [("user", "Where is the ship?"), ("assistant", "At pier 3.")]


def node(role: str, text: str, *children: str, parent: str = "", **changes: Any) -> dict[str, Any]:
    message = {
        "author": {"role": role},
        "content": {"content_type": "text", "parts": [text]},
        "recipient": "all",
        **changes,
    }
    return {"message": message, "parent": parent or None, "children": list(children)}


def chatgpt(**nodes: Any) -> bytes:
    root = {"message": None, "parent": None, "children": ["a"]}
    chats = {"title": "Ship", "create_time": 1.7e9, "mapping": {"root": root, **nodes}}
    return json.dumps([chats] * 2).encode()


def said(read: Any) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in read.rows[0]["messages"]]


def test_chats_exported_from_chatgpt_are_conversations(read):
    exported = chatgpt(
        a=node("user", "Where is the ship?", "b", "c", parent="root"),
        b=node("assistant", "No idea.", parent="a"),
        c=node("assistant", "search()", "d", parent="a", recipient="browser"),
        d=node("tool", "pier 3", "e", parent="c"),
        e=node("assistant", "At pier 3.", parent="d"),
    )
    assert said(read(exported)) == SHIP
    assert len(read(exported).rows) == 2


def test_an_answer_in_two_parts_is_one_answer(read):
    thought = {"content": {"content_type": "thoughts", "thoughts": []}}
    exported = chatgpt(
        a=node("user", "Where is the ship?", "b", parent="root"),
        b=node("assistant", "I look.", "c", parent="a"),
        c=node("assistant", "", "d", parent="b", **thought),
        d=node("assistant", "At pier 3.", parent="c"),
    )
    assert said(read(exported)) == [SHIP[0], ("assistant", "I look.\n\nAt pier 3.")]


def test_a_tree_that_bites_its_tail_ends(read):
    looped = chatgpt(
        a=node("user", "Hi", "b", parent="root"), b=node("assistant", "Hello", "a", parent="a")
    )
    assert said(read(looped)) == [("user", "Hi"), ("assistant", "Hello")]


def test_a_tail_that_is_bitten_often_repeats_nothing(read):
    nodes = {f"n{n}": node("user", "", parent="a") for n in range(50)}
    bitten = chatgpt(a=node("user", "Hi", "b", parent="root"), b=node("user", "Ho", "b"), **nodes)
    assert said(read(bitten)) == [("user", "Hi\n\nHo")]


@pytest.mark.parametrize("parent", [[], {}, 1.5])
def test_a_parent_that_is_no_name_is_none(read, parent):
    chat = chatgpt(a=node("user", "Hi", "b", parent="root"), b=node("assistant", "Hello"))
    strange = chat.replace(b'"parent": null', b'"parent": ' + json.dumps(parent).encode())
    assert said(read(strange)) == [("user", "Hi"), ("assistant", "Hello")]


def test_chats_exported_from_claude_are_conversations(read):
    senders = zip(("human", "assistant"), SHIP, strict=True)
    chat = [{"uuid": "1", "text": text, "sender": who, "files": []} for who, (_, text) in senders]
    exported = [{"uuid": "2", "name": "Ship", "account": {"uuid": "3"}, "chat_messages": chat}]
    assert said(read(json.dumps(exported).encode())) == SHIP


def test_rows_with_a_comma_after_each_are_read(read):
    row = {"messages": [{"role": role, "content": text} for role, text in SHIP]}
    for end in (",\n", ",\r\n", " ,\n"):
        found = read(end.join([json.dumps(row)] * 3).encode() + end.encode(), "train.jsonl")
        assert found.rows == [row] * 3


def test_objects_of_unknown_keys_wait_for_their_columns(client, upload):
    rows = [{"type": "message", "said_by": f"U{n}", "words": f"Hello {n}"} for n in range(12)]
    version = upload(json.dumps(rows).encode(), "chat.json")
    assert version.status == Version.Status.MAPPING
    page = page_of(client, "columns", version)
    assert "choose at least the column with what the model answers" in page


@pytest.mark.parametrize("key", ["mesages", "completon", "preferred_outputs"])
def test_keys_that_are_a_slip_are_left_to_the_check(read, key):
    lines = b"".join(json.dumps({key: [], "id": n}).encode() + b"\n" for n in range(3))
    assert read(lines).layout == Layout("jsonl", encoding="utf-8")


def test_lists_in_cells_are_shown_as_they_are_written(client, upload):
    turns = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]
    version = upload(json.dumps([{"id": 1, "conversations": turns}] * 2).encode(), "chats.json")
    assert "[{&quot;from&quot;:&quot;human&quot;" in page_of(client, "columns", version)


GERMAN = "Frage;Antwort;Zahl\r\n" + "".join(f"Wo {n}?;Da, süß {n}.;{n},5\r\n" for n in range(30))


@pytest.mark.parametrize("before", ["", "sep=;\r\n"])
def test_decimal_commas_do_not_hide_the_semicolons(read, before):
    found = read((before + GERMAN).encode("cp1252"), "a.csv")
    assert (found.layout.delimiter, found.layout.encoding) == (";", "cp1252")
    assert found.said[3] == ("Wo 3?", "Da, süß 3.")


def test_a_declared_delimiter_goes_before_what_the_rows_look_like(read):
    found = read(b"sep=|\nquestion|answer\n" + b"a,b;c|d,e;f\n" * 9, "a.csv")
    assert found.said[0] == ("a,b;c", "d,e;f")


def test_conversations_that_python_printed_into_cells_are_read(read):
    cell = repr([{"role": role, "content": f"{text} It's {role!r}"} for role, text in SHIP])
    quoted = '"' + cell.replace('"', '""') + '"\n'
    found = read(("messages\n" + quoted * 3).encode(), "a.csv")
    assert found.rows[0]["messages"][0]["content"] == "Where is the ship? It's 'user'"


def test_what_only_python_knows_stays_a_text(read):
    found = read(b'messages\n"[{1, 2}]"\n"[__import__(\'os\')]"\n', "a.csv")
    assert [row["messages"] for row in found.rows] == ["[{1, 2}]", "[__import__('os')]"]


def test_a_table_of_very_many_columns_says_how_many_can_be_chosen(client, upload):
    names = ",".join(f"c{n}" for n in range(2_000))
    version = upload(f"{names}\n{names.upper()}\n".encode(), "wide.csv")
    assert "Only the first 200 columns can be chosen." in page_of(client, "columns", version)
