"""What a caller of the engine can do."""

import secrets
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from apps.accounts.models import Workspace
from apps.engine import lifecycle, training_files, uploads
from apps.engine.models import EngineFile, JobStatus, ServedModel, TrainingJob
from apps.engine.requests.jobs import LARGEST_SEED, JobRequest
from apps.engine.tiny.weights import BASE_MODEL


class CannotUse(Exception):
    """Something a job was asked to use is not there; `param` says which."""

    def __init__(self, message: str, *, param: str, code: str | None = None) -> None:
        super().__init__(message)
        self.param, self.code = param, code


class InUse(Exception):
    """A job that is not finished still needs this."""


class AlreadyFinished(Exception):
    """The job has ended; there is nothing left to cancel."""


def create_file(*, workspace: Workspace, upload: "UploadedFile[bytes]") -> EngineFile:
    """Keep an uploaded file; NotJsonLines when it is not one JSON object per line."""
    training_files.require_json_lines(uploads.temporary_path(upload))
    file = EngineFile(
        workspace=workspace,
        filename=upload.name or "upload",
        purpose=EngineFile.Purpose.FINE_TUNE,
        size_bytes=upload.size or 0,
    )
    uploads.keep(upload, file.path)
    file.save(force_insert=True)
    return file


def delete_file(*, file: EngineFile) -> None:
    """Remove a file; InUse while a job has still to read it."""
    is_read = Q(training_file=file.public_id) | Q(validation_file=file.public_id)
    job = TrainingJob.objects.unfinished().filter(is_read, workspace=file.workspace_id).first()
    if job is not None:
        raise InUse(f"The file {file.public_id} is in use by the job {job.public_id}.")
    file.delete()
    file.path.unlink(missing_ok=True)


def create_job(*, workspace: Workspace, asked: JobRequest) -> TrainingJob:
    """Save a job that a trainer will pick up; CannotUse when its model or files are not there."""
    _require_model(workspace, asked.model)
    _require_file(workspace, asked.training_file, param="training_file")
    if asked.validation_file:
        _require_file(workspace, asked.validation_file, param="validation_file")
    with transaction.atomic():
        job = TrainingJob.objects.create(
            workspace=workspace,
            model=asked.model,
            training_file=asked.training_file,
            validation_file=asked.validation_file,
            suffix=asked.suffix,
            seed=secrets.randbelow(LARGEST_SEED) if asked.seed is None else asked.seed,
            metadata=dict(asked.metadata),
            hyperparameters=dict(asked.hyperparameters),
        )
        lifecycle.say(job, f"Created fine-tuning job: {job.public_id}")
        lifecycle.say(job, f"Validating training file: {job.training_file}")
    return job


def cancel_job(*, job: TrainingJob, at: datetime) -> None:
    """End a job that nobody works on at once; ask whoever works on it to save and stop."""
    unfinished = TrainingJob.objects.unfinished().filter(pk=job.pk)
    ended = unfinished.free(at).update(
        status=JobStatus.CANCELLED,
        finished_at=at,
        cancel_requested_at=at,
        estimated_finish_at=None,
        claim=None,
        lease_until=None,
    )
    if ended:
        lifecycle.say(job, "The job was cancelled")
    elif not unfinished.update(cancel_requested_at=at):
        raise AlreadyFinished(f"Job has already completed: {job.public_id}")


def delete_model(*, model: ServedModel) -> None:
    """Remove a fine-tuned model or checkpoint; InUse while a job has still to start from it."""
    job = TrainingJob.objects.unfinished().filter(model=model.name).first()
    if job is not None:
        raise InUse(f"The model {model.name} is in use by the job {job.public_id}.")
    model.delete()
    model.weights_path.unlink(missing_ok=True)


def _require_model(workspace: Workspace, name: str) -> None:
    is_there = (
        name == BASE_MODEL or ServedModel.objects.filter(workspace=workspace, name=name).exists()
    )
    if not is_there:
        raise CannotUse(
            f"Model {name} is not available for fine-tuning or does not exist.",
            param="model",
            code="model_not_available",
        )


def _require_file(workspace: Workspace, public_id: str, *, param: str) -> None:
    file = EngineFile.objects.filter(workspace=workspace, public_id=public_id).first()
    if file is None:
        raise CannotUse(
            f"Cannot find file {public_id}, or your workspace does not have access to it.",
            param=param,
        )
    if file.purpose != EngineFile.Purpose.FINE_TUNE:
        raise CannotUse(f"The file {public_id} does not have the purpose 'fine-tune'.", param=param)
