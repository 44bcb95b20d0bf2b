"""What a reader sees, what is kept, and how often the provider is asked."""

from collections.abc import Callable
from uuid import uuid4

import httpx2
import pytest
from django.test import Client
from django.urls import reverse

from apps.playground.models import Conversation, Reply
from apps.providers.models import Connection
from tests.playground.conftest import Site
from tests.providers.fake_server import FakeServer


def form(connection: Connection, text: str = "Hi", **fields: str) -> dict[str, str]:
    return {
        "text": text,
        "form_token": str(uuid4()),
        "column-0-connection": str(connection.public_id),
        "column-0-model": "base",
        "column-1-connection": str(connection.public_id),
        "column-1-model": "tuned",
        "system_prompt": "Be kind.",
        **fields,
    }


def test_both_columns_stream_their_answers(client, connection, provider, site):
    response = client.post(reverse("playground:create"), form(connection))
    conversation = Conversation.objects.get()
    assert response.url == conversation.get_absolute_url()
    for reply in Reply.objects.order_by("column__position"):
        stream = httpx2.get(
            site.url + reverse("playground:stream", args=[reply.public_id]),
            cookies=site.cookies_of(client),
        )
        reply.refresh_from_db()
        assert (reply.status, reply.text) == ("complete", "Hello!")
    page = client.get(conversation.get_absolute_url())
