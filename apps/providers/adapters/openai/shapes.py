"""OpenAI's JSON in, our dataclasses out. Everything is optional and nothing is believed (pure)."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from apps.providers.adapters.answers import storable
from apps.providers.types import (
    ChatChunk,
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
AMERICAN = {"canceled": JobStatus.CANCELLED}

Object = Mapping[str, Any]


def job_snapshot(job: Object) -> JobSnapshot:
    """Return the job as we speak of it; the whole answer stays in `raw`."""
    error = _object(job.get("error"))
    return JobSnapshot(
        provider_job_id=_text(job.get("id"), 200),
        status=_status(job.get("status")),
        provider_status=_text(job.get("status"), 50),
        fine_tuned_model=_text(job.get("fine_tuned_model"), 300),
        trained_tokens=_whole(job.get("trained_tokens")),
        hyperparameters=_hyperparameters(job),
        seed=_whole(job.get("seed")),
        estimated_finish_at=_moment(job.get("estimated_finish")),
        finished_at=_moment(job.get("finished_at")),
        result_files=[name for name in _items(job.get("result_files")) if isinstance(name, str)],
        error=_text(error.get("message") or error.get("code"), 5000),
        error_code=_text(error.get("code"), 100),
        client_key=_text(_object(job.get("metadata")).get(CLIENT_KEY), 100),
        raw=job,
        base_model=_text(job.get("model"), 200),
        method=_method(job),
        suffix=_text(job.get("user_provided_suffix"), 64),
        training_file=_text(job.get("training_file"), 200),
        validation_file=_text(job.get("validation_file"), 200),
        created_at=_moment(job.get("created_at")),
    )


def event(item: Object) -> ProviderEvent:
    """Return one event; without an id of its own it gets one made of its content."""
    return ProviderEvent(
        provider_event_id=_text(item.get("id"), 200) or _content_id(item),
        created_at=_moment(item.get("created_at")) or datetime.now(UTC),
        level=_text(item.get("level"), 20) or "info",
        type=_text(item.get("type"), 50) or "message",
        message=_text(item.get("message"), 5000),
        data=_object(item.get("data")),
    )


def checkpoint(item: Object) -> ProviderCheckpoint:
    metrics = _object(item.get("metrics"))
    return ProviderCheckpoint(
        provider_checkpoint_id=_text(item.get("id"), 200),
        model=_text(item.get("fine_tuned_model_checkpoint"), 300),
        step=_whole(item.get("step_number")) or 0,
        created_at=_moment(item.get("created_at")) or datetime.now(UTC),
        metrics={name: float(number) for name, number in metrics.items() if _is_number(number)},
        files=[name for name in _items(item.get("result_files")) if isinstance(name, str)],
    )


def provider_file(item: Object) -> ProviderFile:
    return ProviderFile(
        id=_text(item.get("id"), 200),
        filename=_text(item.get("filename"), 500),
        size_bytes=_count(item.get("bytes")),
        purpose=_text(item.get("purpose"), 50),
        created_at=_moment(item.get("created_at")),
    )


def model_info(item: Object) -> ModelInfo:
    return ModelInfo(
        id=_text(item.get("id"), 300),
        owned_by=_text(item.get("owned_by"), 200),
        shutdown_date=_text(item.get("shutdown_date"), 10) or None,
    )


def chat_chunk(payload: Any) -> ChatChunk:
    """Return one piece of an answer. The last one has no choices, only the totals."""
    chunk = _object(payload)
    choice = _object(next(iter(_items(chunk.get("choices"))), None))
    delta, usage = _object(choice.get("delta")), _object(chunk.get("usage"))
    return ChatChunk(
        text=_string(delta.get("content")) or _string(delta.get("refusal")),
        model=_string(chunk.get("model")),
        finish_reason=_string(choice.get("finish_reason")),
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        system_fingerprint=_string(chunk.get("system_fingerprint")),
    )


def told(item: Object, name: str, longest: int) -> str:
    """Return a text of an answer, cut and fit to be stored; "" where there is none."""
    return _text(item.get(name), longest)


def objects(page: Any) -> list[Object]:
    """Return the objects of a list answer; anything else in it is left out."""
    return [item for item in _items(_object(page).get("data")) if isinstance(item, dict)]


def _status(value: Any) -> JobStatus:
    known = {status.value: status for status in JobStatus if status not in OURS} | AMERICAN
    return known.get(value, JobStatus.UNKNOWN) if isinstance(value, str) else JobStatus.UNKNOWN


def _hyperparameters(job: Object) -> Object:
    """Read them where they are filled for every method; the top level is null for some."""
    method = _object(job.get("method"))
    chosen = _object(method.get(str(method.get("type"))))
    return _object(chosen.get("hyperparameters")) or _object(job.get("hyperparameters"))


def _method(job: Object) -> Method | None:
    named = _object(job.get("method")).get("type")
    return Method(named) if named in Method.values else None


def _moment(value: Any) -> datetime | None:
    """Return Unix seconds as a moment; 0 and nonsense are none."""
    if not _is_number(value) or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _content_id(item: Object) -> str:
    canonical = json.dumps(item, sort_keys=True, default=str)
    return "content-" + hashlib.sha256(canonical.encode()).hexdigest()[:40]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: Any) -> int | None:
    return int(value) if _is_number(value) and abs(value) < 2**63 else None


def _count(value: Any) -> int | None:
    number = _whole(value)
    return number if number is not None and number >= 0 else None


def _string(value: Any) -> str:
    return str(storable(value)) if isinstance(value, str) else ""


def _text(value: Any, longest: int) -> str:
    return str(value)[:longest] if isinstance(value, str | int) else ""


def _object(value: Any) -> Object:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()
