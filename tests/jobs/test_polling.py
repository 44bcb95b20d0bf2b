"""News from providers: kept once, in any order, however long a provider is away."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.jobs import tasks
from apps.jobs.curves import points
from apps.jobs.models import Job, JobEvent, MetricPoint
from apps.jobs.news import claiming, polling, schedule
from apps.providers.retries import retry_interval
from apps.providers.types import JobStatus, ProviderCheckpoint, ProviderError, ProviderUnavailable
from tests.factories import make_connection, make_job
from tests.jobs.conftest import later
from tests.jobs.provider import BEGINNING


def poll(job: Job) -> Job:
    later(job)
    tasks.poll_due_jobs()
    job.refresh_from_db()
    return job


def rows_of(job: Job, *names: str) -> list[points.Row]:
    return points.rows(job.pk, ["train_loss", *names])


def test_news_are_kept_as_events_points_and_progress(running_job, provider):
    Job.objects.update(created_at=BEGINNING)
    running_job.refresh_from_db()
    provider.add_event("ftjob-1", 0, message="Started")
    provider.add_step("ftjob-1", 1, train_loss=2.5, train_mean_token_accuracy=0.4)
    provider.add_step("ftjob-1", 2, train_loss=2.0)
    job = poll(running_job)
    assert (job.step, job.total_steps, job.sparkline) == (2, 100, [[1, 2.5], [2, 2.0]])
    assert job.started_at == BEGINNING + timedelta(seconds=1)
    assert job.last_news_at == job.last_polled_at
    assert job.events.count() == 3
    assert rows_of(job, "train_mean_token_accuracy") == [(1, 2.5, 0.4), (2, 2.0, None)]


def test_a_job_never_began_before_it_was_made_whatever_the_providers_clock_says(
    running_job, provider
):
    provider.add_step("ftjob-1", 1, train_loss=2.5)
    assert poll(running_job).started_at == running_job.created_at


def test_the_same_news_twice_change_nothing(running_job, provider):
    provider.add_step("ftjob-1", 1, train_loss=2.5)
    first = poll(running_job)
    seen = first.updated_at, first.last_news_at
    second = poll(running_job)
    assert (second.updated_at, second.last_news_at) == seen
    assert (JobEvent.objects.count(), MetricPoint.objects.count()) == (1, 1)


def test_late_numbers_of_a_step_are_added_to_it(running_job, provider):
    provider.add_step("ftjob-1", 5, train_loss=1.5)
    poll(running_job)
    provider.add_event("ftjob-1", 90, data={"step": 5, "full_valid_loss": 1.8})
    job = poll(running_job)
    assert (rows_of(job, "full_valid_loss"), job.step) == ([(5, 1.5, 1.8)], 5)


def test_events_told_late_and_out_of_order_are_all_there_at_the_end(running_job, provider):
    provider.add_step("ftjob-1", 3, train_loss=1.0)
    poll(running_job)
    provider.add_step("ftjob-1", 1, train_loss=3.0)
    provider.events["ftjob-1"].sort(key=lambda event: event.created_at)
    provider.tell("ftjob-1", status=JobStatus.SUCCEEDED, fine_tuned_model="ft:x")
    job = poll(running_job)
    assert rows_of(job) == [(1, 3.0), (3, 1.0)]
    assert job.sparkline == [[1, 3.0], [3, 1.0]]
    assert job.latest_metrics["train_loss"] == [3, 1.0]


def test_an_ended_job_is_read_whole_before_it_is_called_finished(running_job, provider):
    provider.add_step("ftjob-1", 1, train_loss=1.0)
    checkpoint = ProviderCheckpoint("ckpt-1", "ft:x:ckpt-step-1", 1, BEGINNING)
    provider.checkpoints["ftjob-1"] = [checkpoint]
    provider.tell("ftjob-1", status=JobStatus.SUCCEEDED, fine_tuned_model="ft:x", trained_tokens=9)
    provider.fail("list_events", ProviderUnavailable("busy"))
    job = poll(running_job)
    assert (job.status, job.finished_at, job.trouble) == (JobStatus.RUNNING, None, "busy")
    provider.failures.clear()
    job = poll(running_job)
    assert (job.status, job.fine_tuned_model) == (JobStatus.SUCCEEDED, "ft:x")
    assert job.finished_at is not None
    assert (job.events.count(), job.checkpoints.get().model) == (1, "ft:x:ckpt-step-1")


def test_an_ended_job_does_not_wait_for_ever_for_its_last_events(running_job, provider):
    provider.tell("ftjob-1", status=JobStatus.CANCELLED)
    provider.fail("list_events", ProviderUnavailable("busy"))
    for _try in range(5):
        poll(running_job)
    assert running_job.status == JobStatus.CANCELLED


def test_a_server_without_events_and_checkpoints_still_finishes_its_jobs(running_job, provider):
    provider.fail("list_events", ProviderError("Not found", status=404))
    provider.fail("list_checkpoints", ProviderError("Not found", status=404))
    provider.tell("ftjob-1", status=JobStatus.SUCCEEDED)
    assert poll(running_job).status == JobStatus.SUCCEEDED


def test_a_finished_job_is_never_asked_about_again(running_job, provider):
    provider.tell("ftjob-1", status=JobStatus.FAILED, error="Bad file", error_code="invalid_file")
    job = poll(running_job)
    assert (job.status, job.error, job.error_code) == (JobStatus.FAILED, "Bad file", "invalid_file")
    calls = provider.calls.total()
    poll(job)
    assert provider.calls.total() == calls


def test_a_late_answer_never_reopens_a_finished_job(running_job, provider):
    def finish_meanwhile(call: str) -> None:
        ended = {"status": JobStatus.CANCELLED, "finished_at": timezone.now()}
        Job.objects.filter(pk=running_job.pk).update(**ended)

    provider.before = finish_meanwhile
    assert poll(running_job).status == JobStatus.CANCELLED


def test_an_answer_that_comes_after_its_lease_is_dropped(running_job, provider):
    def rival_takes_over(call: str) -> None:
        Job.objects.filter(pk=running_job.pk).update(poll_lease_until=timezone.now())

    provider.before = rival_takes_over
    provider.tell("ftjob-1", status=JobStatus.PAUSED)
    assert poll(running_job).status == JobStatus.RUNNING


def test_two_pollers_never_take_the_same_job(running_job):
    at = timezone.now()
    first = claiming.claim_polls(at=at, lease=polling.LEASE, limit=10)
    second = claiming.claim_polls(at=at, lease=polling.LEASE, limit=10)
    assert (first, second) == ([running_job], [])


def test_a_failure_without_words_is_explained_by_its_error_events(running_job, provider):
    provider.add_event("ftjob-1", 1, level="error", message="Example 3 has no messages")
    provider.tell("ftjob-1", status=JobStatus.FAILED)
    assert poll(running_job).error == "Example 3 has no messages"


def test_an_unknown_status_is_shown_and_keeps_being_asked(running_job, provider):
    provider.tell("ftjob-1", status=JobStatus.UNKNOWN, provider_status="warming_up")
    job = poll(running_job)
    assert (job.status, job.provider_status) == (JobStatus.UNKNOWN, "warming_up")
    assert job.is_active


def test_a_job_that_the_provider_lost_fails_after_three_confirmations(running_job, provider):
    provider.fail("get_job", ProviderUnavailable("busy"))
    poll(running_job)
    poll(running_job)
    provider.failures.clear()
    provider.jobs.clear()
    assert poll(running_job).is_active
    assert poll(running_job).is_active
    job = poll(running_job)
    assert (job.status, job.error_code) == (JobStatus.FAILED, "job_missing")
    assert job.error == "No such fine-tuning job"


def test_a_refused_key_is_trouble_not_the_end_of_the_job(running_job, provider):
    provider.fail("get_job", ProviderError("Incorrect API key", status=401))
    for _try in range(4):
        poll(running_job)
    assert (running_job.status, running_job.trouble) == (JobStatus.RUNNING, "Incorrect API key")
    provider.failures.clear()
    assert poll(running_job).trouble == ""


def test_a_provider_that_is_down_is_asked_less_and_less(running_job, provider):
    provider.fail("get_job", ProviderUnavailable("Connection refused"))
    waits = []
    for _try in range(4):
        job = poll(running_job)
        waits.append((job.next_poll_at - job.last_polled_at).total_seconds())
    assert waits == sorted(waits)
    assert waits[-1] > 10
    assert retry_interval(50) <= timedelta(minutes=18)


def test_a_provider_that_names_a_time_is_left_alone_until_then(running_job, provider):
    provider.fail("get_job", ProviderUnavailable("Too many requests", retry_after=300))
    job = poll(running_job)
    assert (job.next_poll_at - job.last_polled_at).total_seconds() >= 300


def test_a_provider_that_is_down_delays_no_other(running_job, providers, provider):
    other = make_connection(workspace=running_job.workspace)
    providers.of(other).fail("get_job", ProviderUnavailable("Connection refused"))
    unlucky = make_job(
        workspace=running_job.workspace, connection=other, provider_job_id="x", status="queued"
    )
    provider.tell("ftjob-1", status=JobStatus.PAUSED)
    poll(running_job)
    unlucky.refresh_from_db()
    assert (running_job.status, unlucky.trouble) == (JobStatus.PAUSED, "Connection refused")


def test_a_provider_that_never_answers_is_given_up_after_a_while(
    running_job, provider, monkeypatch
):
    async def silence(_job_id: str) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(polling, "CONNECTION_SECONDS", 0.01)
    provider.get_job = silence
    assert poll(running_job).trouble == "The provider did not answer in time."


def test_many_jobs_of_one_connection_cost_one_list_call(running_job, provider):
    for number in range(2, 6):
        provider.add_job(f"ftjob-{number}", status=JobStatus.QUEUED)
        make_job(
            workspace=running_job.workspace,
            connection=running_job.connection,
            provider_job_id=f"ftjob-{number}",
            status="queued",
        )
    poll(running_job)
    Job.objects.update(next_poll_at=timezone.now())
    provider.calls.clear()
    tasks.poll_due_jobs()
    assert dict(provider.calls) == {"list_jobs": 1, "list_events": 1}


def test_nothing_due_asks_nothing(running_job, provider):
    poll(running_job)
    calls = provider.calls.total()
    tasks.poll_due_jobs()
    assert provider.calls.total() == calls


@pytest.mark.parametrize(
    ("status", "is_watched", "seconds"),
    [("running", True, 0.4), ("running", False, 5), ("queued", False, 15), ("queued", True, 0.4)],
)
def test_the_pace_follows_the_job_and_its_readers(status, is_watched, seconds):
    assert schedule.poll_interval(status, is_watched=is_watched) == timedelta(seconds=seconds)


def test_hostile_answers_are_kept_as_far_as_a_row_can(running_job, provider):
    data = {"step": 1, "train_loss": float("nan"), "note": "a\x00b\ud800"}
    provider.add_event("ftjob-1", 1, message="nul \x00 and \udfff", data=data)
    provider.add_event("ftjob-1", 2, data={"step": 10**30, "train_loss": 1.0})
    provider.tell("ftjob-1", raw={"x": "\x00", "y": float("inf")}, trained_tokens=10**40)
    job = poll(running_job)
    assert job.trouble == ""
    assert (job.raw, job.trained_tokens, job.metric_points.count()) == (
        {"x": "\ufffd", "y": None},
        None,
        0,
    )
    assert job.events.get(provider_event_id="ftevent-1").message == "nul \ufffd and \ufffd"


def test_an_answer_that_no_row_can_hold_does_not_stop_the_others(running_job, provider):
    for number in (2, 3):
        provider.add_job(f"ftjob-{number}", status=JobStatus.PAUSED)
        make_job(
            workspace=running_job.workspace,
            connection=running_job.connection,
            provider_job_id=f"ftjob-{number}",
            status="queued",
        )
    checkpoint = ProviderCheckpoint("ckpt-1", "ft:x", 10**30, BEGINNING)
    provider.checkpoints["ftjob-1"] = [checkpoint]
    provider.add_event("ftjob-1", 1)
    poll(running_job)
    assert running_job.trouble == "The provider's answer could not be read."
    assert Job.objects.filter(status=JobStatus.PAUSED).count() == 2
