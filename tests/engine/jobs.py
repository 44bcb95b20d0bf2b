"""What the tests of training have in common: small jobs, and waiting for them."""

from collections.abc import Mapping
from typing import Any

from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

from apps.engine.models import TrainingEvent, TrainingJob
from tests.engine_server import wait_until
from tests.factories import make_workspace

SHORT: Mapping[str, Any] = {"n_epochs": 2, "batch_size": 4}  # twelve examples: six steps
LONG: Mapping[str, Any] = {"n_epochs": 50, "batch_size": 1}  # of `long_file`: 10,000 steps


def start_job(
    sdk: OpenAI,
    training_file: str,
    *,
    hyperparameters: Mapping[str, Any] = SHORT,
    **wanted: Any,
) -> FineTuningJob:
    """Create a job of a few steps, unless asked otherwise."""
    method = {"type": "supervised", "supervised": {"hyperparameters": dict(hyperparameters)}}
    wanted = {"model": "tiny-chat-1m", "method": method, "seed": 7, **wanted}
    return sdk.fine_tuning.jobs.create(training_file=training_file, **wanted)


def wait_for(sdk: OpenAI, job_id: str, status: str) -> FineTuningJob:
    """Return a job once it has the status."""
    there = TrainingJob.objects.filter(public_id=job_id, status=status)
    wait_until(there.exists, status)  # to ask over HTTP again and again would slow the training
    return sdk.fine_tuning.jobs.retrieve(job_id)


def wait_for_event(job_id: str, start: str) -> None:
    """Return once the job has told something that starts like this."""
    told = TrainingEvent.objects.filter(job__public_id=job_id, message__startswith=start)
    wait_until(told.exists, start)


def steps_told(job_id: str) -> int:
    """Count the steps in the table: a long story takes long to read over HTTP again and again."""
    return TrainingEvent.objects.filter(job__public_id=job_id).exclude(step=None).count()


def messages(sdk: OpenAI, job_id: str) -> list[str]:
    """Return what a job has told, oldest first."""
    events = sdk.fine_tuning.jobs.list_events(job_id, limit=1000)
    return [event.message for event in reversed(list(events))]


def metrics(sdk: OpenAI, job_id: str) -> list[dict[str, Any]]:
    """Return the figures of each step that a job has told, oldest first."""
    events = sdk.fine_tuning.jobs.list_events(job_id, limit=1000)
    return [dict(event.data) for event in reversed(list(events)) if event.type == "metrics"]


def make_training_job(**fields: Any) -> TrainingJob:
    """Create a row that waits for a trainer, unless asked otherwise."""
    workspace = fields.pop("workspace", None) or make_workspace()
    wanted = {"model": "tiny-chat-1m", "training_file": "file-1", "seed": 1, "status": "queued"}
    return TrainingJob.objects.create(workspace=workspace, **{**wanted, **fields})
