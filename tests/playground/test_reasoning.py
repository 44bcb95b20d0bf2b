"""What a model thinks before it answers: shown as it comes, kept, and never sent back."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.playground.asking import live
from apps.providers.adapters.openai.chunks import chat_chunk as read
from apps.providers.models import Connection
from tests.playground.site import Site, asked, page, send, send_again, stored
from tests.providers.fake_server import FakeServer, chat_chunk


def thought(words: str, field: str = "reasoning_content") -> dict[str, Any]:
    return chat_chunk(choices=[{"index": 0, "delta": {field: words}, "finish_reason": None}])


def end(tokens: int, reasoning: int | None) -> dict[str, Any]:
    usage = {"prompt_tokens": 7, "completion_tokens": tokens, "total_tokens": 7 + tokens}
    details = {} if reasoning is None else {"reasoning_tokens": reasoning}
    choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return chat_chunk(choices=[choice], usage={**usage, "completion_tokens_details": details})


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_both_names_of_it_are_known(field: str) -> None:
    assert read(thought("Hm.", field)).reasoning == "Hm."
    assert read(thought("Hm.", "other")).reasoning == ""
    assert read(end(9, 5)).reasoning_tokens == 5
    assert read({"usage": {"completion_tokens_details": ["?"]}}).reasoning_tokens is None


def test_it_arrives_by_itself_and_is_not_part_of_the_answer(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    provider.chunks = [thought("Let me "), thought("think."), chat_chunk("Aye"), end(30, 25)]
    left, _right = send(client, connection)
    seen = site.read(client, left)
    assert "".join(data for name, data in seen.events if name == "thought") == "Let me think."
    assert seen.text == "Aye"
    assert "(25 for reasoning)" in seen.foot
    reply = stored(left)
    assert (reply.text, reply.reasoning, reply.reasoning_tokens) == ("Aye", "Let me think.", 25)
    conversation = reply.turn.conversation
    assert "Let me think.</div>" in page(client, conversation.get_absolute_url())
    url = reverse("playground:export", args=[conversation.public_id, "json"])
    replies = json.loads(client.get(url).content)["turns"][0]["replies"]
    assert replies[0]["reasoning"] == "Let me think."


def test_who_comes_back_to_an_answer_is_told_all_of_it(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    provider.chunks = [thought("Let me "), thought("think."), chat_chunk("Aye"), end(30, 25)]
    left, _right = send(client, connection)
    site.read(client, left)
    again = site.read(client, left)
    assert ("thoughts", "Let me think.") in again.events
    assert [name for name, _data in again.events][:3] == ["whole", "thoughts", "done"]


def test_no_model_is_told_what_it_thought(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    provider.chunks = [thought("Secret"), chat_chunk("Aye"), end(3, None)]
    replies = send(client, connection)
    site.read_turn(client, replies)
    site.read(client, send_again(client, connection, replies[0], "More")[0])
    assert "Secret" not in str(asked(provider.requests[-1]))


def test_hidden_names_hide_it(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    provider.chunks = [thought("As a parrot"), chat_chunk("Aye"), end(3, 1)]
    replies = send(client, connection)
    site.read_turn(client, replies)
    conversation = replies[0].turn.conversation
    client.post(reverse("playground:blind", args=[conversation.public_id]), {"is_blind": "on"})
    assert "As a parrot" not in page(client, conversation.get_absolute_url())


def test_endless_thinking_is_cut_and_the_answer_still_comes(
    client: Client,
    connection: Connection,
    provider: FakeServer,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "MAX_REASONING", 10)
    provider.chunks = [*[thought("Hm. ")] * 9, chat_chunk("Aye"), end(12, 10)]
    reply, _ = send(client, connection)
    assert site.read(client, reply).text == "Aye"
    assert stored(reply).reasoning == "Hm. " * 3


@pytest.mark.parametrize(("reasoning", "speed"), [(25, 4.0), (None, None)])
def test_reasoning_makes_no_model_faster(
    client: Client, connection: Connection, reasoning: int | None, speed: float | None
) -> None:
    reply, _ = send(client, connection)
    reply.reasoning, reply.reasoning_tokens, reply.completion_tokens = "Hm.", reasoning, 30
    reply.first_token_ms, reply.total_ms = 500, 1500
    assert reply.tokens_per_second == speed
