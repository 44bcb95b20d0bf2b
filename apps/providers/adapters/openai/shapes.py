"""OpenAI's JSON in, our dataclasses out. Everything is optional and nothing is believed (pure)."""

from datetime import UTC, datetime
from typing import Any

from apps.providers.adapters import fields
from apps.providers.adapters.fields import (
    Object,
    content_id,
    count,
    items,
    numbers,
    object_in,
    seconds_moment,
    text,
    whole,
)
from apps.providers.adapters.suffix_keys import read_suffix
from apps.providers.types import (
    JobSnapshot,
    JobStatus,
    Method,
    ModelInfo,
    ProviderCheckpoint,
    ProviderEvent,
    ProviderFile,
)

CLIENT_KEY = "retune_job"  # our job's id in the provider's metadata
OURS = frozenset({JobStatus.HELD, JobStatus.PENDING, JobStatus.UNKNOWN})
THEIRS = {
    **{status.value: status for status in JobStatus if status not in OURS},
    "canceled": JobStatus.CANCELLED,  # as Americans write it
}


def job_snapshot(job: Object) -> JobSnapshot:
    """Return the job as we speak of it; the whole answer stays in `raw`."""
    error = object_in(job.get("error"))
    suffix, key = read_suffix(text(job.get("user_provided_suffix") or job.get("suffix"), 64))
    return JobSnapshot(
        provider_job_id=text(job.get("id"), 200),
        status=_status(job.get("status")),
        provider_status=text(job.get("status"), 50),
        fine_tuned_model=text(job.get("fine_tuned_model"), 300),
        trained_tokens=whole(job.get("trained_tokens")),
        hyperparameters=_hyperparameters(job),
        seed=whole(job.get("seed")),
        estimated_finish_at=seconds_moment(job.get("estimated_finish")),
        finished_at=seconds_moment(job.get("finished_at")),
        result_files=[name for name in items(job.get("result_files")) if isinstance(name, str)],
        error=text(error.get("message") or error.get("code"), 5000),
        error_code=text(error.get("code"), 100),
        client_key=text(object_in(job.get("metadata")).get(CLIENT_KEY), 100) or key,
        raw=job,
        base_model=text(job.get("model"), 200),
        method=_method(job),
        suffix=suffix,
        training_file=text(job.get("training_file"), 200),
        validation_file=text(job.get("validation_file"), 200),
        created_at=seconds_moment(job.get("created_at")),
    )


def event(item: Object) -> ProviderEvent:
    """Return one event; without an id of its own it gets one made of its content."""
    return ProviderEvent(
        provider_event_id=text(item.get("id"), 200) or content_id(item),
        created_at=seconds_moment(item.get("created_at")) or datetime.now(UTC),
        level=text(item.get("level"), 20) or "info",
        type=text(item.get("type"), 50) or "message",
        message=text(item.get("message"), 5000),
        data=object_in(item.get("data")),
    )


def checkpoint(item: Object) -> ProviderCheckpoint:
    return ProviderCheckpoint(
        provider_checkpoint_id=text(item.get("id"), 200),
        model=text(item.get("fine_tuned_model_checkpoint"), 300),
        step=whole(item.get("step_number")) or 0,
        created_at=seconds_moment(item.get("created_at")) or datetime.now(UTC),
        metrics=numbers(item.get("metrics")),
        files=[name for name in items(item.get("result_files")) if isinstance(name, str)],
    )


def provider_file(item: Object) -> ProviderFile:
    return ProviderFile(
        id=text(item.get("id"), 200),
        filename=text(item.get("filename"), 500),
        size_bytes=count(item.get("bytes")),
        purpose=text(item.get("purpose"), 50),
        created_at=seconds_moment(item.get("created_at")),
    )


def model_info(item: Object) -> ModelInfo:
    return ModelInfo(
        id=text(item.get("id"), 300),
        owned_by=text(item.get("owned_by"), 200),
        shutdown_date=text(item.get("shutdown_date"), 10) or None,
    )


def told(item: Object, name: str, longest: int) -> str:
    """Return a text of an answer, cut and fit to be stored; "" where there is none."""
    return text(item.get(name), longest)


def objects(page: Any) -> list[Object]:
    """Return the objects of a list answer; anything else in it is left out."""
    return fields.objects(object_in(page).get("data"))


def _status(value: Any) -> JobStatus:
    return THEIRS.get(value, JobStatus.UNKNOWN) if isinstance(value, str) else JobStatus.UNKNOWN


def _hyperparameters(job: Object) -> Object:
    """Read them where they are filled for every method; the top level is null for some."""
    method = object_in(job.get("method"))
    chosen = object_in(method.get(str(method.get("type"))))
    return object_in(chosen.get("hyperparameters")) or object_in(job.get("hyperparameters"))


def _method(job: Object) -> Method | None:
    named = object_in(job.get("method")).get("type")
    return Method(named) if named in Method.values else None
