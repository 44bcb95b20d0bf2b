"""What an answer changes on the row of its job (pure)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from apps.core.sentences import Sentence
from apps.jobs.curves import metrics
from apps.jobs.models import Job
from apps.jobs.news import answers, schedule
from apps.jobs.news.answers import Answer
from apps.providers.retries import MOST_ATTEMPTS, retry_interval
from apps.providers.types import (
    TERMINAL,
    JobSnapshot,
    JobStatus,
    ProviderEvent,
    ProviderUnavailable,
)

LARGEST_USD = 10**8
LARGEST_COUNT = 2**63 - 1
MISSING_TIMES = 3  # how often in a row a provider must say 404 before we believe it
MISSING = "job_missing"  # error_code of a job that its provider does not know
VISIBLE = (
    "status",
    "provider_status",
    "fine_tuned_model",
    "trained_tokens",
    "estimated_finish_at",
    "usd",
    "error",
    "error_code",
    "raw_digest",
    "step",
    "total_steps",
    "started_at",
    "finished_at",
    "stalled_at",
    "trouble",
)
UNSEEN = ("attempts", "next_poll_at", "last_news_at", "last_polled_at", "updated_at")
# Written only when there is something new: None leaves them as they are.
HEAVY = (
    "raw",
    "resolved_hyperparameters",
    "result_files",
    "sparkline",
    "latest_metrics",
    "results_read_at",
)


def changed_row(answer: Answer, *, at: datetime) -> dict[str, Any]:
    """Return every column that polling owns, as it should be after this answer."""
    job = answer.job
    row = {column: getattr(job, column) for column in (*VISIBLE, *UNSEEN)} | dict.fromkeys(HEAVY)
    row |= _refused(answer, at) if answer.refusal else _told(answer, at)
    row["last_polled_at"] = at
    if answer.has_new_events or any(row[column] != getattr(job, column) for column in VISIBLE):
        row["updated_at"] = at
    return row


def _told(answer: Answer, at: datetime) -> dict[str, Any]:
    job, snapshot = answer.job, answer.snapshot
    assert snapshot is not None  # noqa: S101 - an answer without a refusal has one
    told = _from_snapshot(job, snapshot) | _from_events(answer)
    is_changed = told["status"] != job.status or told["raw_digest"] != job.raw_digest
    is_news = answer.has_new_events or is_changed
    told |= {
        "attempts": 0,
        "trouble": "",
        "error_code": "",
        "last_news_at": at if is_news else job.last_news_at,
        "next_poll_at": at
        + schedule.poll_interval(
            snapshot.status,
            is_watched=answers.is_watched(job, at),
            since_news=None if is_news else answers.since_news(job, at),
        ),
        "started_at": job.started_at or _started_at(job, told, answer.events, at),
        "stalled_at": None if is_news else _stalled_at(job, at),
    }
    return told | (_ended(answer, snapshot, at) if snapshot.status in TERMINAL else {})


def _stalled_at(job: Job, at: datetime) -> datetime | None:
    return job.stalled_at or (at if answers.stands_still(job, at) else None)


def _from_snapshot(job: Job, snapshot: JobSnapshot) -> dict[str, Any]:
    tokens, usd = snapshot.trained_tokens, snapshot.usd
    told = {
        "status": snapshot.status,
        "provider_status": snapshot.provider_status[:50],
        "fine_tuned_model": snapshot.fine_tuned_model[:300] or job.fine_tuned_model,
        "trained_tokens": tokens if tokens is not None and 0 <= tokens <= LARGEST_COUNT else None,
        "estimated_finish_at": snapshot.estimated_finish_at,
        "usd": usd if usd is not None and 0 <= usd < LARGEST_USD else job.usd,
        "raw_digest": answers.digest(snapshot.raw),
    }
    if told["raw_digest"] == job.raw_digest:
        return told
    return told | {
        "raw": snapshot.raw,
        "resolved_hyperparameters": snapshot.hyperparameters,
        "result_files": snapshot.result_files,
    }


def _from_events(answer: Answer) -> dict[str, Any]:
    job, snapshot, points = answer.job, answer.snapshot, answer.points
    beside = (snapshot.step, snapshot.total_steps) if snapshot else (None, None)
    steps = [metrics.last_known(answer.events, "step"), job.step, beside[0]]
    steps += points if answer.has_results else ()
    total = metrics.last_known(answer.events, "total_steps") or beside[1]
    told: dict[str, Any] = {
        "step": max((step for step in steps if step is not None), default=None),
        "total_steps": total or job.total_steps,
    }
    if points:
        told["sparkline"] = metrics.extended_sparkline(answer.known.sparkline, points)
        told["latest_metrics"] = metrics.latest(answer.known.latest, points)
    return told


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
    ended = {"finished_at": snapshot.finished_at or at, "last_news_at": at, "stalled_at": None}
    if answer.has_results:
        ended["results_read_at"] = at
    if snapshot.status != JobStatus.FAILED:
        return ended
    errors = [event.message for event in answer.events if event.level == "error"]
    words = snapshot.error or (errors[-1] if errors else "")
    return ended | {
        "error": words or Sentence(_("The provider gave no reason.")),
        "error_code": snapshot.error_code[:100],
    }


def _refused(answer: Answer, at: datetime) -> dict[str, Any]:
    refusal, job = answer.refusal, answer.job
    code = MISSING if answers.is_missing(refusal) else ""
    attempts = job.attempts + 1 if code == job.error_code else 1  # only 404s in a row confirm
    words = refusal.words if refusal else ""
    if code == MISSING and attempts >= MISSING_TIMES:
        ended = {"status": JobStatus.FAILED, "finished_at": at, "trouble": ""}
        return ended | {"error": words, "error_code": MISSING}
    retry_after = refusal.retry_after if isinstance(refusal, ProviderUnavailable) else None
    return {
        "attempts": min(attempts, MOST_ATTEMPTS),
        "trouble": words,
        "error_code": code,
        "next_poll_at": at + retry_interval(attempts, retry_after=retry_after),
    }
