"""What a provider answered about one job, and whether that is news (pure)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from apps.jobs.curves import metrics
from apps.jobs.models import Job
from apps.jobs.news import schedule
from apps.providers.types import (
    TERMINAL,
    JobSnapshot,
    JobStatus,
    ProviderCheckpoint,
    ProviderError,
    ProviderEvent,
    ProviderUnavailable,
)

LAST_FETCH_TIMES = 5  # how often the last events of a finished job are asked for


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of a job before it is asked about: loaded only for those that are."""

    event_ids: frozenset[str] = frozenset()
    sparkline: metrics.Sparkline = field(default_factory=list)
    latest: metrics.Latest = field(default_factory=dict)


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider said about a job this time, or why it said nothing."""

    job: Job
    snapshot: JobSnapshot | None = None
    events: Sequence[ProviderEvent] = ()
    checkpoints: Sequence[ProviderCheckpoint] = ()
    points: Mapping[int, metrics.Point] = field(default_factory=dict)  # the numbers in them
    has_results: bool = False  # numbers of its result file among them
    known: Known = NOTHING_KNOWN
    has_new_events: bool = False
    refusal: ProviderError | ProviderUnavailable | None = None
    postponed_until: datetime | None = None  # it was not its turn


def is_quiet(answer: Answer, *, at: datetime) -> bool:
    """Tell whether this answer changes nothing but the time of the next look."""
    job, snapshot = answer.job, answer.snapshot
    if answer.postponed_until:
        return True
    if snapshot is None or answer.refusal or answer.events or answer.checkpoints:
        return False
    is_same = snapshot.status == job.status and digest(snapshot.raw) == job.raw_digest
    is_well = not job.attempts and not job.trouble and snapshot.status not in TERMINAL
    return is_same and is_well and not (job.stalled_at is None and stands_still(job, at))


def next_look(answer: Answer, *, at: datetime) -> datetime:
    """Return when a job that told nothing new is asked again."""
    job = answer.job
    return answer.postponed_until or at + schedule.poll_interval(
        job.status, is_watched=is_watched(job, at), since_news=since_news(job, at)
    )


def is_watched(job: Job, at: datetime) -> bool:
    """Tell whether someone has this job's page open."""
    return job.watched_until is not None and job.watched_until > at


def since_news(job: Job, at: datetime) -> float | None:
    return (at - job.last_news_at).total_seconds() if job.last_news_at else None


def stands_still(job: Job, at: datetime) -> bool:
    """Tell whether a running job has said nothing for so long that somebody should look at it."""
    since = since_news(job, at)
    limit = schedule.STALLED_AFTER.total_seconds()
    return job.status == JobStatus.RUNNING and since is not None and since > limit


def is_missing(refusal: ProviderError | ProviderUnavailable | None) -> bool:
    """Tell whether the provider says that it does not know the job."""
    return isinstance(refusal, ProviderError) and refusal.status == 404


def digest(raw: Mapping[str, Any]) -> str:
    """Return a short name of an answer: two answers with the same name say the same."""
    return hashlib.blake2b(as_json(raw).encode(errors="replace"), digest_size=16).hexdigest()


def as_json(value: Any) -> str:
    """Return JSON text, quickly for all but numbers beyond 64 bits and half characters."""
    try:
        return orjson.dumps(value, default=str).decode()
    except TypeError:
        return json.dumps(value, default=str)
