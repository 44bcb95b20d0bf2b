"""The budget: what it holds back, what it counts, and who lets a job go."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.jobs.models import Budget, Job
from apps.providers.models import Connection
from apps.providers.types import JobStatus
from tests.factories import make_connection, make_job, make_version
from tests.jobs.conftest import later

MODEL = "gpt-4o-mini-2024-07-18"  # $3.00 per million tokens
MILLION = {"total": 1_000_000, "min": 20, "median": 20, "p95": 20, "max": 20, "over_limit": 0}


@pytest.fixture
def openai(owner) -> Connection:
    return make_connection(workspace=owner.workspace, profile=Connection.Profile.OPENAI)


@pytest.fixture
def version(owner):
    """A million tokens: three dollars an epoch."""
    tokens = {"o200k_base": MILLION, "bytes": MILLION}
    return make_version(workspace=owner.workspace, statistics={"rows": 12, "tokens": tokens})


@pytest.fixture
def start(client, openai, version, django_capture_on_commit_callbacks):
    """Send the form: a job that costs three dollars."""

    def send(**fields) -> Job:
        data = {
            "form_token": str(uuid4()),
            "training_data": str(version.public_id),
            "connection": str(openai.public_id),
            "base_model": MODEL,
            "n_epochs": 1,
            **fields,
        }
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(reverse("jobs:create"), data)
        assert answer.status_code == 302, answer.context["form"].errors
        return Job.objects.order_by("-pk")[0]

    return send


def limit(owner, **limits) -> None:
    Budget.objects.update_or_create(workspace=owner.workspace, defaults=limits)


def test_a_job_within_the_budget_starts_at_once(owner, start, providers, openai):
    limit(owner, monthly_usd=3, per_job_usd=3)
    assert start().status == JobStatus.QUEUED
    assert len(providers.of(openai).specs) == 1


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"per_job_usd": Decimal("2.99")}, "jobs above $2.99"),
        ({"monthly_usd": Decimal("2.99")}, "Of the $2.99 for this month, $0.00 are spent"),
    ],
)
def test_a_job_over_a_limit_waits_and_nothing_is_sent(
    client, owner, start, providers, openai, limits, words
):
    limit(owner, **limits)
    job = start()
    later(job)
    assert job.status == JobStatus.HELD
    assert Job.objects.to_advance(timezone.now()).count() == 0
    assert not providers.of(openai).calls
    page = client.get(job.get_absolute_url()).content.decode()
    assert words in page
    assert "up to $3.00" in page


def test_what_jobs_under_way_may_cost_is_promised(owner, start, providers):
    limit(owner, monthly_usd=5)
    assert start().status == JobStatus.QUEUED
    assert start().status == JobStatus.HELD


def test_what_ended_jobs_really_cost_counts_instead_of_their_estimate(owner, start, providers):
    limit(owner, monthly_usd=5)
    first = start()
    ended = {"status": JobStatus.CANCELLED, "finished_at": timezone.now()}
    Job.objects.filter(pk=first.pk).update(**ended, trained_tokens=500_000)
    assert start().status == JobStatus.QUEUED  # $1.50 + $3.00
    assert start().status == JobStatus.HELD


def test_last_month_does_not_count(owner, start, providers):
    limit(owner, monthly_usd=4)
    first = start()
    Job.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(days=32))
    assert start().status == JobStatus.QUEUED


def test_a_cost_that_nobody_can_tell_is_asked_about_unless_the_owner_said_no(
    owner, start, providers
):
    generic = make_connection(workspace=owner.workspace)
    fields = {"connection": str(generic.public_id), "base_model": "some-model"}
    limit(owner, monthly_usd=1, holds_unknown=True)
    assert "Nobody can tell" in start(**fields).hold_reason
    limit(owner, holds_unknown=False)
    assert start(**fields).status == JobStatus.QUEUED


def test_what_is_free_is_never_held(owner, start, providers):
    engine = make_connection(workspace=owner.workspace, profile=Connection.Profile.ENGINE)
    limit(owner, monthly_usd=0, per_job_usd=0)
    job = start(connection=str(engine.public_id), base_model="tiny-chat-1m")
    assert job.status == JobStatus.QUEUED


def test_an_owner_approves_and_a_double_click_starts_one_job(
    client, owner, start, providers, openai, django_capture_on_commit_callbacks
):
    limit(owner, per_job_usd=1)
    job = start()
    for _click in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("jobs:approve", args=[job.public_id]))
    job.refresh_from_db()
    assert (job.status, job.approved_by) == (JobStatus.QUEUED, owner.user)
    assert len(providers.of(openai).specs) == 1


def test_an_editor_starts_and_stops_but_does_not_approve(
    client, client_of, editor, owner, start, providers, openai
):
    limit(owner, per_job_usd=1)
    job = start()
    theirs = client_of(editor)
    assert theirs.post(reverse("jobs:approve", args=[job.public_id])).status_code == 404
    address = reverse("jobs:approve", args=[job.public_id])
    assert address in client.get(job.get_absolute_url()).content.decode()
    assert address not in theirs.get(job.get_absolute_url()).content.decode()
    theirs.post(reverse("jobs:cancel", args=[job.public_id]))
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    assert not providers.of(openai).calls


def test_the_page_shows_what_is_spent_and_what_waits(client, owner, start, providers):
    limit(owner, monthly_usd=5)
    start()
    held = start(name="Second harbour")
    page = client.get(reverse("jobs:budget")).content.decode()
    assert "≤ $3.00" in page
    assert held.name in page


def test_limits_are_set_by_owners_and_must_be_amounts(client, client_of, owner, editor):
    address = reverse("jobs:budget")
    assert client.post(address, {"monthly_usd": "-1"}).status_code == 422
    assert client_of(editor).post(address, {"monthly_usd": "5"}).status_code == 403
    assert not Budget.objects.exists()
    client.post(address, {"monthly_usd": "500", "per_job_usd": "", "holds_unknown": "on"})
    budget = Budget.objects.get(workspace=owner.workspace)
    assert (budget.monthly_usd, budget.per_job_usd, budget.holds_unknown) == (500, None, True)


def test_a_stranger_s_jobs_cost_nobody_else(stranger, owner, start, providers):
    estimate = {"usd": "100", "costs_money": True}
    make_job(workspace=stranger.workspace, estimate=estimate)
    limit(owner, monthly_usd=3)
    assert start().status == JobStatus.QUEUED
