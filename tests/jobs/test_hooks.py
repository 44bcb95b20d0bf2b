"""Webhooks of providers: signed, fresh, small; they only make Retune look sooner."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.jobs.models import Job
from apps.providers import keys, webhooks
from apps.providers.models import Connection

KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
LATER = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def signing(connection: Connection) -> Connection:
    cache.clear()
    connection.encrypted_webhook_secret = keys.encrypt(SECRET, base_url=connection.base_url)
    connection.save()
    return connection


@pytest.fixture
def job(running_job: Job) -> Job:
    Job.objects.update(next_poll_at=timezone.now() + LATER)
    return running_job


def event(job_id: str = "ftjob-1", kind: str = "fine_tuning.job.succeeded") -> bytes:
    return json.dumps({"id": "evt_1", "type": kind, "data": {"id": job_id}}).encode()


def send(
    connection_id: object, body: bytes, *, key: bytes = KEY, late_by: int = 0, name: str = "wh_1",
    **changes: str,
) -> int:  # fmt: skip
    sent_at = int(time.time()) - late_by
    digest = hmac.new(key, f"{name}.{sent_at}.".encode() + body, hashlib.sha256).digest()
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(sent_at),
        "webhook-signature": "v1,bm90IHRoaXM= v1," + base64.b64encode(digest).decode(),
        **{key.replace("_", "-"): value for key, value in changes.items()},
    }
    path = reverse("hooks:receive", args=[connection_id])
    browser = Client(enforce_csrf_checks=True)
    return browser.post(path, body, content_type="application/json", headers=headers).status_code


def is_due(job: Job) -> bool:
    job.refresh_from_db()
    return job.next_poll_at <= timezone.now()


def test_a_genuine_webhook_makes_retune_look_at_the_job(job, connection):
    assert send(connection.public_id, event()) == 204
    assert is_due(job)


def test_the_same_webhook_again_changes_nothing(job, connection):
    send(connection.public_id, event())
    Job.objects.update(next_poll_at=timezone.now() + LATER)
    assert send(connection.public_id, event()) == 204
    assert not is_due(job)
    assert send(connection.public_id, event(), name="wh_2") == 204
    assert is_due(job)


@pytest.mark.parametrize(
    "forged",
    [
        {"key": b"another key another key another."},
        {"late_by": -400},
        {"late_by": 400},
        {"webhook_timestamp": "soon"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,"},
        {"webhook_id": "another"},
    ],
)
def test_what_is_forged_or_old_is_refused(job, connection, forged):
    assert send(connection.public_id, event(), **forged) == 400
    assert not is_due(job)


def test_a_changed_body_is_refused(job, connection, monkeypatch):
    genuine = hmac.new(KEY, b"wh_1.1." + event(), hashlib.sha256).digest()
    headers = {"webhook-id": "wh_1", "webhook-timestamp": "1"}
    headers["webhook-signature"] = "v1," + base64.b64encode(genuine).decode()
    assert webhooks.is_genuine(event(), headers, KEY, at=1.0)
    assert not webhooks.is_genuine(event("ftjob-2"), headers, KEY, at=1.0)


def test_an_unknown_connection_and_one_without_a_secret_answer_the_same(job, connection):
    assert send(uuid.uuid4(), event()) == 400
    Connection.objects.update(encrypted_webhook_secret="")
    assert send(connection.public_id, event()) == 400


def test_a_secret_is_not_good_for_another_address(job, connection):
    Connection.objects.update(base_url="http://elsewhere.test/v1")
    assert send(connection.public_id, event()) == 400


def test_a_large_body_is_refused_before_it_is_read(job, connection):
    assert send(connection.public_id, b" " * 70_000) == 413


def test_only_posts_are_taken(connection, db):
    assert Client().get(reverse("hooks:receive", args=[connection.public_id])).status_code == 405


@pytest.mark.parametrize(
    "body", [b"not json", b"[]", event(kind="batch.completed"), event("unknown"), event("a\x00b")]
)
def test_other_news_are_taken_and_forgotten(job, connection, body):
    assert send(connection.public_id, body) == 204
    assert not is_due(job)
    assert Connection.objects.get().next_import_at is None


def test_an_unknown_job_of_a_followed_account_is_imported_soon(connection, db):
    Connection.objects.update(follows_all_jobs=True, next_import_at=timezone.now() + LATER)
    send(connection.public_id, event("ftjob-new"))
    assert Connection.objects.get().next_import_at <= timezone.now()


def test_an_ended_job_stays_as_it_is(job, connection):
    ended = {"status": "succeeded", "finished_at": timezone.now()}
    Job.objects.update(**ended)
    assert send(connection.public_id, event()) == 204
    assert not is_due(job)


def test_an_owner_enters_the_secret_and_takes_it_back(client, connection):
    Connection.objects.update(encrypted_webhook_secret="", profile="openai")
    url = reverse("providers:webhook", args=[connection.public_id])
    address = reverse("hooks:receive", args=[connection.public_id])
    assert address in client.get(url).content.decode()
    assert client.post(url, {"secret": "whsec_short"}).status_code == 422
    assert client.post(url, {"secret": SECRET}).status_code == 302
    assert send(connection.public_id, event()) == 204
    page = client.get(url).content.decode()
    assert "A secret is saved" in page
    assert SECRET not in page
    client.post(url, {"forget": "yes"})
    assert Connection.objects.get().encrypted_webhook_secret == ""


def test_editors_do_not_see_the_page_of_the_secret(client_of, editor, connection):
    url = reverse("providers:webhook", args=[connection.public_id])
    assert client_of(editor).get(url).status_code == 404
