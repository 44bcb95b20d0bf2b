"""What somebody waits for before the first word, and what is known of the model by then."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.playground.models import Reply
from apps.providers.models import Connection
from tests.playground.site import send, stored


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["stream", "turn_stream"])
def test_a_stream_begins_after_three_statements(
    client: Client, connection: Connection, name: str, django_assert_num_queries
) -> None:
    reply, _ = send(client, connection)
    turn = reply.turn
    ids = {"stream": [reply.public_id], "turn_stream": [turn.conversation.public_id, turn.position]}
    with django_assert_num_queries(3):  # session, person, replies
        response = client.get(reverse(f"playground:{name}", args=ids[name]))
    assert response.status_code == 200
    assert stored(reply).status == Reply.Status.STREAMING
    assert stored(reply).claimed_at is not None


@pytest.mark.django_db
def test_whoever_may_only_look_takes_nothing(
    client: Client, connection: Connection, owner: Membership
) -> None:
    reply, _ = send(client, connection)
    Membership.objects.update(role="viewer")
    assert client.get(reverse("playground:stream", args=[reply.public_id])).status_code == 200
    assert stored(reply).status == Reply.Status.PENDING
