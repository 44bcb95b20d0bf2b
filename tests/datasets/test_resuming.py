"""An upload goes on where it broke off, for the person who began it and nobody else."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.datasets.models import Version
from apps.datasets.uploads import asgi
from apps.datasets.uploads.resuming import HalfUpload
from tests.datasets.test_upload import Browser, _closed_connections, broken_off, files_in  # noqa: F401
from tests.factories import chat_file

CONTENT = chat_file(50)
HALF = len(CONTENT) // 2
NAME = uuid.UUID(int=7)


def address(offset: object = 0, size: object = len(CONTENT), name: uuid.UUID = NAME) -> str:
    query = {"filename": "train.jsonl", "offset": offset, "size": size}
    return f"{reverse('datasets:upload_on', args=[name])}?{urlencode(query)}"


def put(client: Client, content: bytes, offset: object = 0, size: object = len(CONTENT)) -> Any:
    url = address(offset, size)
    return client.put(url, content, content_type="application/octet-stream")


def received(client: Client) -> int:
    there: int = client.get(address()).json()["received"]
    return there


def test_what_arrives_in_two_parts_is_one_file(client, tmp_path):
    assert put(client, CONTENT[:HALF]).json() == {"received": HALF}
    assert received(client) == HALF
    response = put(client, CONTENT[HALF:], HALF)
    version = Version.objects.get()
    assert (response.status_code, response.json()) == (201, {"url": version.get_absolute_url()})
    assert version.source_path.read_bytes() == CONTENT
    assert version.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("offset", [0, HALF - 1, HALF + 1])
def test_bytes_from_another_place_are_refused_with_the_right_one(client, offset):
    put(client, CONTENT[:HALF])
    response = put(client, CONTENT[offset:], offset)
    assert (response.status_code, response.json()) == (409, {"received": HALF})


def test_an_upload_whose_last_answer_was_lost_is_found_again_and_stays_as_it_is(client):
    url = put(client, CONTENT).json()["url"]
    assert client.get(address()).json() == {"url": url}
    assert put(client, CONTENT[::-1]).json() == {"url": url}
    assert client.delete(address()).json() == {"url": url}
    assert Version.objects.get().source_path.read_bytes() == CONTENT


def test_nobody_else_meets_a_half_upload(client, client_of, editor, stranger):
    put(client, CONTENT[:HALF])
    for other in (client_of(editor), client_of(stranger)):
        assert received(other) == 0
        other.delete(address())
        assert put(other, CONTENT).status_code == 201
    assert received(client) == HALF


def test_a_viewer_uploads_nothing(client_of, viewer, tmp_path):
    browser = client_of(viewer)
    for response in (put(browser, CONTENT), browser.get(address()), browser.delete(address())):
        assert response.status_code == 403
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("offset", "size"), [("", 10), ("-1", 10), (0, "many"), (0, "1" * 30), ("0", "1e3")]
)
def test_an_address_without_sense_is_refused_in_words(client, offset, size):
    response = put(client, b"x", offset, size)
    assert response.status_code == 400
    assert "offset and the size" in response.json()["error"]


def test_more_than_was_announced_is_refused_and_forgotten(client, tmp_path):
    assert put(client, CONTENT, size=HALF).status_code == 400
    assert files_in(tmp_path) == []


def test_a_file_that_is_too_large_is_refused_before_its_first_byte(client, settings, tmp_path):
    settings.MAX_UPLOAD_BYTES = len(CONTENT) - 1
    assert put(client, CONTENT[:10]).status_code == 413
    assert files_in(tmp_path) == []


def test_a_cancelled_upload_is_forgotten(client, tmp_path):
    put(client, CONTENT[:HALF])
    assert client.delete(address()).json() == {"received": 0}
    assert files_in(tmp_path) == []


def test_two_connections_do_not_write_to_one_file(client, owner):
    put(client, CONTENT[:HALF])
    with HalfUpload.of(owner, NAME)._open():
        response = put(client, CONTENT[HALF:], HALF)
    assert (response.status_code, response.json()) == (409, {"received": HALF})
    assert put(client, CONTENT[HALF:], HALF).status_code == 201


async def fallen_silent(*chunks: bytes) -> AsyncIterator[dict[str, Any]]:
    for chunk in chunks:
        yield {"type": "http.request", "body": chunk, "more_body": True}
    await asyncio.Event().wait()


@pytest.mark.usefixtures("_closed_connections")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("line", [broken_off, fallen_silent])
async def test_what_came_before_the_line_was_lost_is_kept(
    owner: Membership, client: Client, monkeypatch: pytest.MonkeyPatch, line: Any
) -> None:
    monkeypatch.setattr(asgi, "SILENCE_SECONDS", 0.2)
    browser = Browser(client, line(CONTENT[:100], CONTENT[100:HALF]), len(CONTENT), address())
    await asgi.UploadHandler()(browser.scope, browser.receive, browser.send)
    assert HalfUpload.of(owner, NAME).received == HALF
    assert HalfUpload.of(owner, NAME).path.read_bytes() == CONTENT[:HALF]
