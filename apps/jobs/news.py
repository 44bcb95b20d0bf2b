"""What a provider answered about one job, and what that changes on our row (pure)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.jobs import metrics, schedule
from apps.jobs.models import Job
from apps.providers.types import (
    TERMINAL,
    JobSnapshot,
    JobStatus,
    ProviderCheckpoint,
    ProviderError,
    ProviderEvent,
    ProviderUnavailable,
)

MISSING = "job_missing"  # error_code of a job that its provider does not know
MISSING_TIMES = 3  # how often in a row a provider must say 404 before we believe it
LAST_FETCH_TIMES = 5  # how often the last events of a finished job are asked for
LARGEST_COUNT = 2**63 - 1
VISIBLE = (
    "status",
    "provider_status",
    "fine_tuned_model",
    "trained_tokens",
    "resolved_hyperparameters",
    "result_files",
    "estimated_finish_at",
    "error",
    "error_code",
    "raw",
    "step",
    "total_steps",
    "sparkline",
    "latest_metrics",
    "started_at",
    "finished_at",
    "trouble",
)
UNSEEN = (
    "attempts",
    "next_poll_at",
    "last_news_at",
    "last_polled_at",
    "updated_at",
    "poll_lease_until",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider said about a job this time, or why it said nothing."""

    job: Job
    snapshot: JobSnapshot | None = None
    events: Sequence[ProviderEvent] = ()
    checkpoints: Sequence[ProviderCheckpoint] = ()
    has_new_events: bool = False
    refusal: ProviderError | ProviderUnavailable | None = None


def changed_row(answer: Answer, *, at: datetime) -> dict[str, Any]:
    """Return every column that polling owns, as it should be after this answer."""
    job = answer.job
    row = {column: getattr(job, column) for column in (*VISIBLE, *UNSEEN)}
    row |= _refused(answer, at) if answer.refusal else _told(answer, at)
    row |= {"last_polled_at": at, "poll_lease_until": None}
    if answer.has_new_events or any(row[column] != getattr(job, column) for column in VISIBLE):
        row["updated_at"] = at
    return row


def _told(answer: Answer, at: datetime) -> dict[str, Any]:
    job, snapshot = answer.job, answer.snapshot
    assert snapshot is not None  # noqa: S101 - an answer without a refusal has one
    told = _from_snapshot(job, snapshot) | _from_events(job, answer.events)
    is_news = answer.has_new_events or any(
        told[column] != getattr(job, column) for column in ("status", "raw")
    )
    told |= {
        "attempts": 0,
        "trouble": "",
        "error_code": "",
        "last_news_at": at if is_news else job.last_news_at,
        "next_poll_at": at
        + schedule.poll_interval(snapshot.status, is_watched=is_watched(job, at)),
        "started_at": job.started_at or _started_at(job, told, answer.events, at),
    }
    return told | (_ended(answer, snapshot, at) if snapshot.status in TERMINAL else {})


def is_watched(job: Job, at: datetime) -> bool:
    """Tell whether someone has this job's page open."""
    return job.watched_until is not None and job.watched_until > at


def _from_snapshot(job: Job, snapshot: JobSnapshot) -> dict[str, Any]:
    tokens = snapshot.trained_tokens
    return {
        "status": snapshot.status,
        "provider_status": snapshot.provider_status[:50],
        "fine_tuned_model": snapshot.fine_tuned_model[:300] or job.fine_tuned_model,
        "trained_tokens": tokens if tokens is not None and 0 <= tokens <= LARGEST_COUNT else None,
        "resolved_hyperparameters": storable(snapshot.hyperparameters),
        "result_files": storable(snapshot.result_files),
        "estimated_finish_at": snapshot.estimated_finish_at,
        "raw": storable(snapshot.raw),
    }


def _from_events(job: Job, events: Sequence[ProviderEvent]) -> dict[str, Any]:
    steps = [metrics.last_known(events, "step"), job.step]
    points = metrics.points_by_step(events)
    return {
        "step": max((step for step in steps if step is not None), default=None),
        "total_steps": metrics.last_known(events, "total_steps") or job.total_steps,
        "sparkline": metrics.extended_sparkline(job.sparkline, points),
        "latest_metrics": metrics.latest(job.latest_metrics, points),
    }


def _started_at(
    job: Job, told: Mapping[str, Any], events: Sequence[ProviderEvent], at: datetime
) -> datetime | None:
    """Training began with the first numbers, or when we first saw it running.

    A provider's clock may be wrong: the job did not begin before it was made here.
    """
    first_numbers = (event.created_at for event in events if "step" in event.data)
    began_at = min(first_numbers, default=at if told["status"] == JobStatus.RUNNING else None)
    return began_at and min(max(began_at, job.created_at), at)


def _ended(answer: Answer, snapshot: JobSnapshot, at: datetime) -> dict[str, Any]:
    ended = {"finished_at": snapshot.finished_at or at, "last_news_at": at}
    if snapshot.status != JobStatus.FAILED:
        return ended
    errors = [event.message for event in answer.events if event.level == "error"]
    words = snapshot.error or (errors[-1] if errors else "")
    return ended | {
        "error": storable(words) or Sentence(_("The provider gave no reason.")),
        "error_code": storable(snapshot.error_code)[:100],
    }


def _refused(answer: Answer, at: datetime) -> dict[str, Any]:
    refusal, job = answer.refusal, answer.job
    code = MISSING if is_missing(refusal) else ""
    attempts = job.attempts + 1 if code == job.error_code else 1  # only 404s in a row confirm
    words = storable(refusal.words if refusal else "")
    if code == MISSING and attempts >= MISSING_TIMES:
        ended = {"status": JobStatus.FAILED, "finished_at": at, "trouble": ""}
        return ended | {"error": words, "error_code": MISSING}
    retry_after = refusal.retry_after if isinstance(refusal, ProviderUnavailable) else None
    return {
        "attempts": attempts,
        "trouble": words,
        "error_code": code,
        "next_poll_at": at + schedule.retry_interval(attempts, retry_after=retry_after),
    }


def is_missing(refusal: ProviderError | ProviderUnavailable | None) -> bool:
    """Tell whether the provider says that it does not know the job."""
    return isinstance(refusal, ProviderError) and refusal.status == 404


def storable(value: Any) -> Any:
    """Return the value as PostgreSQL can keep it: no NUL, no lone surrogate, no NaN."""
    if isinstance(value, Sentence):
        return value
    if isinstance(value, str):
        return value.replace("\x00", "").encode(errors="replace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [storable(item) for item in value]
    return value
