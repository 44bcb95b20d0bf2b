"""Rows through the front door: browse, search, filter; each answer is an address."""

import json
import random
import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.urls import reverse

from apps.datasets import columns
from apps.datasets.models import Version
from apps.datasets.rows import pages, search
from tests.factories import chat_row

STEP = re.compile(r'hx-get="([^"]+)"\s+hx-trigger="load"')
SHOWN_ROW = re.compile(r'data-row="(\d+)"')


def address(version: Version, **query: Any) -> str:
    return reverse("datasets:rows", args=version.address) + "?" + urlencode(query, doseq=True)


def rows_on(client, version: Version, **query: Any) -> list[int]:
    response = client.get(address(version, **query))
    assert response.status_code == 200, response.content.decode()
    return [int(number) for number in SHOWN_ROW.findall(response.content.decode())]


def following(client, version: Version, **query: Any) -> list[int]:
    """All rows of all pages and steps, by the links that a person or htmx follows."""
    found: list[int] = []
    url: str | None = address(version, **query)
    while url:
        page = client.get(url).content.decode()
        found += [int(number) for number in SHOWN_ROW.findall(page)]
        link = re.search(r'rel="next" href="([^"]+)"', page) or re.search(
            r'class="link" href="(\?[^"]*after=[^"]+)">Search on', page
        )
        url = address(version).split("?")[0] + link[1].replace("&amp;", "&") if link else None
    return found


def jsonl(*rows: Any) -> bytes:
    return b"".join((json.dumps(row) + "\n").encode() for row in rows)


def call_row() -> dict[str, Any]:
    arguments = '{"city": "Zanzibar"}'
    call = {"id": "c1", "type": "function", "function": {"name": "wx", "arguments": arguments}}
    function = {"name": "wx", "parameters": {"type": "object", "properties": {}}}
    return {
        "messages": [
            {"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "hot"},
            {"role": "assistant", "content": "Hot.", "weight": 1},
        ],
        "tools": [{"type": "function", "function": function}],
    }


def image_row() -> dict[str, Any]:
    url = "https://pictures.test/cat.png"
    parts = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    messages = [{"role": "user", "content": parts}, {"role": "assistant", "content": "A cat."}]
    return {"messages": messages}


@pytest.fixture
def mixed(upload) -> Version:
    """Rows 1 to 12, each with something of its own, and row 13 that cannot be read."""
    named = chat_row("Who?", "Me")
    named["messages"][1]["name"] = "Ann"
    bad = chat_row("Role?", "Bad")
    bad["messages"][2]["role"] = "asistant"
    rows = [
        chat_row("Where is the Tiger?", "In the jungle."),  # 1
        chat_row("Wo schläft der Löwe?", "Unter dem BAUM."),  # 2, escaped by json.dumps
        chat_row('Say "cheese/cake" \\ now', "cheese"),  # 3
        chat_row("天气怎么样", "晴"),  # 4
        chat_row("Spam?", "Yes"),  # 5
        chat_row("Ham?", " yes "),  # 6
        chat_row("word " * 400, "Long"),  # 7
        {"messages": chat_row()["messages"][1:]},  # 8: no system message
        call_row(),  # 9
        image_row(),  # 10
        named,  # 11
        bad,  # 12
    ]
    return upload(jsonl(*rows) + b'{"messages": [tiger\n')


FOUND_BY: list[tuple[dict[str, Any], list[int]]] = [
    ({"q": "tiger"}, [1, 13]),
    ({"q": "TIGER jungle"}, [1]),
    ({"q": '"the tiger"'}, [1]),
    ({"q": '"tiger the"'}, []),
    ({"q": "löwe"}, [2]),
    ({"q": "SCHLÄFT baum"}, [2]),
    ({"q": "cheese/cake"}, [3]),
    ({"q": "\\ now"}, [3]),
    ({"q": "天气"}, [4]),
    ({"q": "zanzibar"}, [9]),
    ({"q": "cat.png"}, [10]),
    ({"q": "messages"}, [13]),  # a key of every row, said by none; row 13 is only text
    ({"q": "ann", "role": "system"}, [11]),
    ({"q": ".*"}, []),
    ({"q": "(["}, []),
    ({"q": "%_'; drop table"}, []),
    ({"role": "tool"}, [9]),
    ({"has": "tools"}, [9]),
    ({"has": "images"}, [10]),
    ({"has": ["weight", "tools"]}, [9]),
    ({"has": ["weight", "images"]}, []),
    ({"has": "name"}, [11]),
    ({"label": "yes"}, [5, 6]),
    ({"label": "Yes", "q": "ham"}, [6]),
    ({"tokens_from": 300}, [7]),
    ({"tokens_to": 15}, [8]),
    ({"messages_from": 4}, [9]),
    ({"messages_from": 2, "messages_to": 2}, [8, 10]),
    ({"code": "unknown_role"}, [12]),
    ({"severity": "error"}, [12, 13]),
    ({"severity": "error", "q": "bad"}, [12]),
    ({"severity": "error", "messages_from": 1}, [12]),
    ({"code": "of_another_version"}, []),
    ({"q": "   "}, list(range(1, 11))),
]


def test_rows_are_found_by_words_and_by_what_they_hold(client, mixed):
    found = {str(query): rows_on(client, mixed, **query) for query, _rows in FOUND_BY}
    assert found == {str(query): rows for query, rows in FOUND_BY}


NONSENSE: list[dict[str, Any]] = [
    {"q": "x" * 10_000},
    {"q": "a\0b"},
    {"tokens_from": "many"},
    {"tokens_to": -1},
    {"messages_to": 10**30},
    {"severity": "terrible"},
    {"has": "wings"},
    {"role": "king"},
    {"label": "x" * 61},
    {"code": "x" * 51},
]


def test_nonsense_is_refused_in_words(client, mixed):
    for query in NONSENSE:
        response = client.get(address(mixed, **query))
        assert response.status_code == 400, query
        assert "field-errors" in response.content.decode(), query


def test_hits_are_marked_and_hostile_rows_stay_text(client, upload):
    version = upload(jsonl(*[chat_row("<script>alert(1)</script> Tiger", "<b>tiger</b>")] * 2))
    page = client.get(address(version, q="tiger")).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; <mark>Tiger</mark>" in page
    assert "&lt;b&gt;<mark>tiger</mark>&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert "<b>tiger" not in client.get(address(version, q="<b>")).content.decode()


def test_what_cannot_be_seen_is_named(client, upload):
    version = upload(jsonl(*[chat_row("on\u202e txt", "a\0b \N{LEFT-TO-RIGHT MARK}")] * 2))
    page = client.get(address(version)).content.decode()
    assert "on⟨U+202E⟩ txt" in page
    assert "a⟨U+0000⟩b ⟨U+200E⟩" in page


def test_every_row_is_on_exactly_one_page(client, upload):
    version = upload(jsonl(*(chat_row(f"Question {n}", str(n % 3)) for n in range(43))))
    assert following(client, version) == list(range(1, 44))
    assert following(client, version, label="2") == list(range(3, 44, 3))
    assert following(client, version, q="question 4") == [
        n + 1 for n in range(43) if "4" in f"{n}{n % 3}"
    ]
    assert rows_on(client, version, row=40) == [40, 41, 42, 43]
    assert rows_on(client, version, row=99) == [43]


def test_a_page_that_ends_with_the_last_match_offers_no_next_one(client, upload):
    version = upload(jsonl(*(chat_row(f"Q{n}", "A" if n < 10 else "B") for n in range(30))))
    page = client.get(address(version, label="A")).content.decode()
    assert len(SHOWN_ROW.findall(page)) == 10
    assert 'rel="next"' not in page
    assert "10 rows of 30" in re.sub(r"\s+", " ", page)


def test_a_long_search_answers_in_steps_and_goes_on(client, upload, monkeypatch):
    monkeypatch.setattr(pages, "STEP_SECONDS", 0)
    monkeypatch.setattr(search, "BLOCK_BYTES", 2_000)
    monkeypatch.setattr(search, "BATCH_ROWS", 7)
    answers = {5: "needle", 30: "Needle", 55: "NEEDLE"}
    rows = [chat_row(f"Question {n}", answers.get(n, "hay")) for n in range(1, 61)]
    version = upload(jsonl(*rows))
    page = client.get(address(version, q="needle")).content.decode()
    assert "of 60 rows" in page
    assert 'hx-trigger="load"' in page
    assert following(client, version, q="needle") == [5, 30, 55]
    assert following(client, version, q="nowhere") == []


def test_a_long_search_that_finds_nothing_says_so_in_the_end(client, upload, monkeypatch):
    monkeypatch.setattr(pages, "STEP_SECONDS", 0)
    monkeypatch.setattr(search, "BLOCK_BYTES", 2_000)
    monkeypatch.setattr(search, "BATCH_ROWS", 7)
    version = upload(jsonl(*(chat_row(f"Question {n}", "hay") for n in range(1, 61))))

    def last_words(**query: Any) -> str:
        url = address(version, **query)
        while step := STEP.search(page := client.get(url).content.decode()):
            url = step[1].replace("&amp;", "&")
        return page

    assert "No row matches." in last_words(q="nowhere")
    assert "From the beginning" not in last_words(q="nowhere")
    assert "No other row matches." in last_words(q="nowhere", after=20)


def test_a_step_asks_only_for_what_is_missing_on_the_page(client, upload):
    version = upload(jsonl(*(chat_row(f"Q{n}", "Yes") for n in range(30))))
    response = client.get(
        address(version, q="yes", after=5, found=7), headers={"HX-Request": "true"}
    )
    page = response.content.decode()
    assert SHOWN_ROW.findall(page) == ["6", "7", "8"]
    assert "<html" not in page
    assert "after=8" in page
    assert "found" not in re.search(r'rel="next" href="([^"]+)"', page)[1]


def test_random_questions_have_the_answers_of_a_plain_look_at_each_row(client, upload):
    chance = random.Random(3)
    vocabulary = ("Äpfel", "apple", "Яблоко", "苹果", "a/b", "tab\there", 'quote"s', "back\\slash")
    said = [" ".join(chance.choices(vocabulary, k=3)) for _ in range(60)]
    lines = [json.dumps(chat_row(text, "ok"), ensure_ascii=chance.random() < 0.5) for text in said]
    version = upload("\n".join(lines).encode())
    for _ in range(12):
        word = chance.choice(vocabulary).split("\t")[0]
        word = word.upper() if chance.random() < 0.5 else word
        phrase = word if '"' in word else f'"{word}"'
        expected = [n for n, text in enumerate(said, 1) if word.casefold() in text.casefold()]
        assert following(client, version, q=phrase) == expected, word


def test_a_version_without_columns_says_so_and_is_searched_all_the_same(client, mixed):
    for name in columns.DTYPES:
        columns.path_of(mixed.path, name).unlink()
    page = client.get(address(mixed, role="tool")).content.decode()
    assert "was checked before its rows could be filtered" in page
    assert rows_on(client, mixed, q="tiger") == [1, 13]
    assert rows_on(client, mixed, code="unknown_role") == [12]


def test_each_kind_of_row_has_its_own_look(client, upload):
    pair = [
        [{"role": "assistant", "content": "Kindly."}],
        [{"role": "assistant", "content": "Rudely."}],
    ]
    asked = {"messages": [{"role": "user", "content": "How?"}]}
    preference = {"input": asked, "preferred_output": pair[0], "non_preferred_output": pair[1]}
    version = upload(jsonl(*[chat_row()] * 11, preference))  # among chats, to be found by itself
    page = client.get(address(version, row=12)).content.decode()
    assert page.index("The better answer") < page.index("Kindly.") < page.index("The worse answer")
    assert page.index("How?") < page.index("Kindly.") < page.index("Rudely.")


def test_tools_images_and_extras_are_shown_and_nothing_is_loaded(client, mixed):
    page = client.get(address(mixed, row=9)).content.decode()
    assert "Zanzibar" in page
    assert "answers the call c1" in page
    assert 'class="font-mono text-xs break-all">tools</code></summary>' in page
    assert "https://pictures.test/cat.png" in page
    assert "<img" not in page.split('id="row-list"')[1].split("<dialog")[0]


def test_what_is_asked_can_be_taken_back_one_by_one(client, mixed):
    page = client.get(address(mixed, role="system", tokens_from=1, q="tiger")).content.decode()
    chips = re.findall(r'class="badge badge-soft[^"]*" href="([^"]+)"', page)
    assert [chip.replace("&amp;", "&") for chip in chips] == [
        "?tokens_from=1&q=tiger",
        "?role=system&q=tiger",
    ]


def test_a_page_of_rows_costs_the_same_everywhere(client, upload, django_assert_num_queries):
    version = upload(jsonl(*(chat_row(f"Q{n}", "Yes") for n in range(40))))
    for query in ({}, {"row": 30}, {"label": "yes"}, {"q": "yes"}, {"q": quote("nothing")}):
        client.get(address(version, **query))
        with django_assert_num_queries(5 if query.get("q") != "nothing" else 4):
            client.get(address(version, **query))
