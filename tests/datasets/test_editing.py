"""Editing rows in the browser, through the front door."""

import json
from typing import Any

import pytest
from django.urls import reverse

from apps.datasets.editing import warming
from apps.datasets.models import Edit, Version
from tests.datasets.test_drafts import Fields
from tests.factories import chat_row


def lines(*rows: Any) -> bytes:
    return b"".join((r if isinstance(r, bytes) else json.dumps(r).encode()) + b"\n" for r in rows)


BAD = {"messages": [{"role": "user", "content": "Hi"}, {"role": "asistant", "content": "Hello"}]}
BROKEN = b'{"messages": [}'


@pytest.fixture
def version(upload) -> Version:
    """Twelve good rows, one with a slip, one that is no JSON."""
    good = [chat_row(f"Question {n}?", f"Answer {n}.") for n in range(12)]
    return upload(lines(*good, BAD, BROKEN))


def url_of(version: Version, name: str, *more: int) -> str:
    return reverse(f"datasets:{name}", args=[*version.address, *more])


def fields_of(response) -> dict[str, list[str]]:
    """Everything that the editor's form would send."""
    html = response.content.decode()
    start = html.index('id="row-editor"')
    sent: dict[str, list[str]] = {}
    for name, value in Fields(html[start : html.index("</form>", start)]).sent:
        sent.setdefault(name, []).append(value)
    return sent


def keep(client, version, row, do="keep", **changes):
    """Open a row, change fields, press a button."""
    url = url_of(version, "row", row)
    fields = fields_of(client.get(url))
    fields |= {name.replace("_", "-"): value for name, value in changes.items()}
    return client.post(url, {**fields, "do": do})


def content_of(version: Version, row: int) -> Any:
    return json.loads(Edit.objects.filter(version=version, row=row).latest("pk").content)


def test_the_editor_shows_each_message_and_what_is_wrong(client, version):
    page = client.get(url_of(version, "row", 13)).content.decode()
    assert page.count("data-card ") == 3  # and one in the template of a new message
    assert "messages[1].role" in page
    assert "Did you mean “assistant”?" in page
    assert 'data-focus="m1-role"' in page


def test_a_role_is_put_right_and_the_rest_stays(client, version):
    response = keep(client, version, 13, m1_role="assistant")
    assert response.status_code == 302
    fixed = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    assert content_of(version, 13) == {"messages": fixed}
    page = client.get(url_of(version, "row", 13)).content.decode()
    assert "Nothing is wrong with this row." in page
    assert "1 row changed" in page


def test_keeping_without_a_change_keeps_nothing(client, version):
    assert keep(client, version, 1).status_code == 302
    assert not Edit.objects.exists()


def test_pressing_twice_keeps_once(client, version):
    url = url_of(version, "row", 13)
    fields = fields_of(client.get(url)) | {"m1-role": "assistant", "do": "keep"}
    assert [client.post(url, fields).status_code for _ in range(2)] == [302, 302]
    assert Edit.objects.count() == 1


def test_another_window_is_not_overwritten_without_a_word(client, version):
    url = url_of(version, "row", 13)
    fields = fields_of(client.get(url))
    keep(client, version, 13, m1_role="assistant")
    response = client.post(url, {**fields, "m0-text": "My words", "do": "keep"})
    assert response.status_code == 409
    assert "You changed this row in another window" in response.content.decode()
    assert "My words" in response.content.decode()
    again = fields_of(response) | {"do": "keep"}
    assert client.post(url, again).status_code == 302
    assert content_of(version, 13)["messages"][0]["content"] == "My words"


def test_broken_json_in_a_field_is_refused_and_nothing_is_lost(client, version):
    response = keep(client, version, 13, m1_rest='{"weight" 0}', m0_text="Precious")
    page = " ".join(response.content.decode().split())
    assert response.status_code == 422
    assert "a colon is missing" in page
    assert 'data-focus="m1-rest" data-line="1" data-column="11"' in page
    assert "Precious" in page
    assert not Edit.objects.exists()


def test_a_line_that_is_no_json_is_changed_as_text(client, version):
    page = client.get(url_of(version, "row", 14))
    html = " ".join(page.content.decode().split())
    assert "can only be changed as text" in html
    assert 'data-focus="raw" data-line="1" data-column="15"' in html
    assert fields_of(page)["raw"] == [BROKEN.decode()]
    assert keep(client, version, 14, raw="[1]").status_code == 422
    assert keep(client, version, 14, raw=json.dumps(chat_row(), indent=2)).status_code == 302
    assert Edit.objects.get().content == json.dumps(chat_row(), separators=(",", ":"))


def test_fields_and_json_show_the_same_row(client, version):
    raw = keep(client, version, 13, do="raw", m1_role="assistant")
    assert json.loads(fields_of(raw)["raw"][0])["messages"][1]["role"] == "assistant"
    url = url_of(version, "row", 13)
    back = client.post(url, {**fields_of(raw), "do": "form"})
    assert fields_of(back)["m1-role"] == ["assistant"]
    stuck = client.post(url, {**fields_of(raw), "raw": "{", "do": "form"})
    assert stuck.status_code == 422
    assert fields_of(stuck)["raw"] == ["{"]


def test_messages_are_moved_without_javascript(client, version):
    page = keep(client, version, 1, do="down:m0")
    assert fields_of(page)["messages-cards"] == ["m1", "m0", "m2"]
    page = client.post(url_of(version, "row", 1), {**fields_of(page), "do": "add:messages"})
    assert fields_of(page)["messages-cards"] == ["m1", "m0", "m2", "m3"]
    assert not Edit.objects.exists()


def test_the_check_beside_the_editor_sees_what_is_typed(client, version):
    fields = fields_of(client.get(url_of(version, "row", 13)))
    url = url_of(version, "row_check", 13)
    assert warming.wait(60)
    assert "messages[1].role" in client.post(url, fields).content.decode()
    answer = client.post(url, {**fields, "m1-role": "assistant"}).content.decode()
    assert "Nothing is wrong with this row." in answer
    assert "13 tokens" in answer
    assert 'id="m1-tokens" hx-swap-oob="true">5 tokens' in answer
    assert not Edit.objects.exists()


def test_nobody_waits_for_the_counter_of_tokens(client, version, monkeypatch):
    fields = fields_of(client.get(url_of(version, "row", 13)))
    monkeypatch.setattr(warming, "can_count", lambda: False)
    for is_loading in (True, False):
        monkeypatch.setattr(warming, "is_loading", lambda is_loading=is_loading: is_loading)
        page = client.post(url_of(version, "row_check", 13), fields).content.decode()
        assert "messages[1].role" in page
        assert ("Tokens are counted in a moment" in page) is is_loading
        assert ('hx-trigger="load delay:700ms"' in page) is is_loading


def test_keeping_can_lead_to_the_next_row(client, version):
    response = keep(client, version, 13, do="next", m1_role="assistant")
    assert response.url == url_of(version, "row", 14)


def test_the_next_row_to_fix_is_one_that_nobody_has_touched(client, version):
    page = client.get(url_of(version, "row", 1)).content.decode()
    assert f'href="{url_of(version, "row", 13)}"' in page
    response = keep(client, version, 13, do="fix", m1_role="assistant")
    assert response.url == url_of(version, "row", 14)
    page = client.get(url_of(version, "row", 1)).content.decode()
    assert f'href="{url_of(version, "row", 14)}"' in page
    fixed = keep(client, version, 14, do="fix", raw=json.dumps(chat_row()))
    assert fixed.url == url_of(version, "row", 14)
    assert "Next row to fix" not in client.get(url_of(version, "row", 1)).content.decode()


def test_a_row_that_is_not_there_is_not_found(client, version):
    assert client.get(url_of(version, "row", 15)).status_code == 404
    assert client.get(url_of(version, "row", 0) + "?edit=7").status_code == 404


def test_rows_of_every_kind_open_as_fields(client, upload):
    chosen = {"preferred_output": [{"role": "assistant", "content": "Good"}]}
    refused = {"non_preferred_output": [{"role": "assistant", "content": "Bad"}]}
    question = {"input": {"messages": [{"role": "user", "content": "Q"}], "tools": []}}
    rows = [{"prompt": "P", "completion": "C"}, {**question, **chosen, **refused}]
    rows.append({"messages": [{"role": "user", "content": "Q"}], "reference": {"x": 1}})
    version = upload(lines(*rows))
    pages = [client.get(url_of(version, "row", n)).content.decode() for n in (1, 2, 3)]
    assert 'name="prompt-text"' in pages[0]
    assert "The better answer" in pages[1]
    assert "&quot;reference&quot;" in pages[2]
    assert keep(client, version, 2, m1_text="Better").status_code == 302
    assert content_of(version, 2)["preferred_output"][0]["content"] == "Better"
    assert list(content_of(version, 2)) == list(rows[1])


def test_hostile_text_stays_text(client, upload):
    evil = "</textarea><script>alert(1)</script>"
    version = upload(lines({"messages": [{"role": evil, "content": evil, evil: evil}], evil: evil}))
    for name in ("row", "rows"):
        more = [1] if name == "row" else []
        assert "<script>alert" not in client.get(url_of(version, name, *more)).content.decode()


IMAGE = "data:image/png;base64," + "A" * 5_000_000


def test_a_row_of_five_megabytes_opens_without_its_image(client, upload):
    row = chat_row()
    image = {"type": "image_url", "image_url": {"url": IMAGE}}
    row["messages"][1]["content"] = [{"type": "text", "text": "What is it?"}, image]
    version = upload(lines(row))
    page = client.get(url_of(version, "row", 1))
    assert len(page.content) < 100_000
    assert "[kept …]" in page.content.decode()
    assert keep(client, version, 1, m2_text="A cat.").status_code == 302
    kept = content_of(version, 1)["messages"]
    assert kept[1]["content"][1]["image_url"]["url"] == IMAGE
    assert kept[2]["content"] == "A cat."


def test_a_very_long_conversation_and_a_very_long_text_are_edited_in_fields(client, upload):
    said = [("user", "Q"), ("assistant", "A")] * 150
    long = [{"role": role, "content": f"{text} {n}"} for n, (role, text) in enumerate(said)]
    wide = chat_row("The ship sails. " * 13_000, "Yes.")
    version = upload(lines({"messages": long}, wide))
    assert keep(client, version, 1, m299_text="The last word").status_code == 302
    assert content_of(version, 1) == {
        "messages": [*long[:-1], {"role": "assistant", "content": "The last word"}]
    }
    page = client.get(url_of(version, "row", 2)).content.decode()
    assert "[kept" not in page
    assert "The ship sails. The ship sails." in page


def test_a_broken_row_of_five_megabytes_is_only_shown(client, upload):
    version = upload(lines(chat_row(), b"[" * 5_000_000))
    page = client.get(url_of(version, "row", 2))
    assert len(page.content) < 100_000
    assert "too much to change in the browser" in page.content.decode()
    assert client.post(url_of(version, "row", 2), {"do": "keep"}).status_code == 422


def test_pressing_twice_adds_one_row(client, version):
    fields = fields_of(client.get(url_of(version, "row", 0))) | {"m0-text": "New?", "do": "keep"}
    urls = {client.post(url_of(version, "row", 0), fields).url for _ in range(2)}
    assert len(urls) == Edit.objects.count() == 1


def test_a_new_row_is_added_at_the_end_and_changed_again(client, version):
    response = keep(client, version, 0, m0_text="New?", m1_text="New.")
    edit = Edit.objects.get()
    assert (edit.row, response.url) == (0, url_of(version, "row", 0) + f"?edit={edit.pk}")
    fields = fields_of(client.get(response.url)) | {"m1-text": "Newer.", "do": "keep"}
    assert client.post(response.url, fields).status_code == 302
    edit.refresh_from_db()
    assert json.loads(edit.content)["messages"][1]["content"] == "Newer."
    assert "1 row added" in client.get(url_of(version, "rows")).content.decode()
