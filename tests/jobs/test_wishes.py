"""Stop, pause and go on: asked once, heard once, refused in the provider's words."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.jobs import tasks, wishes
from apps.jobs.models import WISH_TAKES, ForgottenJob, Job, Wish
from apps.providers.types import JobStatus, ProviderError, ProviderUnavailable
from tests.factories import make_job
from tests.jobs.conftest import later
from tests.jobs.killing import killed_at

MANY_LINES = 200


@pytest.fixture(autouse=True)
def pausing_provider(monkeypatch):
    """Let every provider have a way to pause."""
    monkeypatch.setattr(wishes, "_offers", lambda _job, _call: True)


def post(client, job: Job, action: str) -> str:
    response = client.post(reverse(f"jobs:{action}", args=[job.public_id]), follow=True)
    return response.content.decode()


def carry(job: Job) -> Job:
    """Let workers do all they find to do, and bring the news."""
    tasks.advance_job(job_id=job.pk)
    Job.objects.filter(pk=job.pk).update(next_poll_at=timezone.now())
    tasks.poll_due_jobs()
    job.refresh_from_db()
    return job


def test_a_job_is_paused_and_goes_on(client, running_job, provider):
    assert "asked to pause" in post(client, running_job, "pause")
    assert "Pausing…" in client.get(running_job.get_absolute_url()).content.decode()
    assert carry(running_job).status == JobStatus.PAUSED
    assert "asked to go on" in post(client, running_job, "resume")
    assert carry(running_job).status == JobStatus.QUEUED
    assert (provider.calls["pause_job"], provider.calls["resume_job"]) == (1, 1)
    page = client.get(running_job.get_absolute_url()).content.decode()
    assert "Going on…" not in page


def test_a_double_click_asks_once(client, running_job, provider):
    post(client, running_job, "pause")
    first = Job.objects.get(pk=running_job.pk).wished_at
    post(client, running_job, "pause")
    assert Job.objects.get(pk=running_job.pk).wished_at == first
    tasks.advance_job(job_id=running_job.pk)
    post(client, running_job, "pause")
    tasks.advance_job(job_id=running_job.pk)
    assert provider.calls["pause_job"] == 1


def test_a_wish_that_was_heard_long_ago_can_be_made_again(running_job, provider):
    wishes.pause_job(job=running_job)
    tasks.advance_job(job_id=running_job.pk)
    long_ago = timezone.now() - WISH_TAKES - timedelta(seconds=1)
    Job.objects.update(wish_sent_at=long_ago)
    assert wishes.pause_job(job=running_job)
    tasks.advance_job(job_id=running_job.pk)
    assert provider.calls["pause_job"] == 2


def test_a_button_of_an_old_page_changes_nothing(client, running_job, provider):
    assert "not paused" in post(client, running_job, "resume")
    provider.tell("ftjob-1", status=JobStatus.PAUSED)
    carry(running_job)
    assert "cannot be paused now" in post(client, running_job, "pause")
    assert Job.objects.get().wish == ""


def test_whoever_wants_to_stop_is_not_overruled_by_a_pause(running_job, provider):
    wishes.cancel_job(job=running_job)
    assert not wishes.pause_job(job=running_job)
    assert carry(running_job).status == JobStatus.CANCELLED
    assert provider.calls["pause_job"] == 0


def test_a_wish_to_stop_that_comes_while_the_pause_is_sent_is_heard_too(running_job, provider):
    def stop(call: str) -> None:
        if call == "pause_job":
            wishes.cancel_job(job=Job.objects.get(pk=running_job.pk))

    provider.before = stop
    wishes.pause_job(job=running_job)
    tasks.advance_job(job_id=running_job.pk)
    assert Job.objects.get().wish_sent_at is None
    assert carry(running_job).status == JobStatus.CANCELLED


def test_a_refusal_is_said_in_the_providers_words(client, running_job, provider):
    provider.fail("pause_job", ProviderError("Only reinforcement jobs can be paused"))
    post(client, running_job, "pause")
    tasks.advance_job(job_id=running_job.pk)
    page = client.get(running_job.get_absolute_url()).content.decode()
    assert "did not pause the job: Only reinforcement jobs can be paused" in page
    assert 'data-dialog="pause"' in page


def test_a_provider_that_is_down_hears_the_wish_later(running_job, provider):
    provider.fail("pause_job", ProviderUnavailable("Connection refused"))
    wishes.pause_job(job=running_job)
    tasks.advance_job(job_id=running_job.pk)
    provider.failures.clear()
    later(running_job)
    assert carry(running_job).status == JobStatus.PAUSED


def test_a_late_answer_changes_no_job_that_has_ended(running_job, provider):
    def end(call: str) -> None:
        if call == "pause_job":
            ended = {"status": JobStatus.SUCCEEDED, "finished_at": timezone.now()}
            Job.objects.filter(pk=running_job.pk).update(**ended)

    provider.before = end
    wishes.pause_job(job=running_job)
    tasks.advance_job(job_id=running_job.pk)
    running_job.refresh_from_db()
    assert (running_job.status, running_job.wish_sent_at) == (JobStatus.SUCCEEDED, None)
    assert Job.objects.to_advance(timezone.now() + timedelta(days=1)).count() == 0


@pytest.mark.parametrize("wish", [Wish.PAUSE, Wish.CANCEL])
def test_a_worker_killed_at_any_line_loses_no_wish(running_job, provider, wish):
    wanted = {Wish.PAUSE: JobStatus.PAUSED, Wish.CANCEL: JobStatus.CANCELLED}[wish]
    for line in range(1, MANY_LINES):
        provider.jobs["ftjob-1"] = replace(provider.jobs["ftjob-1"], status=JobStatus.RUNNING)
        fresh = {"wish_sent_at": None, "finished_at": None, "status": JobStatus.RUNNING}
        Job.objects.update(**fresh, wish=wish, wished_at=timezone.now(), step_lease_until=None)
        was_killed = killed_at(line, lambda: tasks.advance_job(job_id=running_job.pk))
        later(running_job)
        carry(running_job)
        assert (running_job.status, running_job.wish) == (wanted, wish), f"killed at line {line}"
        assert running_job.wish_sent_at is not None
        if not was_killed:
            break
    assert 15 < line < MANY_LINES - 1, f"{line} lines ran"


def test_a_job_that_waits_for_approval_is_never_sent(owner, connection, provider, client):
    job = make_job(workspace=owner.workspace, connection=connection, status=JobStatus.HELD)
    assert not Job.objects.to_advance(timezone.now()).exists()
    tasks.advance_job(job_id=job.pk)
    assert provider.calls.total() == 0
    assert "waits until an owner approves it" in client.get(job.get_absolute_url()).content.decode()
    wishes.cancel_job(job=job)
    assert job.status == JobStatus.CANCELLED


def test_a_provider_without_pauses_offers_none(client, running_job, monkeypatch):
    monkeypatch.setattr(wishes, "_offers", lambda _job, call: call == "cancel")
    page = client.get(running_job.get_absolute_url()).content.decode()
    assert 'data-dialog="pause"' not in page
    assert 'data-dialog="cancel"' in page
    assert "cannot be paused now" in post(client, running_job, "pause")


def test_a_job_that_was_made_elsewhere_has_every_page(client, owner, connection):
    job = make_job(workspace=owner.workspace, connection=connection)
    facts = {"is_imported": True, "training_data": None, "training_file_id": "file-x"}
    now = timezone.now()
    model = {"status": "succeeded", "fine_tuned_model": "ft:x", "finished_at": now}
    Job.objects.update(**facts, **model, provider_job_id="ftjob-9", provider_created_at=now)
    page = client.get(job.get_absolute_url()).content.decode()
    assert "Made elsewhere" in page
    assert "file-x" in page
    assert "made elsewhere" in client.get(reverse("jobs:list")).content.decode()
    assert client.get(reverse("home:overview")).status_code == 200
    assert client.get(reverse("playground:create"), {"job": job.public_id}).status_code == 200
    Job.objects.update(status="failed", error="No")
    assert client.get(job.get_absolute_url()).status_code == 200


def over(job: Job, **facts: object) -> Job:
    Job.objects.update(status="succeeded", finished_at=timezone.now(), **facts)
    job.refresh_from_db()
    return job


def test_the_record_of_an_ended_job_is_deleted_here(client, running_job, provider):
    provider.add_step("ftjob-1", 1, train_loss=1.0)
    carry(running_job)
    over(running_job)
    assert 'id="delete-job"' in client.get(running_job.get_absolute_url()).content.decode()
    assert "is deleted here" in post(client, running_job, "delete")
    assert not Job.objects.exists()
    assert ForgottenJob.objects.get().provider_job_id == "ftjob-1"
    assert provider.calls["delete_job"] == 0


def test_a_job_under_way_is_not_deleted_unless_others_started_it(client, running_job):
    assert "Stop it first" in post(client, running_job, "delete")
    Job.objects.update(is_imported=True)
    post(client, running_job, "delete")
    assert not Job.objects.exists()


def test_a_job_is_deleted_at_its_provider_and_then_here(client, running_job, provider):
    over(running_job)
    url = reverse("jobs:delete", args=[running_job.public_id])
    client.post(url, {"at_provider": "yes"})
    assert "Deleting…" in client.get(running_job.get_absolute_url()).content.decode()
    tasks.advance_job(job_id=running_job.pk)
    assert not Job.objects.exists()
    assert (provider.jobs, ForgottenJob.objects.count()) == ({}, 0)


def test_a_provider_that_does_not_delete_says_why_and_the_record_stays(
    client, running_job, provider
):
    over(running_job)
    provider.fail("delete_job", ProviderError("A deployment uses it", status=409))
    client.post(reverse("jobs:delete", args=[running_job.public_id]), {"at_provider": "yes"})
    tasks.advance_job(job_id=running_job.pk)
    page = client.get(running_job.get_absolute_url()).content.decode()
    assert "did not delete the job: A deployment uses it" in page


def test_a_worker_killed_at_any_line_deletes_a_job_once(owner, connection, provider):
    for line in range(1, MANY_LINES):
        provider.add_job("ftjob-1", status=JobStatus.SUCCEEDED)
        job = make_job(
            workspace=owner.workspace, connection=connection, provider_job_id="ftjob-1",
            status="succeeded", finished_at=timezone.now(), wish=Wish.DELETE,
            wished_at=timezone.now(),
        )  # fmt: skip
        was_killed = killed_at(line, lambda job=job: tasks.advance_job(job_id=job.pk))
        later(job)
        tasks.advance_job(job_id=job.pk)
        assert not Job.objects.exists(), f"killed at line {line}"
        assert provider.jobs == {}
        if not was_killed:
            break
    assert 15 < line < MANY_LINES - 1, f"{line} lines ran"


def test_only_owners_delete(client_of, editor, running_job):
    over(running_job)
    url = reverse("jobs:delete", args=[running_job.public_id])
    assert client_of(editor).post(url).status_code == 404


def test_news_of_a_job_that_was_deleted_meanwhile_hold_up_nobody(running_job, provider):
    provider.add_job("ftjob-2")
    facts = {"provider_job_id": "ftjob-2", "status": "running"}
    other = make_job(workspace=running_job.workspace, connection=running_job.connection, **facts)
    for name in ("ftjob-1", "ftjob-2"):
        provider.add_event(name, 1, message="News")

    def delete(call: str) -> None:
        if call == "list_events":
            Job.objects.filter(pk=running_job.pk).delete()

    provider.before = delete
    tasks.poll_due_jobs()
    assert other.events.count() == 1
