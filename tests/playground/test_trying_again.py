"""A reply that failed or was stopped is asked again: only when told, and exactly once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.playground.models import Reply
from apps.providers.models import Connection
from tests.playground.site import Site, send, stored
from tests.providers.fake_server import FakeServer

CHAT = ("POST", "/v1/chat/completions")


def test_a_failed_reply_is_asked_again_only_when_told_and_only_once(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    failed, _ = send(client, connection)
    provider.break_next(*CHAT, status=400)
    assert "data-again=" in site.read(client, failed).foot
    site.read(client, failed)
    assert provider.count(*CHAT) == 1
    first = again(client, failed)
    second = again(client, failed)  # a double click
    assert first.pk == second.pk != failed.pk
    with ThreadPoolExecutor(2) as pool:
        seen = list(pool.map(lambda _n: site.read(client, first).text, range(2)))
    assert seen == ["Hello!", "Hello!"]
    assert provider.count(*CHAT) == 2
    assert (stored(first).status, stored(first).model) == ("complete", "base")
    assert not Reply.objects.filter(pk=failed.pk).exists()


def test_a_whole_answer_stays_and_another_comes_beside_it(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    whole, _ = send(client, connection, seed="7", temperature="0.5")
    site.read(client, whole)
    beside = again(client, whole)
    assert again(client, whole).pk == beside.pk  # a double click
    site.read(client, beside)
    assert provider.requests[-1].json()["seed"] == 8
    third = again(client, beside)
    assert [whole.sample, beside.sample, third.sample] == [0, 1, 2]
    assert third.settings == {"system_prompt": "", "temperature": 0.5, "seed": 9}
    assert stored(whole).text == stored(beside).text == "Hello!"


def test_a_running_reply_is_not_asked_again(
    client: Client, connection: Connection, provider: FakeServer
) -> None:
    _reply, waiting = send(client, connection)
    assert again(client, waiting).pk == waiting.pk
    assert Reply.objects.count() == 2
    assert provider.count(*CHAT) == 0


def test_a_model_answers_a_prompt_at_most_eight_times(
    client: Client, connection: Connection
) -> None:
    replies = send(client, connection, samples="8")
    assert [reply.sample for reply in replies] == [*range(8), *range(8)]
    Reply.objects.update(status="complete", claimed_at=timezone.now(), finished_at=timezone.now())
    url = reverse("playground:again", args=[replies[0].public_id])
    assert client.post(url).status_code == 409
    assert Reply.objects.count() == 16


def test_what_the_first_try_still_writes_does_not_reach_the_second(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    provider.hold_reply.clear()
    with site.stream(client, reply) as events:
        next(events)
        Reply.objects.filter(pk=reply.pk).update(status="stopped", finished_at=timezone.now())
        second = again(client, reply)
    provider.hold_reply.set()
    assert site.read(client, second).text == "Hello!"
    assert stored(second).text == "Hello!"


def again(browser: Client, reply: Reply) -> Any:
    """Press “Ask again” and return the newest reply of the column."""
    response = browser.post(reverse("playground:again", args=[reply.public_id]))
    assert response.status_code == 200
    shown = Reply.objects.filter(turn=reply.turn_id, column=reply.column_id)
    return shown.order_by("sample").last()
