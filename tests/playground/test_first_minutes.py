"""What a person sees who has set up nothing yet, or whose models and connections are gone."""

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.playground.models import Reply
from apps.providers.models import Connection
from tests.factories import make_connection
from tests.playground.site import Site, form, page, send, stored
from tests.providers.fake_server import FakeServer

CHAT = ("POST", "/v1/chat/completions")
OVER = {"claimed_at": Now(), "finished_at": Now()}


def test_without_a_connection_there_is_one_thing_to_do(client: Client, owner: Membership) -> None:
    html = page(client, reverse("playground:create"))
    assert "No model connected" in html
    assert reverse("providers:create") in html
    assert "data-column-head" not in html
    assert "data-composer" not in html


def test_answers_can_be_read_after_every_connection_is_gone(
    client: Client, connection: Connection
) -> None:
    reply, _ = send(client, connection)
    Reply.objects.update(text="At eight.", status="complete", **OVER)
    Connection.objects.all().delete()
    html = page(client, reply.turn.conversation.get_absolute_url())
    assert "At eight." in html
    assert "No model connected" in html
    assert "data-composer" not in html


def test_another_connection_is_a_persons_choice(
    client: Client, owner: Membership, connection: Connection
) -> None:
    reply, _ = send(client, connection)
    Reply.objects.update(status="complete", **OVER)
    gone = str(connection.public_id)
    connection.delete()
    other = make_connection(workspace=owner.workspace, name="Another")
    html = page(client, reply.turn.conversation.get_absolute_url())
    assert html.count('<option value="" selected>Choose a connection</option>') == 2
    assert html.count("The connection of this model is not there any more.") == 2
    url = reverse("playground:send", args=[reply.turn.conversation.public_id])
    sent = form(other, **{"column-1-connection": ""})
    answer = client.post(url, sent, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "Choose a connection." in answer.content.decode()
    asked = {"column-0-connection": gone, "column-0-model": "base"}
    models = client.get(reverse("playground:models", args=[0]), asked)
    assert models.status_code == 404
    assert "<html" not in models.content.decode()
    assert "is not there any more" in models.content.decode()


@pytest.mark.parametrize(
    ("models", "model", "words"),
    [
        ([], "", "This connection lists no models."),
        (["tiny-chat-1m"], "ft:gone", "This connection does not list this model."),
        (["tiny-chat-1m"], "tiny-chat-1m", ""),
    ],
)
def test_what_stands_in_the_way_of_asking_a_model_is_said(
    client: Client,
    connection: Connection,
    provider: FakeServer,
    models: list[str],
    model: str,
    words: str,
) -> None:
    provider.models = [{"id": each, "object": "model"} for each in models]
    chosen = {"column-0-connection": str(connection.public_id), "column-0-model": model}
    asked = {**chosen, "kept": str(connection.public_id)}
    html = client.get(reverse("playground:models", args=[0]), asked).content.decode()
    assert ('role="note"' in html) == bool(words)
    assert words in html


@pytest.mark.parametrize("fault", [{"half_closed": True}, {"cut": True}])
def test_an_answer_that_breaks_off_is_said_so_in_plain_words(
    client: Client,
    connection: Connection,
    provider: FakeServer,
    site: Site,
    fault: dict[str, bool],
) -> None:
    reply, _ = send(client, connection)
    provider.break_next(*CHAT, status=200, body=b"data: {}", **fault)
    foot = site.read(client, reply).foot
    assert "The answer broke off." in foot
    assert "Error" not in foot
    assert "Answered by" not in foot
    assert stored(reply).trouble == "unavailable"
