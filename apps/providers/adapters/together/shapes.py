"""Together's JSON in, our dataclasses out. Everything is optional and nothing is believed (pure).

Read from: the together package 3.1.1 (`types/finetune_response.py`, `types/finetune_event.py`,
`types/fine_tuning_list_checkpoints_response.py`, `types/file_response.py`) and
docs.together.ai/reference/get-fine-tunes-id-metrics.
"""

from collections.abc import Set
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.providers.adapters.fields import (
    Object,
    content_id,
    count,
    iso_moment,
    items,
    number,
    numbers,
    object_in,
    objects,
    text,
    whole,
)
from apps.providers.adapters.suffix_keys import read_suffix
from apps.providers.types import (
    TERMINAL,
    JobSnapshot,
    JobStatus,
    Method,
    ModelInfo,
    ProviderCheckpoint,
    ProviderEvent,
)

STATUSES = {
    "pending": JobStatus.QUEUED,
    "queued": JobStatus.QUEUED,
    "running": JobStatus.RUNNING,
    "compressing": JobStatus.RUNNING,
    "uploading": JobStatus.RUNNING,
    "cancel_requested": JobStatus.CANCELLING,
    "cancelled": JobStatus.CANCELLED,
    "error": JobStatus.FAILED,
    "user_error": JobStatus.FAILED,
    "completed": JobStatus.SUCCEEDED,
}
METHODS = {"sft": Method.SUPERVISED, "dpo": Method.DPO}
NANODOLLARS = 1_000_000_000
LEVELS = {"warning": "warn", "legacy_iwarning": "warn", "error": "error", "legacy_ierror": "error"}
AS_SENT = (
    "n_epochs",
    "batch_size",
    "learning_rate",
    "warmup_ratio",
    "weight_decay",
    "max_grad_norm",
    "n_checkpoints",
    "n_evals",
    "packing",
)
IN_TYPE = ("lora_r", "lora_alpha", "lora_dropout", "lora_trainable_modules")
IN_METHOD = {
    "train_on_inputs": "train_on_inputs",
    "dpo_beta": "beta",
    "rpo_alpha": "rpo_alpha",
    "simpo_gamma": "simpo_gamma",
}
# An evaluation there goes through the whole validation file.
SERIES = {"train": "train_", "eval": "full_valid_"}


def job_snapshot(job: Object) -> JobSnapshot:
    """Return the job as we speak of it; the whole answer stays in `raw`."""
    status = STATUSES.get(text(job.get("status"), 50), JobStatus.UNKNOWN)
    suffix, client_key = read_suffix(text(job.get("suffix"), 100))
    failure = _failure(job) if status == JobStatus.FAILED else {}
    return JobSnapshot(
        provider_job_id=text(job.get("id"), 200),
        status=status,
        provider_status=text(job.get("status"), 50),
        fine_tuned_model=_tuned_model(job) if status == JobStatus.SUCCEEDED else "",
        trained_tokens=count(job.get("token_count")) or None,
        hyperparameters=_hyperparameters(job),
        seed=whole(job.get("random_seed")),
        estimated_finish_at=_estimated_finish(job),
        finished_at=iso_moment(job.get("updated_at")) if status in TERMINAL else None,
        error=text(failure.get("message"), 5000),
        error_code=text(failure.get("type"), 100),
        client_key=client_key,
        raw=job,
        base_model=text(job.get("model") or job.get("from_checkpoint"), 200),
        method=METHODS.get(text(object_in(job.get("training_method")).get("method"), 20)),
        suffix=suffix[:64],
        training_file=text(job.get("training_file"), 200),
        validation_file=text(job.get("validation_file"), 200),
        created_at=iso_moment(job.get("created_at")),
        step=count(job.get("steps_completed")),
        total_steps=count(job.get("total_steps")) or None,
        usd=_usd(job.get("total_price")),
    )


def event(item: Object) -> ProviderEvent:
    """Return one event; without a hash it gets an id made of its content."""
    return ProviderEvent(
        provider_event_id=text(item.get("hash"), 200) or content_id(item),
        created_at=iso_moment(item.get("created_at")) or datetime.now(UTC),
        level=LEVELS.get(text(item.get("level"), 20).lower(), "info"),
        type=text(item.get("type"), 50).lower() or "message",
        message=text(item.get("message"), 5000),
        data={name: each for name, each in item.items() if name in ("step", "total_steps")},
    )


def metrics_events(items_told: Any, known: Set[str]) -> list[ProviderEvent]:
    """Return one event for each point of the curves that is not known yet, the last step first.

    Nobody says when a point was measured, so it has the time of reading.
    """
    now = datetime.now(UTC)
    found = (_metrics_event(item, now) for item in objects(items_told))
    by_id = {each.provider_event_id: each for each in found if each}
    news = [each for name, each in by_id.items() if name not in known]
    return sorted(news, key=lambda event: event.data["step"], reverse=True)


def _metrics_event(item: Object, now: datetime) -> ProviderEvent | None:
    """Return the numbers of one step of one kind: `train/loss` is `train_loss` here."""
    kind = next((name.partition("/")[0] for name in item if name.partition("/")[0] in SERIES), "")
    step = count(item.get(f"{kind}/global_step"))
    if step is None:
        return None
    data = {
        SERIES[kind] + name.removeprefix(f"{kind}/").replace("/", "_"): each
        for name, each in numbers(item).items()
        if name.startswith(f"{kind}/") and name != f"{kind}/global_step"
    }
    return ProviderEvent(
        provider_event_id=metrics_id(kind, step),
        created_at=now,
        level="info",
        type="metrics",
        message=f"Step {step}",
        data={"step": step, **data},
    )


def metrics_id(kind: str, step: int) -> str:
    return f"metrics-{kind}-{step}"


def last_step(known: Set[str]) -> int:
    """Return the last step whose numbers are known, 0 when none is."""
    steps = (name.rpartition("-")[2] for name in known if name.startswith("metrics-"))
    return max((int(step) for step in steps if step.isdecimal()), default=0)


def checkpoint(item: Object, job_id: str) -> ProviderCheckpoint | None:
    """Return a checkpoint under the name by which another job can begin from it."""
    step = count(item.get("step"))
    if step is None:
        return None
    return ProviderCheckpoint(
        provider_checkpoint_id=text(item.get("object_id"), 200) or f"{job_id}:{step}",
        model=f"{job_id}:{step}"[:300],
        step=step,
        created_at=iso_moment(item.get("created_at")) or datetime.now(UTC),
    )


def model_info(item: Object) -> ModelInfo:
    return ModelInfo(id=text(item.get("id"), 300), owned_by=text(item.get("organization"), 200))


def _tuned_model(job: Object) -> str:
    return text(job.get("model_output_name") or job.get("model_object_name"), 300)


def _hyperparameters(job: Object) -> dict[str, Any]:
    """Return the settings by the names under which we keep them."""
    training, method = object_in(job.get("training_type")), object_in(job.get("training_method"))
    told = {name: job.get(name) for name in AS_SENT}
    told["context_length"] = job.get("max_seq_length")
    told["lr_scheduler"] = object_in(job.get("lr_scheduler")).get("lr_scheduler_type")
    told["lora"] = training.get("type") == "Lora" if "type" in training else None
    told |= {name: training.get(name) for name in IN_TYPE}
    told |= {ours: method.get(theirs) for theirs, ours in IN_METHOD.items()}
    return {name: value for name, value in told.items() if isinstance(value, int | float | str)}


def _estimated_finish(job: Object) -> datetime | None:
    progress = object_in(job.get("progress"))
    left = number(progress.get("seconds_remaining"))
    if not progress.get("estimate_available") or left is None or not 0 < left < 10_000_000:
        return None
    return datetime.now(UTC) + timedelta(seconds=left)


def _failure(job: Object) -> Object:
    """Return the event that says why the job failed; it comes with the job itself."""
    told = [item for item in items(job.get("events")) if isinstance(item, dict)]
    bad = (each for each in reversed(told) if event(each).level == "error")
    return next(bad, {})


def _usd(nanodollars: Any) -> Decimal | None:
    price = count(nanodollars)
    return Decimal(price) / NANODOLLARS if price else None
