"""The outside world of models: providers in memory, and a job that has ended well."""

from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Membership
from apps.jobs.models import Checkpoint, Job
from apps.providers.models import Connection
from apps.providers.types import JobStatus
from tests.factories import make_job
from tests.jobs.conftest import connection, provider, providers

__all__ = ["connection", "provider", "providers"]
TUNED = "ft:tiny-chat-1m:harbour-team:persona:ab12cd"


@pytest.fixture
def done_job(owner: Membership, connection: Connection) -> Job:
    """A job that has made a model."""
    return make_done_job(owner, connection)


def make_done_job(owner: Membership, connection: Connection, **fields: Any) -> Job:
    now = timezone.now()
    defaults: dict[str, Any] = {
        "name": "Persona",
        "status": JobStatus.SUCCEEDED,
        "finished_at": now,
        "provider_job_id": "ftjob-9",
        "fine_tuned_model": TUNED,
        "trained_tokens": 1_000_000,
    }
    return make_job(workspace=owner.workspace, connection=connection, **{**defaults, **fields})


def save_checkpoint(job: Job, step: int, **metrics: float) -> Checkpoint:
    return Checkpoint.objects.create(
        job=job,
        provider_checkpoint_id=f"ftckpt-{step}",
        model=f"{TUNED}x:ckpt-step-{step}",
        step=step,
        created_at=timezone.now(),
        metrics=metrics,
    )
