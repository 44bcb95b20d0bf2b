"""What a member is told: the list, the number beside the bell, and e-mails."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from apps.notifications import tasks
from apps.notifications.models import Delivery, Inbox, Kind, Notification
from apps.providers.types import JobStatus
from tests.factories import make_job


@pytest.fixture(autouse=True)
def _deliver_when_told(monkeypatch):
    monkeypatch.setattr(tasks.deliver_due, "apply_async", lambda **_options: None)


def unread(client) -> str:
    return client.get(reverse("notifications:unread")).content.decode()


def ended_job(member, status=JobStatus.SUCCEEDED, **fields):
    return make_job(workspace=member.workspace, status=status, finished_at=timezone.now(), **fields)


def test_the_bell_counts_what_is_new_until_it_is_seen(client, owner):
    ended_job(owner, name="Harbour")
    tasks.notice()
    assert ">1<" in unread(client)
    page = client.get(reverse("notifications:list")).content.decode()
    assert "“Harbour” succeeded." in page
    client.post(reverse("notifications:mark_seen"))
    assert "badge" not in unread(client)
    assert client.get(reverse("notifications:unread") + "?seen=0").status_code == 204


def test_each_member_has_their_own_bell(client, client_of, owner, viewer):
    ended_job(owner)
    tasks.notice()
    client.post(reverse("notifications:mark_seen"))
    assert ">1<" in unread(client_of(viewer))


def test_a_job_that_stands_still_is_told_once_each_time_it_begins_to(owner):
    job = make_job(workspace=owner.workspace, status="running", stalled_at=timezone.now())
    tasks.notice()
    tasks.notice()
    assert Notification.objects.get().kind == Kind.STALLED
    job.stalled_at = timezone.now() + timedelta(hours=1)
    job.save()
    tasks.notice()
    assert Notification.objects.count() == 2


def test_a_job_that_waits_for_approval_is_told(owner):
    make_job(workspace=owner.workspace, status=JobStatus.HELD)
    tasks.notice()
    tasks.notice()
    assert Notification.objects.get().kind == Kind.HELD


def test_a_job_that_had_ended_before_retune_knew_it_is_no_news(owner):
    job = ended_job(owner, is_imported=True)
    type(job).objects.update(finished_at=job.created_at - timedelta(days=1))
    tasks.notice()
    job.refresh_from_db()
    assert job.announced_at
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("wish", "mine", "others"),
    [(Inbox.Email.NONE, 0, 0), (Inbox.Email.MINE, 1, 0), (Inbox.Email.ALL, 1, 1)],
)
def test_e_mails_are_about_what_a_member_chose(client, owner, editor, settings, wish, mine, others):
    settings.CAN_SEND_EMAIL = True
    saved = client.post(
        reverse("notifications:emails"), {"address": "ada@harbour.test", "wish": wish}
    )
    assert saved.status_code == 302
    ended_job(owner, created_by=owner.user, name="Mine", status=JobStatus.FAILED, error="No rows")
    ended_job(owner, created_by=editor.user, name="Theirs")
    tasks.notice()
    tasks.deliver_due()
    tasks.deliver_due()
    sent = sorted(mail.outbox, key=lambda message: message.subject)  # they leave side by side
    subjects = [message.subject for message in sent]
    assert subjects == ["“Mine” failed."] * mine + ["“Theirs” succeeded."] * others
    if mine:
        assert "No rows" in sent[0].body
        assert sent[0].to == ["ada@harbour.test"]


def test_without_a_mail_server_the_page_says_so_and_nothing_is_lost(client, owner, settings):
    settings.CAN_SEND_EMAIL = False
    page = client.get(reverse("notifications:emails")).content.decode()
    assert "EMAIL_URL" in page
    client.post(reverse("notifications:emails"), {"address": "a@b.test", "wish": "all"})
    ended_job(owner)
    tasks.notice()
    tasks.deliver_due()
    delivery = Delivery.objects.get()
    assert delivery.delivered_at is None
    assert "not set up" in delivery.answer


def test_e_mails_need_an_address(client, owner):
    answer = client.post(reverse("notifications:emails"), {"address": "", "wish": "all"})
    assert answer.status_code == 422
    assert not Inbox.objects.exists()
