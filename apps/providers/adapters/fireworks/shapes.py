"""Fireworks' JSON in, our dataclasses out. Everything is optional and nothing is believed (pure).

Read from: the fireworks-ai package 1.2.30, `types/`: supervised_fine_tuning_job.py, dpo_job.py,
reinforcement_fine_tuning_job.py, dataset.py, model.py, deployment.py.
"""

from typing import Any

from apps.providers.adapters.fields import Object, count, iso_moment, object_in, text
from apps.providers.adapters.fireworks import names
from apps.providers.types import (
    TERMINAL,
    DeploymentSnapshot,
    DeploymentStatus,
    JobSnapshot,
    JobStatus,
    ModelInfo,
    ProviderFile,
)

STATUSES = {
    "JOB_STATE_CREATING": JobStatus.QUEUED,
    "JOB_STATE_PENDING": JobStatus.QUEUED,
    "JOB_STATE_RE_QUEUEING": JobStatus.QUEUED,
    "JOB_STATE_VALIDATING": JobStatus.VALIDATING_FILES,
    "JOB_STATE_CREATING_INPUT_DATASET": JobStatus.VALIDATING_FILES,
    "JOB_STATE_RUNNING": JobStatus.RUNNING,
    "JOB_STATE_WRITING_RESULTS": JobStatus.RUNNING,
    "JOB_STATE_PAUSED": JobStatus.PAUSED,
    "JOB_STATE_IDLE": JobStatus.PAUSED,
    "JOB_STATE_CANCELLING": JobStatus.CANCELLING,
    "JOB_STATE_COMPLETED": JobStatus.SUCCEEDED,
    "JOB_STATE_EARLY_STOPPED": JobStatus.SUCCEEDED,
    "JOB_STATE_FAILED": JobStatus.FAILED,
    "JOB_STATE_EXPIRED": JobStatus.FAILED,
    "JOB_STATE_CANCELLED": JobStatus.CANCELLED,
    "JOB_STATE_DELETING": JobStatus.CANCELLED,
    "JOB_STATE_DELETING_CLEANING_UP": JobStatus.CANCELLED,
}
SERVING = {
    "CREATING": DeploymentStatus.STARTING,
    "UPDATING": DeploymentStatus.ACTIVE,
    "READY": DeploymentStatus.ACTIVE,
    "DELETING": DeploymentStatus.STOPPING,
    "DELETED": DeploymentStatus.STOPPED,
    "FAILED": DeploymentStatus.FAILED,
}
SETTINGS = {
    "n_epochs": "epochs",
    "batch_size": "batchSizeSamples",
    "learning_rate": "learningRate",
    "warmup_steps": "learningRateWarmupSteps",
    "weight_decay": "optimizerWeightDecay",
    "lora_r": "loraRank",
    "context_length": "maxContextLength",
}
SUPERVISED_ONLY = {"early_stopping": "earlyStop", "eval_auto_carveout": "evalAutoCarveout"}


def job_snapshot(job: Object, collection: str) -> JobSnapshot:
    """Return the job as we speak of it. Its id here names the collection too."""
    state, told = text(job.get("state"), 50), object_in(job.get("status"))
    status = STATUSES.get(state, JobStatus.UNKNOWN)
    has_failed = status == JobStatus.FAILED
    settings = {**job, **object_in(job.get("trainingConfig"))}
    resource_id = names.last(text(job.get("name"), 300))
    return JobSnapshot(
        provider_job_id=f"{collection}/{resource_id}"[:200] if resource_id else "",
        status=status,
        provider_status=state,
        fine_tuned_model=_tuned_model(job, settings) if status == JobStatus.SUCCEEDED else "",
        hyperparameters=_hyperparameters(job, settings),
        finished_at=_finished_at(job) if status in TERMINAL else None,
        error=text(told.get("message") or told.get("code"), 5000) if has_failed else "",
        error_code=text(told.get("code"), 100) if has_failed else "",
        client_key=names.client_key(resource_id),
        raw=job,
        base_model=text(settings.get("baseModel") or settings.get("warmStartFrom"), 200),
        method=names.METHODS.get(collection),
        suffix=text(job.get("displayName"), 64),
        training_file=names.last(text(job.get("dataset"), 200)),
        validation_file=names.last(text(job.get("evaluationDataset"), 200)),
        created_at=iso_moment(job.get("createTime")),
    )


def provider_file(dataset: Object) -> ProviderFile:
    """Return a dataset as a file; nobody says how large it is."""
    resource_id = names.last(text(dataset.get("name"), 300))
    return ProviderFile(
        id=resource_id[:200],
        filename=text(dataset.get("displayName"), 500) or resource_id,
        size_bytes=None,
        purpose="fine-tune",
        created_at=iso_moment(dataset.get("createTime")),
    )


def model_info(model: Object) -> ModelInfo:
    """Return a model; the day its shared deployment ends is the day it stops to answer."""
    name, tunable = text(model.get("name"), 300), model.get("tunable")
    return ModelInfo(
        id=name,
        owned_by=name.split("/")[1] if name.count("/") > 1 else "",
        can_tune=tunable if isinstance(tunable, bool) else None,
        shutdown_date=_date(object_in(model.get("deprecationDate"))),
    )


def deployment(found: Object, deployment_id: str, tuned_model: str) -> DeploymentSnapshot:
    """Return a deployment; a model on it is asked by both their names."""
    state, told = text(found.get("state"), 50), object_in(found.get("status"))
    status = SERVING.get(state, DeploymentStatus.UNKNOWN)
    name = text(found.get("name"), 300)
    return DeploymentSnapshot(
        provider_deployment_id=deployment_id,
        status=status,
        provider_status=state,
        model=f"{tuned_model}#{name}" if tuned_model and name else "",
        error=text(told.get("message"), 2000) if status == DeploymentStatus.FAILED else "",
        raw=found,
    )


def _tuned_model(job: Object, settings: Object) -> str:
    """Return the model's name; a job that names none gave it its own id."""
    told = text(settings.get("outputModel"), 300)
    account, _slash, own = text(job.get("name"), 300).rpartition("/")
    if "/" in told:
        return told
    root = "/".join(account.split("/")[:2])
    return f"{root}/models/{told or own}"[:300] if root else told


def _hyperparameters(job: Object, settings: Object) -> dict[str, Any]:
    """Return the settings by the names under which we keep them."""
    told = {ours: settings.get(theirs) for ours, theirs in SETTINGS.items()}
    told |= {ours: job.get(theirs) for ours, theirs in SUPERVISED_ONLY.items()}
    told["beta"] = object_in(object_in(job.get("lossConfig")).get("dpo")).get("beta")
    return {name: value for name, value in told.items() if isinstance(value, int | float | str)}


def _finished_at(job: Object) -> Any:
    return iso_moment(job.get("completedTime")) or iso_moment(job.get("updateTime"))


def _date(told: Object) -> str | None:
    """Return a date that comes in three numbers."""
    year, month, day = (count(told.get(name)) or 0 for name in ("year", "month", "day"))
    is_date = 0 < year < 10_000 and 0 < month <= 12 and 0 < day <= 31
    return f"{year:04}-{month:02}-{day:02}" if is_date else None
