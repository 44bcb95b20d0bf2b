"""How often a provider is asked: its limits, its wishes, its silences, and nobody else's."""

import asyncio
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.jobs import tasks
from apps.jobs.models import Job
from apps.jobs.news import polling, schedule
from apps.providers import pacing
from apps.providers.models import Connection
from apps.providers.types import JobStatus, ProviderError, ProviderUnavailable
from tests.factories import make_connection, make_job
from tests.jobs.provider import FakeProvider


@pytest.fixture(autouse=True)
def _nothing_counted(monkeypatch) -> None:
    cache.clear()
    moment = timezone.now().replace(second=20)
    monkeypatch.setattr(pacing, "_counter", lambda connection, _at: f"calls.{connection.pk}")
    assert pacing.next_turn(moment) > moment


def many_jobs(first: Job, provider: FakeProvider, count: int) -> list[Job]:
    made = [first]
    for number in range(2, count + 1):
        provider.add_job(f"ftjob-{number}")
        facts = {"provider_job_id": f"ftjob-{number}", "status": "running"}
        made.append(make_job(workspace=first.workspace, connection=first.connection, **facts))
    return made


def poll_all() -> None:
    Job.objects.active().update(next_poll_at=timezone.now(), poll_lease_until=None)
    tasks.poll_due_jobs()


def test_a_connection_is_asked_no_more_often_than_allowed(running_job, provider, connection):
    jobs = many_jobs(running_job, provider, 8)
    Connection.objects.update(calls_per_minute=5)
    poll_all()
    assert provider.calls.total() <= 5
    assert Job.objects.filter(last_polled_at=None).count() == 8 - provider.calls["list_events"]
    poll_all()
    assert provider.calls.total() <= 5
    assert not Job.objects.exclude(trouble="").exists()
    assert Job.objects.filter(next_poll_at__lte=timezone.now()).count() == 0
    assert len(jobs) == 8


def test_everybody_gets_a_turn_though_few_may_be_asked(running_job, provider, connection):
    many_jobs(running_job, provider, 6)
    Connection.objects.update(calls_per_minute=4)
    for _minute in range(4):
        cache.clear()
        poll_all()
    assert not Job.objects.filter(last_polled_at=None).exists()


def test_watched_jobs_come_first(running_job, provider, connection):
    jobs = many_jobs(running_job, provider, 6)
    Job.objects.filter(pk=jobs[-1].pk).update(watched_until=timezone.now() + timedelta(minutes=1))
    Connection.objects.update(calls_per_minute=2)
    poll_all()
    jobs[-1].refresh_from_db()
    assert jobs[-1].last_polled_at is not None


def test_a_provider_that_asks_for_silence_is_not_asked_at_all(running_job, provider, connection):
    many_jobs(running_job, provider, 5)
    provider.fail("list_jobs", ProviderUnavailable("Too many requests", retry_after=300))
    poll_all()
    quiet_until = Connection.objects.get(pk=connection.pk).quiet_until
    assert timedelta(minutes=4) < quiet_until - timezone.now() < timedelta(minutes=6)
    provider.failures.clear()
    provider.calls.clear()
    poll_all()
    assert provider.calls.total() == 0
    Connection.objects.update(quiet_until=timezone.now())
    poll_all()
    assert not Job.objects.exclude(trouble="").exists()


def test_an_account_without_credit_is_left_alone_for_a_while(running_job, provider, connection):
    refusal = ProviderError("You exceeded your quota", code="insufficient_quota", status=429)
    provider.fail("get_job", refusal)
    poll_all()
    poll_all()
    assert provider.calls["get_job"] == 1
    assert Job.objects.get().trouble == "You exceeded your quota"


def test_a_refused_key_is_tried_once_not_for_every_job(running_job, provider, connection):
    many_jobs(running_job, provider, 40)
    provider.fail("list_jobs", ProviderError("Incorrect API key", status=401))
    poll_all()
    assert provider.calls.total() == 1
    assert Job.objects.filter(trouble="Incorrect API key").count() == 40


def test_a_slow_provider_does_not_hold_up_the_next_news_of_another(
    running_job, providers, provider, monkeypatch
):
    """While one connection is waited for, a job of another comes due again and is asked again."""
    slow = make_connection(workspace=running_job.workspace)
    make_job(workspace=running_job.workspace, connection=slow, provider_job_id="x", status="queued")

    async def wait_until_the_other_was_asked_twice(_job_id: str) -> None:
        async with asyncio.timeout(5):
            while provider.calls["get_job"] < 2:  # noqa: ASYNC110 - nobody tells when
                await asyncio.sleep(0.01)
        raise ProviderError("No such job", status=404)

    providers.of(slow).get_job = wait_until_the_other_was_asked_twice
    monkeypatch.setattr(polling, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(schedule, "RUNNING", timedelta(0))
    poll_all()
    assert provider.calls["get_job"] >= 2
    assert Job.objects.get(connection=slow).trouble == "No such job"


def test_a_round_that_is_too_long_puts_the_others_off_and_blames_nobody(
    running_job, provider, monkeypatch
):
    many_jobs(running_job, provider, 50)
    original, answered = provider.list_events, []

    async def slower_and_slower(job_id, *, known_ids=frozenset()):
        if len(answered) >= 10:
            await asyncio.Event().wait()
        answered.append(job_id)
        return await original(job_id, known_ids=known_ids)

    provider.list_events = slower_and_slower
    monkeypatch.setattr(polling, "CONNECTION_SECONDS", 0.5)
    poll_all()
    assert Job.objects.exclude(last_polled_at=None).count() == 10
    assert not Job.objects.exclude(trouble="").exists()


@pytest.mark.parametrize(
    ("since_news", "seconds"), [(None, 5), (10, 5), (120, 12), (3600, 60), (10**6, 60)]
)
def test_who_says_nothing_for_long_is_asked_less_often(since_news, seconds):
    wait = schedule.poll_interval(JobStatus.RUNNING, is_watched=False, since_news=since_news)
    assert wait == timedelta(seconds=seconds)


def test_a_running_job_that_says_nothing_for_long_is_said_to_stand_still(
    client, running_job, provider
):
    poll_all()
    long_ago = timezone.now() - schedule.STALLED_AFTER - timedelta(minutes=1)
    Job.objects.update(last_news_at=long_ago)
    poll_all()
    running_job.refresh_from_db()
    stalled_at = running_job.stalled_at
    assert stalled_at is not None
    assert "has said nothing new" in client.get(running_job.get_absolute_url()).content.decode()
    poll_all()
    running_job.refresh_from_db()
    assert running_job.stalled_at == stalled_at
    provider.add_step("ftjob-1", 4, train_loss=1.0)
    poll_all()
    running_job.refresh_from_db()
    assert running_job.stalled_at is None


def test_the_page_says_when_the_provider_was_last_heard(client, running_job, provider):
    poll_all()
    url = running_job.get_absolute_url()
    first = client.get(url).context["version"]
    assert "Last heard of it" not in client.get(url).content.decode()
    Job.objects.update(last_polled_at=timezone.now() - timedelta(minutes=5))
    answer = client.get(f"{url}?seen={first}", headers={"HX-Request": "true"})
    assert "Last heard of it" in answer.content.decode()
    Connection.objects.update(quiet_until=timezone.now() + timedelta(minutes=5))
    assert "asked for fewer requests" in client.get(url).content.decode()


def test_a_list_that_fails_once_is_no_reason_to_give_up_on_every_job(running_job, provider):
    many_jobs(running_job, provider, 10)
    provider.fail("list_jobs", ProviderUnavailable("The connection broke"))
    poll_all()
    assert not Job.objects.exclude(trouble="").exists()
    assert provider.calls["list_events"] == 10


def test_failures_now_and_then_are_not_a_provider_that_is_down(running_job, provider):
    many_jobs(running_job, provider, 40)
    asked = []
    original = provider.list_events

    async def every_fourth_fails(job_id, *, known_ids=frozenset()):
        asked.append(job_id)
        if len(asked) % 4 == 0:
            raise ProviderUnavailable("busy")
        return await original(job_id, known_ids=known_ids)

    provider.list_events = every_fourth_fails
    poll_all()
    assert Job.objects.filter(trouble="busy").count() == 10


def test_one_job_that_is_asked_about_too_often_is_no_trouble_of_the_others(running_job, provider):
    many_jobs(running_job, provider, 40)
    busy = ProviderUnavailable("Too many requests", retry_after=30)
    provider.fail("list_events", busy)
    poll_all()
    refused = Job.objects.filter(trouble="Too many requests").count()
    assert refused == provider.calls["list_events"] < 40
    assert Job.objects.filter(trouble="", attempts=0).count() == 40 - refused
    assert Job.objects.filter(next_poll_at__lt=timezone.now() + timedelta(seconds=25)).count() == 0
