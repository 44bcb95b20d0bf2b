"""An earlier prompt asked in other words, and a conversation that goes on twice."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership
from apps.playground import services
from apps.playground.models import Conversation, Reply, Turn
from apps.providers.models import Connection
from tests.playground.site import Site, asked, form, page, send, send_again
from tests.providers.fake_server import FakeServer

HTMX = {"HX-Request": "true"}


@pytest.fixture
def conversation(client: Client, connection: Connection) -> Conversation:
    """Return one with two turns that were answered."""
    reply, _ = send(client, connection, "Who are you?", system_prompt="Be kind.")
    answer("A pirate.")
    send_again(client, connection, reply, "Really?", system_prompt="Be kind.")
    answer("Aye.")
    return reply.turn.conversation


def answer(text: str) -> None:
    """Let what waits be answered, without a provider."""
    now = timezone.now()
    Reply.objects.unfinished().update(
        status="complete", claimed_at=now, finished_at=now, text=text, served_model="base"
    )


def address(name: str, conversation: Conversation, position: int) -> str:
    return reverse(f"playground:{name}", args=[conversation.public_id, position])


def edited(connection: Connection, text: str, **fields: str) -> dict[str, str]:
    """Return what an edit sends: its own words, and the whole composer beside it."""
    own = {"edited_text": text, "edited_token": str(uuid4())}
    return form(connection, "not this", system_prompt="Be kind.") | own | fields


def test_an_edited_prompt_begins_a_branch(
    client: Client,
    connection: Connection,
    conversation: Conversation,
    provider: FakeServer,
    site: Site,
) -> None:
    data = edited(connection, "Are you sure?", temperature="0.5")
    response = client.post(address("ask", conversation, 1), data, headers=HTMX)
    branch = Conversation.objects.get(parent=conversation)
    assert response["HX-Redirect"] == branch.get_absolute_url()
    assert (branch.title, branch.temperature) == ("Are you sure?", 0.5)
    assert [turn.text for turn in branch.turns.order_by("position")] == [
        "Who are you?",
        "Are you sure?",
    ]
    left, _ = Reply.objects.filter(turn__conversation=branch, turn__position=1)
    site.read(client, left)
    assert [each["content"] for each in asked(provider.requests[-1])] == [
        "Be kind.",
        "Who are you?",
        "A pirate.",
        "Are you sure?",
    ]
    conversation.refresh_from_db()
    assert (conversation.turns.count(), conversation.temperature) == (2, None)


def test_what_a_branch_takes_over_is_what_was_said(
    client: Client, connection: Connection, conversation: Conversation
) -> None:
    client.post(address("ask", conversation, 1), edited(connection, "Sure?"))
    copied = Reply.objects.get(
        turn__conversation__parent=conversation, turn__position=0, column__position=0
    )
    first = Reply.objects.get(turn__conversation=conversation, turn__position=0, column__position=0)
    same = ("model", "connection", "settings", "status", "text", "served_model", "finished_at")
    assert [getattr(copied, name) for name in same] == [getattr(first, name) for name in same]
    assert copied.column.conversation.parent == conversation


def test_the_first_prompt_can_be_edited(
    client: Client, connection: Connection, conversation: Conversation
) -> None:
    client.post(address("ask", conversation, 0), edited(connection, "Ahoy?"))
    branch = Conversation.objects.get(parent=conversation)
    assert [turn.text for turn in branch.turns.all()] == ["Ahoy?"]


def test_an_edit_sent_twice_is_one_branch(
    client: Client, connection: Connection, conversation: Conversation
) -> None:
    data = edited(connection, "Sure?")
    addresses = [client.post(address("ask", conversation, 1), data)["Location"] for _ in "ab"]
    assert len(set(addresses)) == 1
    assert Conversation.objects.count() == 2


def test_an_edit_keeps_the_row_that_its_prompt_came_from(
    client: Client, connection: Connection, conversation: Conversation
) -> None:
    context = [{"role": "user", "content": "Before"}, {"role": "assistant", "content": "Aye"}]
    Turn.objects.filter(conversation=conversation, position=1).update(
        is_fresh=True, context=context, expected="Gold."
    )
    client.post(address("ask", conversation, 1), edited(connection, "Sure?"))
    turn = Turn.objects.get(conversation__parent=conversation, position=1)
    assert (turn.context, turn.expected, turn.is_fresh) == (context, "Gold.", True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"edited_text": " "}, "Write a message first."),
        ({"column-0-model": ""}, "Choose a model for each column."),
    ],
)
def test_an_edit_that_cannot_be_sent_is_said_beside_it(
    client: Client,
    connection: Connection,
    conversation: Conversation,
    change: dict[str, str],
    words: str,
) -> None:
    data = edited(connection, "Sure?") | change
    response = client.post(address("ask", conversation, 1), data, headers=HTMX)
    assert (response.status_code, response["HX-Retarget"]) == (422, "#edit-errors-1")
    assert words in response.content.decode()
    assert Conversation.objects.count() == 1


def test_a_conversation_goes_on_twice(
    client: Client, connection: Connection, conversation: Conversation
) -> None:
    token = {"form_token": str(uuid4())}
    urls = [client.post(address("branch", conversation, 0), token)["Location"] for _ in "ab"]
    assert len(set(urls)) == 1  # a double click
    branch = Conversation.objects.get(parent=conversation)
    assert [turn.text for turn in branch.turns.all()] == ["Who are you?"]
    assert (branch.title, branch.system_prompt) == (conversation.title, "Be kind.")
    reply = Reply.objects.filter(turn__conversation=branch).first()
    assert reply
    assert send_again(client, connection, reply, "And now?")[0].turn.position == 1


def test_taking_over_costs_no_query_for_each_answer(
    owner: Membership, conversation: Conversation, django_assert_max_num_queries: Any
) -> None:
    Reply.objects.update(logprobs=[["Aye", -0.1, []]])
    turn = conversation.turns.get(position=1)
    column = conversation.columns.get(position=0)
    shared = {"turn": turn, "column": column, "model": "base", "status": "stopped"}
    Reply.objects.bulk_create(
        Reply(**shared, sample=sample, finished_at=timezone.now()) for sample in range(1, 8)
    )
    with django_assert_max_num_queries(11):
        branch = services.branch_from(turn=turn, user_id=owner.user_id, form_token=uuid4())
    assert Reply.objects.filter(turn__conversation=branch, logprobs__isnull=False).count() == 4


def test_both_pages_name_each_other(
    client: Client, connection: Connection, conversation: Conversation
) -> None:
    client.post(address("branch", conversation, 0))
    branch = Conversation.objects.get(parent=conversation)
    there = page(client, branch.get_absolute_url())
    assert "Branched from" in there
    assert f'href="{conversation.get_absolute_url()}"' in there
    assert f'href="{branch.get_absolute_url()}"' in page(client, conversation.get_absolute_url())
    conversation.delete()
    assert "Branched from" not in page(client, branch.get_absolute_url())


def test_nothing_is_taken_over_while_it_is_being_answered(
    client: Client, connection: Connection, conversation: Conversation
) -> None:
    Reply.objects.filter(turn__position=0).update(
        status="streaming", finished_at=None, heartbeat_at=timezone.now()
    )
    response = client.post(address("branch", conversation, 0), follow=True)
    assert "still answering" in response.content.decode()
    data = edited(connection, "Sure?")
    response = client.post(address("ask", conversation, 1), data, headers=HTMX)
    assert response.status_code == 422
    assert Conversation.objects.count() == 1


def test_the_edit_opens_in_place_and_can_be_left(
    client: Client, conversation: Conversation
) -> None:
    assert "Really?</textarea>" in page(client, address("edit", conversation, 1))
    assert "data-prompt-text" in page(client, address("prompt", conversation, 1))
    assert client.get(address("edit", conversation, 9)).status_code == 404
