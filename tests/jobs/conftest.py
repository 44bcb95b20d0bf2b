"""The outside world of jobs: providers in memory, and time that passes when told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import Membership
from apps.jobs.curves import metrics, points
from apps.jobs.models import Job
from apps.providers import registry
from apps.providers.models import Connection
from apps.providers.types import JobStatus
from tests.factories import make_connection, make_job
from tests.jobs.provider import FakeProvider, Providers


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch) -> Providers:
    """Every connection is answered from memory."""
    fakes = Providers()
    monkeypatch.setattr(registry, "open_provider", fakes.open)
    return fakes


@pytest.fixture
def connection(owner: Membership) -> Connection:
    return make_connection(workspace=owner.workspace)


@pytest.fixture
def provider(providers: Providers, connection: Connection) -> FakeProvider:
    return providers.of(connection)


@pytest.fixture
def running_job(owner: Membership, connection: Connection, provider: FakeProvider) -> Job:
    """A job that runs at its provider, whose first news are due."""
    provider.add_job("ftjob-1")
    return make_job(
        workspace=owner.workspace,
        connection=connection,
        provider_job_id="ftjob-1",
        status="running",
        provider_status="running",
    )


def later(job: Job) -> None:
    """Let so much time pass that every lease and every waiting time of this job is over."""
    long_ago = timezone.now() - timedelta(hours=1)
    leases = {"step_lease_until": None, "poll_lease_until": None}
    Job.objects.filter(pk=job.pk).update(next_step_at=long_ago, next_poll_at=long_ago, **leases)


def ended(job: Job, status: JobStatus, **fields: object) -> Job:
    """End this job as the poller would."""
    Job.objects.filter(pk=job.pk).update(status=status, finished_at=timezone.now(), **fields)
    job.refresh_from_db()
    return job


def train(job: Job, told: dict[int, dict[str, float]]) -> None:
    """Let this job have the numbers of these steps, as polling would."""
    points.keep((job.pk, step, numbers) for step, numbers in told.items())
    job.latest_metrics = metrics.latest(job.latest_metrics, told)
    job.step = max(told)
    job.save(update_fields=["latest_metrics", "step"])
