"""What a training leaves behind: checkpoints, the tuned model and its result file."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.engine import lifecycle, naming, storage
from apps.engine.models import (
    EngineFile,
    JobStatus,
    ServedModel,
    TrainingCheckpoint,
    TrainingEvent,
    TrainingJob,
)
from apps.engine.tiny import weights
from apps.engine.tiny.training import StepResult, Training
from apps.engine.trainer.journal import metrics_of

# The result file says train_accuracy where events say train_mean_token_accuracy: OpenAI's does.
COLUMNS = {
    "step": "step",
    "train_loss": "train_loss",
    "train_accuracy": "train_mean_token_accuracy",
    "valid_loss": "valid_loss",
    "valid_mean_token_accuracy": "valid_mean_token_accuracy",
}


def keep_checkpoint(job: TrainingJob, run: Training, result: StepResult) -> None:
    """Keep the model as it is after this step, once: weights first, then the rows."""
    if job.checkpoints.filter(step_number=result.step).exists():
        return  # the training was interrupted after this step and has come here again
    name = naming.checkpoint_name(job, result.step)
    place = f"{job.public_id}/step-{result.step}"
    weights.save_weights(storage.weights_path(place), run.parameters)
    with transaction.atomic():
        lifecycle.hold(lifecycle.claim_of(job))
        ServedModel.objects.create(workspace=job.workspace, job=job, name=name, weights=place)
        TrainingCheckpoint.objects.create(
            job=job, step_number=result.step, model=name, metrics=metrics_of(result)
        )
        lifecycle.say(job, f"Checkpoint created at step {result.step} with Snapshot ID: {name}")


def complete(job: TrainingJob, run: Training) -> None:
    """Keep the tuned model and the result file, then end the job: files first, then the rows."""
    name, place = naming.model_name(job), f"{job.public_id}/final"
    weights.save_weights(storage.weights_path(place), run.parameters)
    content = result_csv(_metrics(job))
    file = EngineFile(
        workspace=job.workspace,
        filename="step_metrics.csv",
        purpose=EngineFile.Purpose.RESULTS,
        size_bytes=len(content),
    )
    storage.keep(content, file.path)
    with transaction.atomic():
        file.save(force_insert=True)
        ServedModel.objects.create(workspace=job.workspace, job=job, name=name, weights=place)
        lifecycle.finish(
            lifecycle.claim_of(job),
            JobStatus.SUCCEEDED,
            at=timezone.now(),
            fine_tuned_model=name,
            trained_tokens=run.trained_tokens,
            result_file=file.public_id,
        )
        lifecycle.say(job, f"New fine-tuned model created: {name}")
        lifecycle.say(job, "The job has successfully completed")


def result_csv(metrics: Iterable[Mapping[str, Any]]) -> bytes:
    """Write the figures of each step; what was not measured stays blank."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for figures in metrics:
        writer.writerow([figures.get(key, "") for key in COLUMNS.values()])
    return text.getvalue().encode()


def _metrics(job: TrainingJob) -> Iterable[Mapping[str, Any]]:
    steps = job.events.filter(type=TrainingEvent.Type.METRICS).order_by("step")
    return steps.values_list("data", flat=True).iterator()
