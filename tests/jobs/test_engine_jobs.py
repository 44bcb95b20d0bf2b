"""The stock SDK and the dashboard look at the same engine, and see the same jobs."""

from typing import Any

import pytest
from openai import OpenAI

from apps.accounts.models import Role
from apps.engine.models import TrainingJob
from apps.jobs import tasks
from apps.jobs.elsewhere import importing
from apps.jobs.models import Job
from apps.providers import services
from apps.providers.models import Connection
from tests.engine_server import Engine, _listening_engine, engine, wait_until  # noqa: F401
from tests.factories import chat_file, make_membership
from tests.jobs.conftest import later


@pytest.fixture
def sdk(engine: Engine, settings: Any) -> OpenAI:  # noqa: F811
    """A script with a token of its own, beside the dashboard's connection to the engine."""
    settings.ENGINE_URL = engine.url
    workspace = make_membership(role=Role.OWNER).workspace
    services.connect_engine(workspace=workspace, key=engine.token(workspace))
    return engine.client(workspace)


def train(sdk: OpenAI, suffix: str) -> str:
    file = sdk.files.create(file=("train.jsonl", chat_file()), purpose="fine-tune")
    supervised = {"hyperparameters": {"n_epochs": 2, "batch_size": 4}}
    job = sdk.fine_tuning.jobs.create(
        model="tiny-chat-1m",
        training_file=file.id,
        suffix=suffix,
        method={"type": "supervised", "supervised": supervised},
    )
    return job.id


def test_what_a_script_started_the_dashboard_imports_and_follows_to_the_same_end(
    engine: Engine,  # noqa: F811
    sdk: OpenAI,
) -> None:
    ids = {train(sdk, "first"), train(sdk, "second")}
    connection = Connection.objects.get()
    importing.import_soon(connection)
    tasks.import_jobs(connection_id=connection.pk)
    assert {job.provider_job_id for job in Job.objects.all()} == ids

    engine.trainer()
    jobs = sdk.fine_tuning.jobs
    ended = TrainingJob.objects.filter(public_id__in=ids, status="succeeded")
    wait_until(lambda: ended.count() == len(ids), "both jobs")
    for job in Job.objects.all():
        later(job)
    tasks.poll_due_jobs()
    for job in Job.objects.all():
        there = jobs.retrieve(job.provider_job_id)
        assert (job.status, job.fine_tuned_model) == (there.status, there.fine_tuned_model)
        assert job.trained_tokens == there.trained_tokens
        assert {event.provider_event_id for event in job.events.all()} == {
            event.id for event in jobs.list_events(there.id)
        }
        assert {each.model for each in job.checkpoints.all()} == {
            each.fine_tuned_model_checkpoint for each in jobs.checkpoints.list(there.id)
        }
