"""Files arrive whole or not at all, whatever happens on the way."""

import asyncio
import errno
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client

from apps.datasets import storage
from apps.datasets.models import Version
from apps.datasets.uploads.asgi import UploadHandler
from tests.factories import chat_file

UPLOAD = "/datasets/upload/"


def files_in(folder) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_the_bytes_the_size_and_the_hash_are_those_that_were_sent(upload, tmp_path):
    content = chat_file(500)
    version = upload(content)
    assert version.path.read_bytes() == content
    assert version.size_bytes == len(content)
    assert version.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("train.jsonl", "train"),
        ("..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("C:%5Cdata%5Ctrain.jsonl", "train"),
        ("%E6%95%B0%E6%8D%AE.jsonl", "数据"),
        ("a%00b%E2%80%AEc.jsonl", "abc"),
        ("", "dataset"),
        ("x" * 400 + ".jsonl", "x" * 200),
    ],
)
def test_a_dataset_is_named_after_its_file_and_stored_under_our_own_name(
    upload, filename, name, tmp_path
):
    version = upload(chat_file(), filename)
    assert version.name == name
    assert version.path.parent == tmp_path / "datasets"


def test_a_file_that_is_too_large_is_refused_in_words(client, settings, tmp_path):
    settings.MAX_UPLOAD_BYTES = 1024 * 1024
    response = client.put(UPLOAD, b"x" * (1024 * 1024 + 1))
    assert response.status_code == 413
    assert "1.0\xa0MB" in response.json()["error"]
    assert (files_in(tmp_path), Version.objects.count()) == ([], 0)


def test_a_full_disk_is_said_in_words_and_leaves_nothing(client, tmp_path, monkeypatch):
    def full(_: object, __: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.Incoming, "write", full)
    response = client.put(UPLOAD, chat_file())
    assert response.status_code == 507
    assert "disk of the server is full" in response.json()["error"]
    assert (files_in(tmp_path), Version.objects.count()) == ([], 0)


def test_without_javascript_the_form_does_it(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(UPLOAD, {"file": SimpleUploadedFile("train.jsonl", chat_file())})
    version = Version.objects.get()
    assert response.url == version.get_absolute_url()
    assert (version.name, version.status) == ("train", Version.Status.READY)


def test_a_form_without_a_file_says_so(client):
    page = client.post(UPLOAD, follow=True).content.decode()
    assert "Choose a file first." in page


def test_an_upload_needs_the_token_of_the_page(owner):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner.user)
    assert browser.put(UPLOAD, chat_file()).status_code == 403


class Browser:
    """One request against the real handler, fed message by message."""

    def __init__(
        self,
        client: Client,
        messages: AsyncIterator[dict[str, Any]],
        size: int,
        url: str = f"{UPLOAD}?filename=train.jsonl",
    ) -> None:
        token = "t" * 32
        cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}"
        self._messages = messages
        self.sent: list[dict[str, Any]] = []
        self.scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "PUT",
            "path": url.partition("?")[0],
            "query_string": url.partition("?")[2].encode(),
            "headers": [
                (b"host", b"testserver"),
                (b"cookie", cookies.encode()),
                (b"x-csrftoken", token.encode()),
                (b"content-length", str(size).encode()),
            ],
        }

    async def receive(self) -> dict[str, Any]:
        return await anext(self._messages)

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int | None:
        return next((message["status"] for message in self.sent if "status" in message), None)


async def broken_off(*chunks: bytes) -> AsyncIterator[dict[str, Any]]:
    for chunk in chunks:
        yield {"type": "http.request", "body": chunk, "more_body": True}
    yield {"type": "http.disconnect"}


@pytest_asyncio.fixture
async def _closed_connections():
    """An open connection would keep the test database from being dropped."""
    yield
    await sync_to_async(connections.close_all)()


@pytest.mark.usefixtures("_closed_connections")
@pytest.mark.django_db(transaction=True)
async def test_a_body_is_stored_while_it_arrives(owner, client, tmp_path):
    content = chat_file(50)
    sizes: list[int] = []

    async def watched() -> AsyncIterator[dict[str, Any]]:
        block = content.ljust(storage.WRITE_BYTES)
        yield {"type": "http.request", "body": block, "more_body": True}
        yield {"type": "http.request", "body": block, "more_body": True}
        sizes.extend(path.stat().st_size for path in tmp_path.rglob("*.part"))
        yield {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.Event().wait()  # the browser stays for the answer

    browser = Browser(client, watched(), 2 * storage.WRITE_BYTES)
    await UploadHandler()(browser.scope, browser.receive, browser.send)
    assert browser.status == 201
    assert sizes
    assert sizes[0] >= storage.WRITE_BYTES


@pytest.mark.usefixtures("_closed_connections")
@pytest.mark.django_db(transaction=True)
async def test_a_client_that_vanishes_leaves_nothing_behind(owner, client, tmp_path):
    half = broken_off(chat_file(50), b"x" * storage.WRITE_BYTES)
    browser = Browser(client, half, 10 * storage.WRITE_BYTES)
    await UploadHandler()(browser.scope, browser.receive, browser.send)
    assert browser.status != 201
    assert files_in(tmp_path) == []
    assert not await sync_to_async(Version.objects.exists)()


@pytest.mark.usefixtures("_closed_connections")
@pytest.mark.django_db(transaction=True)
async def test_a_body_that_says_it_is_too_large_is_not_even_read(owner, client, settings):
    async def unread() -> AsyncIterator[dict[str, Any]]:
        raise AssertionError("somebody read the body")
        yield {}

    browser = Browser(client, unread(), settings.MAX_UPLOAD_BYTES * 2)
    await UploadHandler()(browser.scope, browser.receive, browser.send)
    assert browser.status == 413


def test_texts_that_the_database_cannot_hold_are_checked_like_others(upload):
    content = (
        chat_file().replace(b"You are kind.", b"Be\\u0000kind.").replace(b"Answer", b"\\u0000")
    )
    version = upload(content)
    assert (version.status, version.row_count) == (Version.Status.READY, 12)
    assert version.system_prompt == "Bekind."
    assert version.statistics["labels"]["distinct"] == 12


def test_a_key_of_any_length_is_named_by_its_beginning(upload):
    content = chat_file().replace(b'"role"', b'"' + b"k" * 5_000 + b'": 1, "role"', 1)
    version = upload(content)
    problem = version.problems.get(code="extra_key")
    assert problem.path.startswith("messages[0].kkk")
    assert problem.path.endswith("k…")
