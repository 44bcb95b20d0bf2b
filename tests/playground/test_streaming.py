"""What a reader sees, what is kept, and how often the provider is asked."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Membership
from apps.playground.asking import streaming
from apps.playground.models import Reply
from apps.providers.adapters import pace
from apps.providers.models import Connection
from tests.factories import make_job
from tests.playground.site import Seen, Site, send, stored, wait_for_the_end
from tests.providers.fake_server import FakeServer, chat_chunk, error

CHAT = ("POST", "/v1/chat/completions")
HOSTILE = "<script>alert(1)</script>"


def test_both_columns_stream_their_answers(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    left, right = send(client, connection)
    with site.stream(client, left) as lefts, site.stream(client, right) as rights:
        seen = [Seen(list(lefts)), Seen(list(rights))]
    assert [each.text for each in seen] == ["Hello!", "Hello!"]
    assert [request.json()["model"] for request in provider.requests] == ["base", "tuned"]
    reply = stored(left)
    assert (reply.status, reply.text, reply.finish_reason) == ("complete", "Hello!", "stop")
    assert (reply.served_model, reply.prompt_tokens, reply.completion_tokens) == ("base", 7, 3)
    assert reply.first_token_ms is not None
    assert reply.total_ms is not None
    assert "7 / 3" in seen[0].foot


def test_pieces_are_shown_before_the_answer_is_complete(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    provider.hold_reply.clear()
    with site.stream(client, reply) as events:
        assert next(events) == ("piece", "Hel")
        provider.hold_reply.set()
        assert Seen(list(events)).text == "lo!"


def test_a_reader_who_leaves_keeps_what_had_arrived(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    provider.hold_reply.clear()
    with site.stream(client, reply) as events:
        next(events)
    wait_for_the_end([reply])
    assert site.read(client, reply).text == "Hel"
    kept = stored(reply)
    assert (kept.status, kept.text, kept.trouble) == ("stopped", "Hel", "reader_left")
    assert provider.count(*CHAT) == 1


def test_who_reloads_the_page_finds_the_answer_going_on(
    client: Client,
    connection: Connection,
    provider: FakeServer,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "LINGER_SECONDS", 0.5)
    replies = send(client, connection)
    provider.hold_reply.clear()
    with site.turn(client, replies[0]) as events:
        next(events)
    with site.turn(client, replies[0]) as events:
        next(events)
        time.sleep(1)  # longer than anybody waits for a reader who does not come back
        provider.hold_reply.set()
        list(events)
    assert {stored(reply).text for reply in replies} == {"Hello!"}
    assert {stored(reply).status for reply in replies} == {"complete"}
    assert provider.count(*CHAT) == 2


def test_a_finished_reply_is_told_again_without_asking_again(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    first, second = site.read(client, reply), site.read(client, reply)
    assert second.events[0] == ("whole", "Hello!")
    assert second.foot == first.foot
    assert provider.count(*CHAT) == 1


def test_two_tabs_at_the_same_moment_ask_once(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    with ThreadPoolExecutor() as threads:
        seen = list(threads.map(lambda _: site.read(client, reply), range(4)))
    assert [each.text for each in seen] == ["Hello!"] * 4
    assert provider.count(*CHAT) == 1


def test_a_second_tab_follows_the_first_while_it_arrives(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    provider.hold_reply.clear()
    with site.stream(client, reply) as first, site.stream(client, reply) as second:
        assert next(first) == ("piece", "Hel")
        shown = ""
        while not shown:  # the journal writes what has arrived, the second tab reads it there
            shown = next(second)[1]
        assert shown == "Hel"
        provider.hold_reply.set()
        list(first)
        assert Seen(list(second)).text == "lo!"


def test_an_error_stays_in_its_column_in_the_providers_words(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    left, right = send(client, connection)
    provider.break_next(*CHAT, status=400, body=error("Temperature is not allowed here."))
    assert "Temperature is not allowed here." in site.read(client, left).foot
    assert site.read(client, right).text == "Hello!"
    assert (stored(left).status, stored(left).trouble) == ("failed", "refused")
    assert stored(right).status == "complete"


@pytest.mark.parametrize(
    ("status", "trouble", "words"),
    [
        (401, "key_refused", "Check the connection."),
        (402, "no_credit", "Top up the account"),
        (404, "model_not_found", "does not know this model"),
        (429, "unavailable", "Wait, then send it again."),
        (503, "unavailable", "Wait, then send it again."),
    ],
)
def test_a_failure_says_what_to_do(
    client: Client,
    connection: Connection,
    provider: FakeServer,
    site: Site,
    status: int,
    trouble: str,
    words: str,
) -> None:
    reply, _ = send(client, connection)
    provider.break_next(*CHAT, status=status, body=error("No."))
    assert words in site.read(client, reply).foot
    assert stored(reply).trouble == trouble


def test_a_tuned_model_that_is_not_served_yet_is_said_to_be_on_its_way(
    client: Client, connection: Connection, provider: FakeServer, site: Site, owner: Membership
) -> None:
    job = make_job(workspace=owner.workspace, connection=connection, fine_tuned_model="tuned")
    _, tuned = send(client, connection)
    tuned.turn.conversation.job = job
    tuned.turn.conversation.save(update_fields=["job"])
    provider.break_next(*CHAT, status=404, body=error("No such model."))
    assert "not ready yet" in site.read(client, tuned).foot


def test_an_answer_that_breaks_off_keeps_its_beginning(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    beginning = b'data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n'
    provider.break_next(*CHAT, cut=True, body=beginning)
    assert site.read(client, reply).text == "Hel"
    assert (stored(reply).status, stored(reply).text) == ("failed", "Hel")


def test_stop_ends_the_answer_and_keeps_it(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    provider.hold_reply.clear()
    with site.stream(client, reply) as events:
        next(events)
        assert site.stop(client, reply) == 204
        assert "Stopped" in Seen(list(events)).foot
    kept = stored(reply)
    assert (kept.status, kept.text, kept.trouble) == ("stopped", "Hel", "")


def test_stop_does_not_wait_for_the_beat_of_very_many_answers(
    client: Client,
    connection: Connection,
    provider: FakeServer,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"MANY": 0, "FIRST_PARTS": 1, "BEAT_SECONDS": 3600}.items():
        monkeypatch.setattr(pace, name, value)
    reply, _ = send(client, connection)
    provider.hold_reply.clear()
    with site.stream(client, reply) as events:
        assert next(events) == ("piece", "Hel")
        assert site.stop(client, reply) == 204
        assert "Stopped" in Seen(list(events)).foot


def test_a_reply_stopped_before_it_began_is_never_asked(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    site.stop(client, reply)
    assert "Stopped" in site.read(client, reply).foot
    assert provider.count(*CHAT) == 0


def test_stop_reaches_a_reply_that_another_process_streams(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    provider.hold_reply.clear()
    with site.stream(client, reply) as events:
        next(events)
        # What another process would do: only the mark on the row, no word to the event loop.
        Reply.objects.filter(pk=reply.pk).update(stop_requested_at=timezone.now())
        list(events)
    assert (stored(reply).status, stored(reply).trouble) == ("stopped", "")


def test_hostile_words_are_escaped_wherever_they_stand(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    end = {"index": 0, "delta": {}, "finish_reason": HOSTILE}
    provider.chunks = [
        chat_chunk(HOSTILE, model=HOSTILE, system_fingerprint=HOSTILE),
        chat_chunk(model=HOSTILE, choices=[end]),
    ]
    left, right = send(client, connection, text=HOSTILE)
    assert HOSTILE not in site.read(client, left).foot
    provider.break_next(*CHAT, status=400, body=error(HOSTILE))
    assert HOSTILE not in site.read(client, right).foot
    page = client.get(left.turn.conversation.get_absolute_url()).content.decode()
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


def test_text_that_the_database_cannot_hold_is_replaced(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    odd = "a\x00b\ud83d"
    provider.chunks = [chat_chunk(odd, model=odd, system_fingerprint=odd)]
    reply, _ = send(client, connection)
    storable = "a\ufffdb\ufffd"
    assert site.read(client, reply).text == storable
    kept = stored(reply)
    assert (kept.status, kept.text, kept.served_model) == ("complete", storable, storable)


def test_lines_stay_lines(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    provider.reply = ["one\n", "\n two\r\n", "three"]
    reply, _ = send(client, connection)
    assert site.read(client, reply).text == "one\n\n two\nthree"


def test_a_reply_whose_process_died_is_closed_with_words(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    long_ago = timezone.now() - timedelta(minutes=1)
    Reply.objects.filter(pk=reply.pk).update(
        status="streaming", claimed_at=long_ago, heartbeat_at=long_ago, text="Hel"
    )
    seen = site.read(client, reply)
    assert (seen.text, stored(reply).status) == ("Hel", "stopped")
    assert "Retune was interrupted here." in seen.foot
    assert provider.count(*CHAT) == 0


def test_a_message_nobody_waited_for_is_not_asked_later(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    long_ago = timezone.now() - timedelta(minutes=2)
    Reply.objects.filter(pk=reply.pk).update(created_at=long_ago)
    assert "Send it again." in site.read(client, reply).foot
    assert provider.count(*CHAT) == 0


def test_a_late_end_never_reopens_a_closed_reply(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    provider.hold_reply.clear()
    with site.stream(client, reply) as events:
        next(events)
        closed = {"status": "stopped", "finished_at": timezone.now(), "text": "kept"}
        Reply.objects.filter(pk=reply.pk).update(**closed)
        list(events)
    assert (stored(reply).status, stored(reply).text) == ("stopped", "kept")


def test_a_conversation_deleted_while_it_answers_ends_quietly(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    provider.hold_reply.clear()
    with site.stream(client, reply) as events:
        next(events)
        reply.turn.conversation.delete()
        assert Seen(list(events)).foot == ""


def test_a_deleted_connection_is_said_in_words(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    connection.delete()
    assert "This connection was deleted." in site.read(client, reply).foot


def test_a_running_stream_holds_no_database_connection(
    client: Client, connection: Connection, provider: FakeServer, site: Site
) -> None:
    reply, _ = send(client, connection)
    provider.hold_reply.clear()
    before = other_connections()  # of earlier tests' threads, perhaps
    with site.stream(client, reply) as events:
        next(events)
        # The journal comes by for a moment now and then; a held connection would always be there.
        assert min(other_connections() for _ in range(200)) <= before


def other_connections() -> int:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def test_a_viewer_follows_but_never_causes_a_call(
    client: Client,
    connection: Connection,
    provider: FakeServer,
    site: Site,
    viewer: Membership,
    client_of,
) -> None:
    reply, _ = send(client, connection)
    with site.stream(client_of(viewer), reply) as events:
        assert next(events)[0] in {"whole", "piece"}
        assert provider.count(*CHAT) == 0
        site.read(client, reply)
        assert "Hello!" in Seen(list(events)).text
    assert provider.count(*CHAT) == 1
