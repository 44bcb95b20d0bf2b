"""One stream for all replies of a prompt: who is asked, who waits, and what is kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import takewhile

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership
from apps.playground.asking import streaming
from apps.playground.models import Reply
from apps.providers.models import Connection
from tests.playground.site import Site, send, stored, wait_for_the_end
from tests.providers.fake_server import FakeServer, error

CHAT = ("POST", "/v1/chat/completions")


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "AT_ONCE", 2)


def with_samples(replies: list[Reply], samples: int) -> list[Reply]:
    """Let every column answer more than once."""
    more = [
        Reply(turn=reply.turn, column=reply.column, connection=reply.connection, sample=sample)
        for reply in replies
        for sample in range(1, samples)
    ]
    return replies + Reply.objects.bulk_create(more)


def test_all_replies_of_a_prompt_arrive_over_one_line(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    replies = with_samples(send(client, connection), 3)
    seen = site.read_turn(client, replies)
    assert [each.text for each in seen] == ["Hello!"] * 6
    assert all("Answered by" in each.foot for each in seen)
    assert {stored(reply).status for reply in replies} == {"complete"}
    assert provider.count(*CHAT) == 6


def test_the_stream_says_when_it_is_at_its_end(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    left, _ = send(client, connection)
    with site.turn(client, left) as events:
        assert list(events)[-1][0] == "end"


def test_each_reply_is_asked_once_however_many_streams_are_open(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    replies = with_samples(send(client, connection), 2)
    with ThreadPoolExecutor() as threads:
        turns = [threads.submit(site.read_turn, client, replies) for _ in range(3)]
        alone = threads.submit(site.read, client, replies[1])
    for turn in turns:
        assert [each.text for each in turn.result()] == ["Hello!"] * 4
    assert alone.result().text == "Hello!"
    assert provider.count(*CHAT) == 4


def test_only_so_many_are_asked_of_one_connection_at_once_and_the_others_say_that_they_wait(
    client: Client, connection: Connection, provider: FakeServer, site: Site, two_at_once: None
) -> None:
    replies = with_samples(send(client, connection), 2)
    provider.hold_reply.clear()
    with site.turn(client, replies[0]) as events:
        first = [next(events) for _ in range(4)]
        states = [data for name, data in first if name.startswith("state-")]
        assert states == ["Waiting for the others"] * 2
        assert provider.count(*CHAT) == 2
        # Those that wait are claimed: nobody else asks for them, and no reload gives them up.
        assert {stored(reply).status for reply in replies} == {"streaming"}
        provider.hold_reply.set()
        list(events)
    assert [stored(reply).text for reply in replies] == ["Hello!"] * 4
    assert provider.count(*CHAT) == 4


def test_a_reader_who_leaves_stops_all_and_keeps_what_had_arrived(
    client: Client, connection: Connection, provider: FakeServer, site: Site, two_at_once: None
) -> None:
    replies = with_samples(send(client, connection), 2)
    provider.hold_reply.clear()
    with site.turn(client, replies[0]) as events:
        while "piece" not in next(events)[0]:
            pass
    wait_for_the_end(replies)
    seen = site.read_turn(client, replies)
    kept = [stored(reply) for reply in replies]
    assert {reply.status for reply in kept} == {"stopped"}
    assert sorted(reply.trouble for reply in kept) == ["never_started"] * 2 + ["reader_left"] * 2
    assert [each.text for each in seen] == [reply.text for reply in kept]
    assert provider.count(*CHAT) == 2


def test_one_that_is_stopped_while_it_waits_is_never_asked(
    client: Client, connection: Connection, provider: FakeServer, site: Site, two_at_once: None
) -> None:
    replies = with_samples(send(client, connection), 2)
    provider.hold_reply.clear()
    with site.turn(client, replies[0]) as events:
        told = [next(events) for _ in range(4)]  # two wait, two say something
        ids = [name.removeprefix("state-") for name, _data in told if name.startswith("state-")]
        waiting = Reply.objects.get(public_id=ids[0])
        site.stop(client, waiting)
        name, foot = next(events)
        assert name == f"done-{waiting.public_id}"
        assert "Stopped" in foot
        provider.hold_reply.set()
        list(events)
    assert stored(waiting).total_ms is None
    assert provider.count(*CHAT) == 3


def test_a_failure_leaves_the_others_alone(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    replies = with_samples(send(client, connection), 2)
    provider.break_next(*CHAT, status=400, body=error("No."))
    feet = [seen.foot for seen in site.read_turn(client, replies)]
    assert sum("No." in foot for foot in feet) == 1
    statuses = sorted(stored(reply).status for reply in replies)
    assert statuses == ["complete"] * 3 + ["failed"]


def test_a_viewer_follows_the_turn_and_asks_nobody(
    client: Client,
    connection: Connection,
    provider: FakeServer,
    site: Site,
    viewer: Membership,
    client_of,
) -> None:
    replies = send(client, connection)
    with site.turn(client_of(viewer), replies[0]) as events:
        assert next(events)[0].startswith("whole-")
        assert provider.count(*CHAT) == 0
        site.read_turn(client, replies)
        assert [name[:3] for name, _data in events].count("don") == 2
    assert provider.count(*CHAT) == 2


def test_a_reply_that_is_asked_again_in_another_tab_is_followed_to_its_new_end(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, other = send(client, connection)
    provider.hold_reply.clear()
    with site.stream(client, other), site.turn(client, reply) as events:
        # This tab has asked for the first and follows the second, which its own tab leaves now.
        while "piece" not in next(events)[0]:
            pass
        now = timezone.now()
        with transaction.atomic():
            Reply.objects.filter(pk=other.pk).delete()
            again = Reply.objects.create(
                public_id=other.public_id,
                turn=other.turn,
                column=other.column,
                text="Anew",
                status="stopped",
                finished_at=now,
            )
        told = dict(takewhile(lambda event: event[0] != f"done-{again.public_id}", events))
        assert told[f"whole-{again.public_id}"] == "Anew"
        provider.hold_reply.set()


def test_of_many_replies_only_those_that_nobody_tends_are_given_up(
    client: Client, connection: Connection
) -> None:
    replies = with_samples(send(client, connection), 3)
    now, long_ago = timezone.now(), timezone.now() - timedelta(minutes=2)
    tended, silent, old, young, *_rest = replies
    begun = {"status": "streaming", "claimed_at": long_ago, "created_at": long_ago}
    for reply, fields in (
        (tended, {**begun, "heartbeat_at": now}),  # it waits for a place since long
        (silent, {**begun, "heartbeat_at": long_ago, "text": "Hel"}),
        (old, {"created_at": long_ago}),
        (young, {"created_at": now}),
    ):
        Reply.objects.filter(pk=reply.pk).update(**fields)
    client.get(tended.turn.conversation.get_absolute_url())
    kept = [(stored(each).status, stored(each).trouble) for each in (tended, silent, old, young)]
    assert kept == [
        ("streaming", ""),
        ("stopped", "interrupted"),
        ("stopped", "never_started"),
        ("pending", ""),
    ]
    assert stored(silent).text == "Hel"


def test_a_turn_that_is_not_there_is_not_found(client: Client, connection: Connection) -> None:
    reply, _ = send(client, connection)
    ids = [reply.turn.conversation.public_id, 7]
    assert client.get(reverse("playground:turn_stream", args=ids)).status_code == 404
