"""The live page of one job, its numbers and its events."""

import json
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.core import heartbeat
from apps.jobs import tasks
from apps.jobs.models import Checkpoint, Job, JobEvent
from apps.jobs.news import schedule
from apps.providers.models import Connection
from apps.providers.types import JobStatus
from tests.factories import make_job
from tests.jobs.conftest import ended, later, train

HTMX = {"HX-Request": "true"}


def page(client, job: Job) -> str:
    return client.get(job.get_absolute_url()).content.decode()


def live(client, job: Job, seen: str = ""):
    return client.get(f"{job.get_absolute_url()}?seen={seen}", headers=HTMX)


def test_the_page_shows_progress_and_figures_and_dashes_for_the_rest(client, running_job, provider):
    provider.add_step("ftjob-1", 34, train_loss=1.234, train_mean_token_accuracy=0.5)
    tasks.poll_due_jobs()
    text = page(client, running_job)
    for expected in ("step 34 / 100", "34 %", "1.234", "0.500", "–"):
        assert expected in text
    assert "0.000" not in text


def test_a_job_without_steps_shows_its_phases(client, owner, connection):
    job = make_job(workspace=owner.workspace, connection=connection)
    text = page(client, job)
    assert "Wait for a free machine" in text
    assert "%</span>" not in text


def test_the_page_says_who_estimated_the_end(client, running_job):
    soon = timezone.now() + timedelta(minutes=2)
    Job.objects.update(estimated_finish_at=soon)
    assert "from provider" in page(client, running_job)
    started = timezone.now() - timedelta(seconds=60)
    Job.objects.update(
        estimated_finish_at=None,
        started_at=started,
        last_news_at=timezone.now(),
        step=30,
        total_steps=90,
    )
    text = page(client, running_job)
    assert "from pace" in text
    assert "2 min 0 s" in text or "1 min 59 s" in text


def test_news_that_are_old_are_marked(client, running_job):
    Job.objects.update(last_news_at=timezone.now() - timedelta(minutes=3))
    text = page(client, running_job)
    assert "3 min ago" in text
    assert "text-warning" in text


def test_a_live_page_that_knows_everything_gets_nothing(client, running_job):
    version = live(client, running_job).context["version"]
    assert live(client, running_job, version).status_code == 204
    Job.objects.update(step=3, updated_at=timezone.now())
    response = live(client, running_job, version)
    assert response.status_code == 200
    assert "<html" not in response.content.decode()


@pytest.fixture
def queued_here(owner, connection) -> Job:
    """A job that waits on this machine, unmoved for half a minute."""
    Connection.objects.filter(pk=connection.pk).update(profile=Connection.Profile.ENGINE)
    return make_job(
        workspace=owner.workspace,
        connection=connection,
        provider_job_id="ftjob-1",
        status="queued",
        last_news_at=timezone.now() - timedelta(seconds=30),
    )


def test_a_job_that_waits_for_a_missing_trainer_says_so(client, queued_here):
    assert "it does not run at the moment" in page(client, queued_here)
    heartbeat.leave("trainer", at=timezone.now())
    assert "it is busy with another job" in page(client, queued_here)
    Job.objects.update(last_news_at=timezone.now())
    assert "Waiting for the trainer" not in page(client, queued_here)


def test_a_live_page_hears_that_the_trainer_went_away(client, queued_here):
    Job.objects.update(status="running")
    heartbeat.leave("trainer", at=timezone.now())
    version = live(client, queued_here).context["version"]
    assert live(client, queued_here, version).status_code == 204
    heartbeat.leave("trainer", at=timezone.now() - timedelta(seconds=30))
    assert "does not run at the moment" in live(client, queued_here, version).content.decode()


def test_a_job_elsewhere_never_waits_for_our_trainer(client, queued_here):
    Connection.objects.update(profile=Connection.Profile.OPENAI)
    assert "Waiting for the trainer" not in page(client, queued_here)


def test_a_finished_job_no_longer_asks(client, running_job):
    assert 'hx-trigger="every 1s"' in page(client, running_job)
    ended(running_job, JobStatus.SUCCEEDED, fine_tuned_model="ft:x")
    text = page(client, running_job)
    assert "hx-trigger" not in text.partition('id="job-live"')[2].partition(">")[0]
    assert f"{reverse('playground:create')}?job={running_job.public_id}" in text


def test_looking_at_a_job_brings_its_news_sooner(client, running_job, provider):
    Job.objects.update(next_poll_at=timezone.now() + timedelta(seconds=15))
    page(client, running_job)
    tasks.poll_due_jobs()
    running_job.refresh_from_db()
    wait = running_job.next_poll_at - running_job.last_polled_at
    assert (provider.calls["get_job"], wait) == (1, schedule.WATCHED)


def test_looking_does_not_hurry_a_provider_in_trouble(client, running_job):
    later_on = timezone.now() + timedelta(minutes=5)
    Job.objects.update(next_poll_at=later_on, attempts=3, trouble="Connection refused")
    text = page(client, running_job)
    running_job.refresh_from_db()
    assert running_job.next_poll_at == later_on
    assert "Connection refused" in text


def test_a_live_page_writes_only_now_and_then(client, running_job):
    live(client, running_job)
    Job.objects.update(next_poll_at=timezone.now())
    with CaptureQueriesContext(database) as queries:
        live(client, running_job)
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]


def test_a_live_page_with_nothing_new_costs_three_queries(client, running_job):
    version = live(client, running_job).context["version"]
    with CaptureQueriesContext(database) as queries:
        assert live(client, running_job, version).status_code == 204
    assert len(queries) == 3  # session, member, and what tells of the job


def test_a_failed_job_shows_the_providers_words_and_what_to_do(client, running_job):
    ended(
        running_job,
        JobStatus.FAILED,
        error="Example 3 <script>alert(1)</script>",
        error_code="invalid_training_file",
    )
    text = page(client, running_job)
    assert "Example 3 &lt;script&gt;" in text
    assert "correct the file" in text


def test_what_a_provider_says_is_escaped(client, running_job):
    words = "<img src=x onerror=alert(1)>"
    fields = {"level": "info", "type": "message", "created_at": timezone.now()}
    JobEvent.objects.create(job=running_job, provider_event_id="1", message=words, **fields)
    Job.objects.update(raw={"note": words}, trouble=words)
    assert words not in page(client, running_job)


def test_cancelling_asks_first_and_says_that_it_is_stopping(client, running_job, provider):
    assert "what was trained until now may be billed" in page(client, running_job)
    client.post(reverse("jobs:cancel", args=[running_job.public_id]))
    assert "Stopping…" in page(client, running_job)
    tasks.advance_due_jobs()
    later(running_job)
    tasks.poll_due_jobs()
    running_job.refresh_from_db()
    assert running_job.status == JobStatus.CANCELLED


def test_a_viewer_may_look_but_not_stop(client_of, viewer, running_job):
    browser = client_of(viewer)
    assert 'data-dialog="cancel"' not in page(browser, running_job)
    url = reverse("jobs:cancel", args=[running_job.public_id])
    assert browser.post(url).status_code == 404


@pytest.mark.parametrize("name", ["detail", "metrics_csv", "numbers", "series", "events"])
def test_a_stranger_finds_nothing(client_of, stranger, running_job, name):
    url = reverse(f"jobs:{name}", args=[running_job.public_id])
    assert client_of(stranger).get(url).status_code == 404


def test_checkpoints_can_be_chatted_with(client, running_job):
    Checkpoint.objects.create(
        job=running_job,
        provider_checkpoint_id="1",
        model="ft:x:ckpt-step-12",
        step=12,
        created_at=timezone.now(),
        metrics={"train_loss": 0.5},
    )
    text = page(client, running_job)
    assert "model=ft%3Ax%3Ackpt-step-12" in text


def checkpoints(job: Job, losses: list[float | None]) -> None:
    """Save a checkpoint every ten steps, with these validation losses."""
    Checkpoint.objects.bulk_create(
        Checkpoint(
            job=job,
            provider_checkpoint_id=str(step),
            model=f"ft:x:ckpt-step-{step}",
            step=step,
            created_at=timezone.now(),
            metrics={} if loss is None else {"full_valid_loss": loss},
        )
        for step, loss in zip(range(10, 10 * len(losses) + 1, 10), losses, strict=True)
    )


def test_many_checkpoints_show_the_newest_and_the_best_and_fold_the_others(client, running_job):
    checkpoints(running_job, [0.9, 0.2, *[0.5] * 48])
    response = client.get(running_job.get_absolute_url())
    shown = response.context["detail"].checkpoints
    assert [checkpoint.step for checkpoint in shown.first] == [500, 490, 480, 470, 20]
    assert len(shown.folded) == 45
    text = response.content.decode()
    assert text.count("lowest validation loss") == 1
    assert "45 more checkpoints" in text


def test_without_validation_no_checkpoint_is_called_the_best(client, running_job):
    checkpoints(running_job, [None] * 3)
    text = page(client, running_job)
    assert "ft:x:ckpt-step-30" in text
    assert "lowest validation loss" not in text


def test_step_messages_are_shown_only_to_whoever_asks_for_them(client, running_job, provider):
    provider.add_event("ftjob-1", 900, message="Training began")
    for step in range(901, 941):
        provider.add_step("ftjob-1", step, train_loss=0.5)
    tasks.poll_due_jobs()
    url, every = running_job.get_absolute_url(), {"events": "all"}
    quiet, loud = client.get(url).content.decode(), client.get(url, every).content.decode()
    assert "Training began" in quiet
    assert "Step 940/100" not in quiet
    assert "Step 940/100" in loud
    assert "events=all&amp;seen=" in loud  # and so it stays while the page renews itself
    pages = reverse("jobs:events", args=[running_job.public_id])
    assert "Step 940/100" not in client.get(pages).content.decode()
    assert "Step 940/100" in client.get(pages, every).content.decode()


def test_milestones_of_a_long_job_are_read_from_an_index(running_job):
    fields = {"job": running_job, "level": "info", "message": "x"}
    JobEvent.objects.bulk_create(
        JobEvent(
            provider_event_id=str(n),
            created_at=timezone.now(),
            type="message" if n % 500 == 0 else "metrics",
            **fields,
        )
        for n in range(5000)
    )
    with database.cursor() as cursor:
        cursor.execute("ANALYZE jobs_jobevent")
    newest = running_job.events.milestones().order_by("-created_at", "-pk")[:31]
    assert "job_event_milestones" in newest.explain()


def test_the_page_costs_the_same_for_few_and_for_many_events(client, running_job):
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            page(client, running_job)
        return len(queries)

    train(running_job, {1: {"train_loss": 1.0}})
    cost()
    few = cost()
    fields = {"job": running_job, "level": "info", "type": "message", "message": "x"}
    JobEvent.objects.bulk_create(
        JobEvent(provider_event_id=str(n), created_at=timezone.now(), **fields) for n in range(200)
    )
    train(running_job, {n: {"train_loss": 1 / n} for n in range(1, 201)})
    assert cost() == few
    text = client.get(reverse("jobs:events", args=[running_job.public_id])).content.decode()
    assert "1 to 100 of 200" in text


def test_an_unknown_status_is_shown_in_the_providers_word(client, running_job):
    Job.objects.update(status=JobStatus.UNKNOWN, provider_status="warming_up", raw={"a": 1})
    text = page(client, running_job)
    assert "the provider says “warming_up”" in text
    assert json.dumps({"a": 1}, indent=2).replace('"', "&quot;") in text
