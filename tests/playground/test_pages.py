"""The pages around the streams: what is prefilled, what is listed, who may do what."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import Membership
from apps.playground.models import Conversation, Reply, Turn
from apps.providers.models import Connection
from tests.factories import make_connection
from tests.playground.site import form, page, replies_of, send
from tests.providers.fake_server import FakeServer

SignIn = Callable[[Membership], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def conversation(client: Client, connection: Connection) -> Conversation:
    return send(client, connection)[0].turn.conversation


def test_lines_are_sent_as_the_training_data_has_them(
    client: Client, connection: Connection
) -> None:
    reply, _ = send(client, connection, "One\r\ntwo", system_prompt="Be\r\nkind.")
    assert reply.turn.text == "One\ntwo"
    assert reply.turn.conversation.system_prompt == "Be\nkind."


def test_the_same_form_sent_again_is_one_message(client: Client, connection: Connection) -> None:
    data = form(connection)
    create = reverse("playground:create")
    addresses = [client.post(create, data)["Location"] for _ in range(2)]
    again = reverse("playground:send", args=[Conversation.objects.get().public_id])
    addresses.append(client.post(again, data)["Location"])
    assert len(set(addresses)) == 1
    assert (Turn.objects.count(), Reply.objects.count()) == (1, 2)


def test_other_words_in_a_form_that_was_gone_back_to_are_another_message(
    client: Client, connection: Connection
) -> None:
    data, create = form(connection), reverse("playground:create")
    other = data | {"text": "Other words"}
    addresses = [client.post(create, each)["Location"] for each in (data, other, other)]
    assert len(set(addresses)) == 2
    assert sorted(Turn.objects.values_list("text", flat=True)) == ["Hi", "Other words"]


def test_a_message_waits_until_the_models_have_answered(
    client: Client, connection: Connection, conversation: Conversation
) -> None:
    url = reverse("playground:send", args=[conversation.public_id])
    response = client.post(url, form(connection, "More"), headers=HTMX)
    assert response.status_code == 422
    assert "still answering" in response.content.decode()
    assert response["HX-Retarget"] == "#send-errors"
    assert Turn.objects.count() == 1


def test_sending_answers_with_the_turn_and_a_fresh_token(
    client: Client, connection: Connection, conversation: Conversation
) -> None:
    finish(conversation)
    url = reverse("playground:send", args=[conversation.public_id])
    data = form(connection, "<b>More</b>")
    html = client.post(url, data, headers=HTMX).content.decode()
    assert "&lt;b&gt;More&lt;/b&gt;" in html
    assert html.count("data-stream=") == 2
    assert 'id="form-token"' in html
    assert data["form_token"] not in html


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": "  "}, "Write a message first."),
        ({"text": "x" * 200_001}, "at most 200000 characters; this one has 200001."),
        ({"column-1-model": ""}, "Choose a model for each column."),
        ({"column-0-connection": str(uuid4())}, "Choose a connection."),
        ({"column-0-connection": "nonsense"}, "nonsense"),
        ({"temperature": "3"}, "Temperature: "),
        ({"top_p": "1.5"}, "Top-p: "),
        ({"max_tokens": "0"}, "Longest answer, in tokens: "),
    ],
)
def test_what_cannot_be_sent_is_said(
    client: Client, connection: Connection, change: dict[str, str], words: str
) -> None:
    data = form(connection) | change
    response = client.post(reverse("playground:create"), data, headers=HTMX)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Conversation.objects.exists()


def test_no_browser_cuts_what_is_pasted(client: Client, connection: Connection) -> None:
    html = page(client, reverse("playground:create"))
    assert "<textarea" in html
    assert not re.search(r"<textarea[^>]*maxlength", html)


def test_a_model_id_can_be_typed(client: Client, connection: Connection) -> None:
    typed = {"column-1-model": "", "column-1-typed_model": "my-own"}
    _, right = send(client, connection, **typed)
    assert right.model == "my-own"


def test_another_workspaces_connection_is_no_choice(client: Client, stranger: Membership) -> None:
    theirs = make_connection(workspace=stranger.workspace)
    response = client.post(reverse("playground:create"), form(theirs))
    assert response.status_code == 422
    assert theirs.name not in page(client, reverse("playground:create"))


def test_another_model_than_the_one_asked_for_is_pointed_out(
    client: Client, conversation: Conversation
) -> None:
    finish(conversation, served_model="gpt-surprise", model="gpt-asked")
    assert "Another model answered" in page(client, conversation.get_absolute_url())


@pytest.mark.parametrize(
    ("asked", "served", "is_another"),
    [
        ("gpt-4o-mini", "gpt-4o-mini", False),
        ("gpt-4o-mini", "gpt-4o-mini-2024-07-18", False),
        ("gpt-4", "gpt-4-0613", False),
        ("gpt-4o", "gpt-4o-mini", True),
        ("ft:gpt:org:a:1", "gpt", True),
        ("gpt", "", False),
    ],
)
def test_a_dated_snapshot_is_the_model_that_was_asked_for(
    asked: str, served: str, is_another: bool
) -> None:
    assert Reply(model=asked, served_model=served).was_served_by_another_model is is_another


def test_an_answer_cut_by_its_length_says_so(client: Client, conversation: Conversation) -> None:
    finish(conversation, finish_reason="length")
    assert "longest length allowed" in page(client, conversation.get_absolute_url())


def test_a_conversation_is_renamed_and_deleted(client: Client, conversation: Conversation) -> None:
    client.post(reverse("playground:rename", args=[conversation.public_id]), {"title": "Pirates"})
    assert "Pirates" in page(client, reverse("playground:list"))
    client.post(reverse("playground:delete", args=[conversation.public_id]))
    assert not Conversation.objects.exists()
    assert "No conversations yet" in page(client, reverse("playground:list"))


def test_a_title_cannot_be_empty(client: Client, conversation: Conversation) -> None:
    client.post(reverse("playground:rename", args=[conversation.public_id]), {"title": " "})
    conversation.refresh_from_db()
    assert conversation.title == "Hi"


def test_a_deleted_connection_leaves_the_conversation_readable(
    client: Client, connection: Connection, conversation: Conversation
) -> None:
    finish(conversation, text="Kept words")
    connection.delete()
    assert "Kept words" in page(client, conversation.get_absolute_url())


def test_without_a_connection_the_page_says_where_to_get_one(client: Client) -> None:
    assert reverse("providers:create") in page(client, reverse("playground:create"))


def urls(conversation: Conversation) -> dict[str, tuple[str, str]]:
    reply = Reply.objects.filter(turn__conversation=conversation).first()
    assert reply is not None
    one = [conversation.public_id]
    return {
        "conversation": ("get", reverse("playground:conversation", args=one)),
        "stream": ("get", reverse("playground:stream", args=[reply.public_id])),
        "send": ("post", reverse("playground:send", args=one)),
        "rename": ("post", reverse("playground:rename", args=one)),
        "delete": ("post", reverse("playground:delete", args=one)),
        "stop": ("post", reverse("playground:stop", args=[reply.public_id])),
        "again": ("post", reverse("playground:again", args=[reply.public_id])),
    }


@pytest.mark.parametrize(
    "name", ["conversation", "stream", "send", "rename", "delete", "stop", "again"]
)
def test_strangers_find_nothing(
    stranger: Membership, client_of: SignIn, conversation: Conversation, name: str
) -> None:
    method, url = urls(conversation)[name]
    assert getattr(client_of(stranger), method)(url).status_code == 404


@pytest.mark.parametrize("name", ["send", "rename", "delete", "stop", "again"])
def test_viewers_change_nothing(
    viewer: Membership, client_of: SignIn, conversation: Conversation, name: str
) -> None:
    method, url = urls(conversation)[name]
    assert getattr(client_of(viewer), method)(url).status_code == 404


@pytest.mark.parametrize("name", ["playground:create", "playground:models"])
def test_viewers_begin_nothing(viewer: Membership, client_of: SignIn, name: str) -> None:
    args = [0] if name == "playground:models" else []
    assert client_of(viewer).get(reverse(name, args=args)).status_code == 403


def test_only_who_may_send_is_offered_another_try(
    client: Client, viewer: Membership, client_of: SignIn, conversation: Conversation
) -> None:
    finish(conversation, status="failed")
    url = conversation.get_absolute_url()
    assert page(client, url).count("data-again=") == 2
    assert "data-again=" not in page(client_of(viewer), url)
    finish(conversation, status="complete")
    assert "Try again" not in page(client, url)
    assert "data-again=" not in page(client_of(viewer), url)


def test_viewers_read(viewer: Membership, client_of: SignIn, conversation: Conversation) -> None:
    finish(conversation, text="Words to read")
    html = page(client_of(viewer), conversation.get_absolute_url())
    assert "Words to read" in html
    assert 'id="composer"' not in html
    assert "New conversation" not in page(client_of(viewer), reverse("playground:list"))


def test_editors_send(
    editor: Membership, client_of: SignIn, connection: Connection, provider: FakeServer
) -> None:
    assert len(send(client_of(editor), connection)) == 2


def test_pages_cost_the_same_however_long_they_are(
    client: Client,
    connection: Connection,
    conversation: Conversation,
) -> None:
    finish(conversation)
    addresses = [conversation.get_absolute_url(), reverse("playground:list")]
    before = [queries(client, url) for url in addresses]
    for number in range(3):
        url = reverse("playground:send", args=[conversation.public_id])
        client.post(url, form(connection, f"More {number}"))
        finish(conversation)
        send(client, connection)
    assert [queries(client, url) for url in addresses] == before


def test_each_button_of_an_answer_says_whose_it_is(
    client: Client, conversation: Conversation
) -> None:
    finish(conversation)
    html = page(client, conversation.get_absolute_url())
    for reply in replies_of(conversation.public_id):
        whose = f"model-{reply.public_id}"
        described = re.findall(rf'aria-describedby="{whose}"[^>]*>([^<]+)<', html)
        assert described == ["Copy", "Ask again", "Copy as…"]
        heading = html.split(f'id="{whose}">')[1].split("</p>")[0]
        assert f">{reply.model}<" in heading


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(database) as captured:
        page(client, url)
    return len(captured)


def finish(conversation: Conversation, **facts: Any) -> None:
    """Let the last turn be answered, without a provider."""
    for reply in replies_of(conversation.public_id):
        now = reply.created_at
        told = {"status": "complete", "claimed_at": now, "finished_at": now, "text": "Hello!"}
        Reply.objects.filter(pk=reply.pk).update(**told | facts)
