"""Speaks to the running application as a browser does: pages, forms, event streams."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx2
from django.test import Client
from django.urls import reverse

from apps.playground.models import Reply
from apps.providers.models import Connection

Event = tuple[str, str]
CSRF = "c" * 32


@dataclass(frozen=True)
class Site:
    """The application at work, seen over HTTP."""

    url: str

    @contextmanager
    def stream(self, browser: Client, reply: Reply) -> Iterator[Iterator[Event]]:
        """Open a reply's stream; leaving the block is leaving the page."""
        url = reverse("playground:stream", args=[reply.public_id])
        with self.events(browser, url) as events:
            yield _of(reply, events)

    def read(self, browser: Client, reply: Reply) -> "Seen":
        """Read a reply's stream to its end."""
        with self.stream(browser, reply) as events:
            return Seen(list(events))

    @contextmanager
    def turn(self, browser: Client, reply: Reply) -> Iterator[Iterator[Event]]:
        """Open the stream that a page opens: of all replies to the same prompt."""
        ids = [reply.turn.conversation.public_id, reply.turn.position]
        with self.events(browser, reverse("playground:turn_stream", args=ids)) as events:
            yield events

    def read_turn(self, browser: Client, replies: Sequence[Reply]) -> "list[Seen]":
        """Read the stream of a turn to its end; return what arrived for each of these replies."""
        with self.turn(browser, replies[0]) as events:
            seen = list(events)
        return [Seen(list(_of(reply, iter(seen)))) for reply in replies]

    @contextmanager
    def events(self, browser: Client, url: str) -> Iterator[Iterator[Event]]:
        """Open any stream; the name of an event ends with the reply that it is for."""
        cookies = _cookies(browser)
        with httpx2.stream("GET", self.url + url, cookies=cookies, timeout=20) as response:
            response.raise_for_status()
            yield _events(response.iter_lines())

    def stop(self, browser: Client, reply: Reply) -> int:
        url = self.url + reverse("playground:stop", args=[reply.public_id])
        cookies = {**_cookies(browser), "csrftoken": CSRF}
        return httpx2.post(url, cookies=cookies, headers={"X-CSRFToken": CSRF}).status_code


@dataclass(frozen=True)
class Seen:
    """What arrived at one reader."""

    events: list[Event]

    @property
    def text(self) -> str:
        return "".join(data for name, data in self.events if name in {"whole", "piece"})

    @property
    def foot(self) -> str:
        return next(data for name, data in self.events if name == "done")


def form(connection: Connection, text: str = "Hi", **fields: str) -> dict[str, str]:
    """Return what the composer sends: a base model on the left, a tuned one on the right."""
    return {
        "text": text,
        "form_token": str(uuid4()),
        "system_prompt": "",
        "column-0-connection": str(connection.public_id),
        "column-0-model": "base",
        "column-1-connection": str(connection.public_id),
        "column-1-model": "tuned",
        **fields,
    }


def send(browser: Client, connection: Connection, text: str = "Hi", **fields: str) -> list[Reply]:
    """Begin a conversation and return its waiting replies, left to right."""
    url = reverse("playground:create")
    response = browser.post(url, form(connection, text, **fields))
    assert response.status_code == 302, response.content.decode()
    return replies_of(UUID(response["Location"].split("/")[-2]))


def send_again(
    browser: Client, connection: Connection, earlier: Reply, text: str, **fields: str
) -> list[Reply]:
    """Send the next message of the conversation and return its waiting replies."""
    conversation = earlier.turn.conversation
    url = reverse("playground:send", args=[conversation.public_id])
    response = browser.post(url, form(connection, text, **fields))
    assert response.status_code == 302, response.content.decode()
    return replies_of(conversation.public_id)


def replies_of(conversation_id: UUID) -> list[Reply]:
    """Return the replies of the last turn."""
    replies = Reply.objects.filter(turn__conversation__public_id=conversation_id)
    newest = replies.select_related("turn__conversation").order_by("-turn__position")
    last = [reply for reply in newest if reply.turn_id == newest[0].turn_id]
    return sorted(last, key=lambda reply: (reply.column_id, reply.sample))


def page(client: Client, url: str) -> str:
    """Return the HTML that stands at this address."""
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def stored(reply: Reply) -> Reply:
    return Reply.objects.get(pk=reply.pk)


def wait_for_the_end(replies: Sequence[Reply]) -> None:
    """Wait until nobody answers any of these, and read none of them meanwhile."""
    waiting = Reply.objects.unfinished().filter(pk__in=[reply.pk for reply in replies])
    give_up_at = time.monotonic() + 20
    while waiting.exists():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def _cookies(browser: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in browser.cookies.items()}


def _of(reply: Reply, events: Iterator[Event]) -> Iterator[Event]:
    """Return what is for this reply, under the plain names of the events."""
    ending = f"-{reply.public_id}"
    return ((name.removesuffix(ending), data) for name, data in events if name.endswith(ending))


def _events(lines: Iterator[str]) -> Iterator[Event]:
    name, data = "", []
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data.append(line.removeprefix("data: "))
        elif name and not line:
            yield name, "\n".join(data)
            name, data = "", []


def asked(seen: Any) -> list[dict[str, str]]:
    """Return the messages of one request at the provider."""
    messages: list[dict[str, str]] = json.loads(seen.body)["messages"]
    return messages
