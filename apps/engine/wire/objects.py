"""Rows as OpenAI's objects."""

from datetime import UTC, datetime
from typing import Any

from apps.engine.models import (
    EngineFile,
    ServedModel,
    TrainingCheckpoint,
    TrainingEvent,
    TrainingJob,
)
from apps.engine.tiny.weights import BASE_MODEL

Json = dict[str, Any]

BASE_MODEL_CREATED = datetime(2026, 11, 1, tzinfo=UTC)
BASE_MODEL_OWNER = "retune"


def unix(moment: datetime | None) -> int | None:
    """Return whole seconds since 1970, as every moment of this API is written."""
    return None if moment is None else int(moment.timestamp())


def file(row: EngineFile) -> Json:
    return {
        "id": row.public_id,
        "object": "file",
        "bytes": row.size_bytes,
        "created_at": unix(row.created_at),
        "expires_at": None,
        "filename": row.filename,
        "purpose": row.purpose,
        "status": "processed",
        "status_details": None,
    }


def job(row: TrainingJob) -> Json:
    """Write a job; its workspace must have been fetched with it."""
    return {
        "id": row.public_id,
        "object": "fine_tuning.job",
        "created_at": unix(row.created_at),
        "finished_at": unix(row.finished_at),
        "estimated_finish": unix(row.estimated_finish_at),
        "model": row.model,
        "fine_tuned_model": row.fine_tuned_model or None,
        "organization_id": organization_id(row),
        "status": row.status,
        "training_file": row.training_file,
        "validation_file": row.validation_file or None,
        "result_files": [row.result_file] if row.result_file else [],
        "trained_tokens": row.trained_tokens,
        "hyperparameters": row.hyperparameters,
        "method": {
            "type": "supervised",
            "supervised": {"hyperparameters": row.hyperparameters},
        },
        "user_provided_suffix": row.suffix or None,
        "seed": row.seed,
        "metadata": row.metadata or None,
        "integrations": [],
        "error": _job_error(row),
    }


def organization_id(row: TrainingJob | ServedModel) -> str:
    """Our workspace is what OpenAI calls an organisation."""
    return f"org-{row.workspace.public_id.hex}"


def event(row: TrainingEvent) -> Json:
    return {
        "id": row.public_id,
        "object": "fine_tuning.job.event",
        "created_at": unix(row.created_at),
        "level": row.level,
        "message": row.message,
        "type": row.type,
        "data": row.data,
    }


def checkpoint(row: TrainingCheckpoint) -> Json:
    """Write a checkpoint; its job must have been fetched with it."""
    return {
        "id": row.public_id,
        "object": "fine_tuning.job.checkpoint",
        "created_at": unix(row.created_at),
        "fine_tuned_model_checkpoint": row.model,
        "fine_tuning_job_id": row.job.public_id,
        "metrics": row.metrics,
        "step_number": row.step_number,
    }


def base_model() -> Json:
    return _model(BASE_MODEL, BASE_MODEL_CREATED, BASE_MODEL_OWNER)


def served_model(row: ServedModel) -> Json:
    """Write a fine-tuned model; its workspace must have been fetched with it."""
    return _model(row.name, row.created_at, organization_id(row))


def deleted(kind: str, public_id: str) -> Json:
    return {"id": public_id, "object": kind, "deleted": True}


def _model(name: str, created: datetime, owner: str) -> Json:
    return {
        "id": name,
        "object": "model",
        "created": unix(created),
        "owned_by": owner,
        "shutdown_date": None,
    }


def _job_error(row: TrainingJob) -> Json | None:
    if not row.error_code:
        return None
    return {
        "code": row.error_code,
        "message": row.error_message,
        "param": row.error_param or None,
    }
