"""A reply that failed or was stopped is asked again: only when told, and exactly once."""

from concurrent.futures import ThreadPoolExecutor

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


def test_a_complete_or_running_reply_is_not_asked_again(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, waiting = send(client, connection)
    site.read(client, reply)
    assert again(client, reply).text == "Hello!"
    assert again(client, waiting).pk == waiting.pk
    assert provider.count(*CHAT) == 1


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


def again(browser: Client, reply: Reply) -> Reply:
    """Press “Try again” and return the reply that stands there now."""
    response = browser.post(reverse("playground:again", args=[reply.public_id]))
    assert response.status_code == 200
    return Reply.objects.get(turn=reply.turn_id, column=reply.column_id)
