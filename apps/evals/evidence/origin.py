"""The model, the job that made it, and the data that the job learned from."""

from datetime import date, datetime
from typing import Any

from apps.datasets.models import Version
from apps.datasets.selectors.provenance import how_made
from apps.jobs.models import Job
from apps.library.models import TunedModel

MOST_GENERATIONS = 10  # of versions


def model_facts(model: TunedModel) -> dict[str, Any]:
    """Return what the model is called, where, and until when it answers."""
    return {
        "id": str(model.public_id),
        "title": str(model),
        "name": model.name,
        "base_model": model.base_model or None,
        "connection": model.connection.name,
        "provider": model.connection.get_profile_display(),
        "is_checkpoint": model.is_checkpoint,
        "step": model.step,
        "made_at": _moment(model.made_at),
        "ends_on": _moment(model.ends_on),
        "deleted_at": _moment(model.deleted_at),
        "tags": list(model.tags),
        "notes": model.notes or None,
    }


def job_facts(job: Job) -> dict[str, Any]:
    """Return how the job was set, as asked for and as the provider took it."""
    return {
        "id": str(job.public_id),
        "name": job.name,
        "provider_job_id": job.provider_job_id or None,
        "base_model": job.base_model,
        "method": str(job.get_method_display()),
        "status": str(job.get_status_display()),
        "seed": job.seed,
        "suffix": job.suffix or None,
        "hyperparameters": job.hyperparameters,
        "resolved_hyperparameters": job.resolved_hyperparameters,
        "trained_tokens": job.trained_tokens,
        "steps": job.total_steps or job.step,
        "created_at": _moment(job.provider_created_at or job.created_at),
        "started_at": _moment(job.started_at),
        "finished_at": _moment(job.finished_at),
        "training_file_id": job.training_file_id or None,
        "validation_file_id": job.validation_file_id or None,
        "was_made_elsewhere": job.is_imported,
    }


def data_facts(job: Job) -> list[dict[str, Any]]:
    """Return the files that the job learned from and was measured with, each with its hash."""
    told = (("training", job.training_data), ("validation", job.validation_data))
    return [_version(role, version) for role, version in told if version is not None]


def _version(role: str, version: Version) -> dict[str, Any]:
    return {
        "role": role,
        "id": str(version.public_id),
        "title": version.title,
        "version": version.number,
        "sha256": version.sha256 or None,
        "rows": version.row_count,
        "tokens": version.token_total,
        "size_bytes": version.size_bytes,
        "format": str(version.get_format_display()) or None,
        "history": [
            {"title": each.title, "how": how_made(each), "sha256": each.sha256 or None}
            for each in _line(version)
        ],
    }


def _line(version: Version) -> list[Version]:
    """Return the version, what it was made from, what that was made from, and so on."""
    line = [version]
    while len(line) < MOST_GENERATIONS and line[-1].parent is not None:
        line.append(line[-1].parent)
    return line


def _moment(at: date | datetime | None) -> str | None:
    if at is None:
        return None
    return at.isoformat(timespec="minutes") if isinstance(at, datetime) else at.isoformat()
