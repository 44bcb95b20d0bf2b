"""Webhooks: set up in the browser, signed, tried again, never twice for one thing."""

from datetime import timedelta
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from openai import InvalidWebhookSignatureError, OpenAI

from apps.notifications import services, tasks
from apps.notifications.delivering import WAITS
from apps.notifications.models import Delivery, Kind, Notification, Webhook
from apps.providers import keys
from apps.providers.types import JobStatus
from tests.factories import make_job


@pytest.fixture(autouse=True)
def _deliver_when_told(monkeypatch):
    """A tick wakes who delivers through the queue; here both run when a test says so."""
    monkeypatch.setattr(tasks.deliver_due, "apply_async", lambda **_options: None)


def tick() -> None:
    tasks.notice()
    tasks.deliver_due()


def later() -> None:
    """Let every waiting time be over."""
    Delivery.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def hook(owner, receiver) -> tuple[Webhook, str]:
    return services.create_webhook(
        membership=owner, name="Pager", url=receiver.url, kinds=Kind.values
    )


def ended_job(owner, status=JobStatus.SUCCEEDED, **fields):
    return make_job(
        workspace=owner.workspace,
        status=status,
        finished_at=timezone.now(),
        provider_job_id="ftjob-7",
        **fields,
    )


def test_an_ended_job_is_told_once_in_a_request_that_the_openai_sdk_accepts(owner, hook, receiver):
    job = ended_job(owner, fine_tuned_model="ft:tiny:me", name="Harbour")
    for _again in range(3):
        tick()
    [(headers, body)] = receiver.received
    sdk = OpenAI(api_key="unused")
    event = sdk.webhooks.unwrap(body, headers, secret=hook[1])
    assert event.type == "fine_tuning.job.succeeded"
    assert event.data.id == "ftjob-7"
    assert event.data.model_extra["retune_id"] == str(job.public_id)
    assert event.data.model_extra["fine_tuned_model"] == "ft:tiny:me"
    with pytest.raises(InvalidWebhookSignatureError):
        sdk.webhooks.unwrap(body + b" ", headers, secret=hook[1])


@pytest.mark.parametrize(
    ("status", "kind"), [(JobStatus.FAILED, Kind.FAILED), (JobStatus.CANCELLED, Kind.CANCELLED)]
)
def test_every_end_has_its_kind(owner, status, kind):
    ended_job(owner, status)
    tasks.notice()
    assert Notification.objects.get().kind == kind


def test_a_webhook_hears_only_what_it_asked_for(owner, receiver):
    services.create_webhook(
        membership=owner, name="Failures", url=receiver.url, kinds=[Kind.FAILED]
    )
    ended_job(owner)
    ended_job(owner, JobStatus.FAILED)
    tick()
    assert [b'"fine_tuning.job.failed"' in body for _headers, body in receiver.received] == [True]


def test_a_stranger_s_webhook_hears_nothing(stranger, hook, receiver):
    ended_job(stranger)
    tick()
    assert receiver.received == []


def test_what_is_not_taken_is_tried_again_later_with_the_same_id(client, hook, owner, receiver):
    receiver.answers = [(503, b"not now\x00")]
    ended_job(owner)
    tick()
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.answer) == (1, "503 not now\ufffd")
    assert delivery.next_try_at > timezone.now()
    tick()
    assert len(receiver.received) == 1
    later()
    tick()
    first, second = (headers["webhook-id"] for headers, _body in receiver.received)
    assert first == second
    assert Delivery.objects.get().delivered_at


def test_it_gives_up_after_the_last_wait_and_a_person_can_try_again(
    client, owner, hook, receiver, monkeypatch
):
    receiver.answers = [(500, b"broken")] * (len(WAITS) + 1)
    ended_job(owner)
    for _try in range(len(WAITS) + 3):
        tick()
        later()
    delivery = Delivery.objects.get()
    assert delivery.gave_up_at
    assert len(receiver.received) == len(WAITS) + 1
    monkeypatch.setattr(tasks.deliver_due, "delay", tasks.deliver_due)
    client.post(reverse("notifications:again", args=[hook[0].public_id, delivery.public_id]))
    later()
    tick()
    assert Delivery.objects.get().delivered_at
    assert "taken" in client.get(hook[0].get_absolute_url()).content.decode()


def test_a_redirect_is_not_followed(owner, hook, receiver):
    receiver.answers, receiver.headers = [(302, b"")], {"Location": receiver.url}
    ended_job(owner)
    tick()
    assert len(receiver.received) == 1
    assert Delivery.objects.get().delivered_at is None


def test_an_address_in_a_private_network_gets_nothing(owner, hook, receiver, settings):
    settings.ALLOW_PRIVATE_HOSTS = False
    ended_job(owner)
    tick()
    assert receiver.received == []
    assert "private network" in Delivery.objects.get().answer


def test_one_dead_receiver_keeps_nobody_else_waiting(owner, hook, receiver):
    services.create_webhook(
        membership=owner, name="Dead", url="http://127.0.0.1:1/hook", kinds=Kind.values
    )
    ended_job(owner)
    tick()
    assert len(receiver.received) == 1
    assert Delivery.objects.filter(delivered_at=None).count() == 1


def test_two_workers_send_one_request(owner, hook, receiver):
    ended_job(owner)
    tasks.notice()
    lease = timedelta(seconds=60)
    assert Delivery.objects.claim(at=timezone.now(), lease=lease, limit=10)
    tasks.deliver_due()
    assert receiver.received == []


def test_the_secret_is_shown_once_and_a_trial_is_signed_with_it(
    client, receiver, monkeypatch, owner
):
    fields = {"name": "Pager", "url": receiver.url, "kinds": Kind.values}
    made = client.post(reverse("notifications:webhooks"), fields)
    assert made.status_code == 201
    secret = made.context["secret"]
    assert secret in made.content.decode()
    again = client.get(reverse("notifications:webhooks")).content.decode()
    assert secret not in again
    webhook = Webhook.objects.get()
    assert secret not in webhook.encrypted_secret
    client.post(reverse("notifications:trial", args=[webhook.public_id]))
    tasks.deliver_due()
    [(headers, body)] = receiver.received
    sdk = OpenAI(api_key="unused")
    sdk.webhooks.verify_signature(body, headers, secret=secret)


@pytest.mark.parametrize("url", ["ftp://x.test/", "x", "https://me:pw@x.test/", ""])
def test_an_address_that_cannot_be_is_refused_in_words(client, url, owner):
    answer = client.post(
        reverse("notifications:webhooks"), {"name": "x", "url": url, "kinds": Kind.values}
    )
    assert answer.status_code == 422
    assert not Webhook.objects.exists()


def test_only_owners_add_webhooks(client_of, editor, receiver):
    fields = {"name": "Pager", "url": receiver.url, "kinds": Kind.values}
    answer = client_of(editor).post(reverse("notifications:webhooks"), fields)
    assert answer.status_code == 403
    assert not Webhook.objects.exists()


def test_its_secret_outlives_a_change_of_the_encryption_key(owner, hook, settings):
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    call_command("rotate_keys", stdout=StringIO())
    settings.ENCRYPTION_KEYS = [new]
    webhook = Webhook.objects.get()
    assert keys.decrypt(webhook.encrypted_secret, base_url=webhook.url) == hook[1]
