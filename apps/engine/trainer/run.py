"""What the child process does: trains one claimed job from wherever it stands to its end."""

import time
from dataclasses import asdict
from pathlib import Path
from threading import Event

from django.db import transaction
from django.utils import timezone

from apps.engine import lifecycle, storage, training_files
from apps.engine.models import EngineFile, JobStatus, ServedModel, TrainingEvent, TrainingJob
from apps.engine.tiny import training, weights
from apps.engine.tiny.training import PreparedRows, StepResult, Training
from apps.engine.trainer import results
from apps.engine.trainer.journal import Diverged, Journal

SECONDS_BETWEEN_SAVES = 2.0
MOST_LINES_NAMED = 10


def train(job: TrainingJob, wants_to_stop: Event) -> None:
    """Train a claimed job until it ends, is cancelled, or this process is to stop."""
    try:
        run = _prepare(job)
        _train(job, run, wants_to_stop)
    except training.NothingToLearn as nothing:
        _fail_for_file(job, str(nothing))
    except Diverged as diverged:
        message = (
            f"Training diverged at step {diverged}: the loss is no longer a number. Try a smaller"
            " learning_rate_multiplier."
        )
        lifecycle.fail(job, code="training_diverged", message=message, param="hyperparameters")
    except OSError as error:  # a full disk, most likely; the trainer starts this process again
        trouble = f"Training broke off: {error.strerror or error}"
        lifecycle.say(job, trouble, level=TrainingEvent.Level.ERROR)
        raise


def _prepare(job: TrainingJob) -> Training:
    """Read files and weights, fill in what was left to "auto", and go back to the saved state."""
    train_rows = training.prepare(training_files.read_conversations(_file(job, job.training_file)))
    validation_rows = None
    if job.validation_file:
        path = _file(job, job.validation_file)
        validation_rows = training.prepare(training_files.read_conversations(path))
    resolved = training.resolve_hyperparameters(len(train_rows.rows), job.hyperparameters)
    if job.status == JobStatus.QUEUED:
        _begin(job, asdict(resolved), train_rows)
    parameters = weights.load_weights(_start_weights(job))
    run = Training(parameters, train_rows, validation_rows, resolved, job.seed)
    _restore(job, run)
    return run


def _begin(job: TrainingJob, hyperparameters: dict[str, float], rows: PreparedRows) -> None:
    job.hyperparameters = hyperparameters
    with transaction.atomic():
        lifecycle.advance(
            lifecycle.claim_of(job),
            status=JobStatus.RUNNING,
            started_at=timezone.now(),
            hyperparameters=hyperparameters,
        )
        lifecycle.say(job, "Fine-tuning job started")
        _warn(job, "too long for this model and were shortened", rows.shortened)
        _warn(job, "without anything to learn and were left out", rows.skipped)


def _warn(job: TrainingJob, what: str, examples: list[int]) -> None:
    if not examples:
        return
    named = ", ".join(str(number) for number in examples[:MOST_LINES_NAMED])
    more = ", …" if len(examples) > MOST_LINES_NAMED else ""
    message = f"{len(examples)} example(s) are {what}: {named}{more}"
    lifecycle.say(job, message, level=TrainingEvent.Level.WARN)


def _restore(job: TrainingJob, run: Training) -> None:
    state = storage.state_path(job.public_id)
    if not state.exists():
        return
    run.restore(state)
    lifecycle.say(job, f"Training goes on from step {run.step} of {run.total_steps}")


def _train(job: TrainingJob, run: Training, wants_to_stop: Event) -> None:
    journal = Journal(job)
    saved_at = time.monotonic()
    for result in run.steps():
        journal.add(result)
        if result.is_epoch_end:
            journal.write()  # a checkpoint is told after its step
            results.keep_checkpoint(job, run, result)
        if journal.is_cancelled:
            _cancel(job, run, journal, result)
            return
        if wants_to_stop.is_set() or time.monotonic() - saved_at > SECONDS_BETWEEN_SAVES:
            journal.write()  # first: a saved step is never run, and so never told, again
            run.save(storage.state_path(job.public_id))
            saved_at = time.monotonic()
        if wants_to_stop.is_set() and not run.is_finished:
            lifecycle.give_back(lifecycle.claim_of(job))
            return
    journal.write()
    results.complete(job, run)


def _cancel(job: TrainingJob, run: Training, journal: Journal, result: StepResult) -> None:
    """Keep what has been learned, then end the job."""
    journal.write()
    results.keep_checkpoint(job, run, result)
    lifecycle.cancel(job, message=f"The job was cancelled after step {result.step}")


def _start_weights(job: TrainingJob) -> Path:
    if job.model == weights.BASE_MODEL:
        return weights.BASE_WEIGHTS
    return ServedModel.objects.get(workspace=job.workspace_id, name=job.model).weights_path


def _file(job: TrainingJob, public_id: str) -> Path:
    return EngineFile.objects.get(workspace=job.workspace_id, public_id=public_id).path


def _fail_for_file(job: TrainingJob, reason: str) -> None:
    message = f"The job failed due to an invalid training file. {reason}"
    lifecycle.fail(job, code="invalid_training_file", message=message, param="training_file")
