"""Writes what providers said: many jobs in a few statements, each of them safe to repeat."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext_noop as _

from apps.core import sentences
from apps.core.storable import storable
from apps.jobs.curves import points
from apps.jobs.models import Checkpoint, Job
from apps.jobs.news import changes, event_rows
from apps.jobs.news.answers import Answer, as_json, is_quiet, next_look
from apps.providers.types import TERMINAL, ProviderCheckpoint, ProviderUnavailable

logger = logging.getLogger(__name__)
UNREADABLE = _("The provider's answer could not be read.")
CHUNK = 1000
COLUMNS = (*changes.VISIBLE, *changes.UNSEEN)
# Of the database, of a job deleted meanwhile, of a codec, of JSON.
CANNOT_BE_KEPT = (DataError, IntegrityError, ValueError, TypeError)

HOLD = """
SELECT id, poll_lease_until FROM jobs_job
WHERE id = ANY(%s) AND finished_at IS NULL AND poll_lease_until IS NOT NULL
ORDER BY id FOR NO KEY UPDATE
"""
UPDATE_JOBS = """
UPDATE jobs_job SET {assignments}, poll_lease_until = NULL
FROM jsonb_to_recordset(%s::jsonb) AS new(id bigint, lease timestamptz, {types})
WHERE jobs_job.id = new.id AND jobs_job.finished_at IS NULL
  AND jobs_job.poll_lease_until = new.lease
"""
LOOK_LATER = """
UPDATE jobs_job SET poll_lease_until = NULL, next_poll_at = new.at,
  last_polled_at = CASE WHEN new.was_asked THEN %s ELSE last_polled_at END
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::bool[])
  AS new(id, lease, at, was_asked)
WHERE jobs_job.id = new.id AND jobs_job.finished_at IS NULL
  AND jobs_job.poll_lease_until = new.lease
"""


def keep(answers: Sequence[Answer], *, at: datetime) -> None:
    """Write what was told. A job whose answer cannot be kept does not hold up the others."""
    quiet: list[Answer] = []
    told: list[Answer] = []
    for answer in answers:
        (quiet if is_quiet(answer, at=at) else told).append(answer)
    if quiet:
        _look_later(quiet, at)
    for start in range(0, len(told), CHUNK):
        _keep_chunk(told[start : start + CHUNK], at)


def _look_later(answers: Sequence[Answer], at: datetime) -> None:
    """Write only when these jobs are asked again: nothing else about them has changed."""
    leases = [answer.job.poll_lease_until for answer in answers]
    moments = [next_look(answer, at=at) for answer in answers]
    was_asked = [answer.postponed_until is None for answer in answers]
    ids = [answer.job.pk for answer in answers]
    with connection.cursor() as cursor:
        cursor.execute(LOOK_LATER, [at, ids, leases, moments, was_asked])


def _keep_chunk(chunk: Sequence[Answer], at: datetime) -> None:
    try:
        _write(chunk, at)
    except CANNOT_BE_KEPT:
        for answer in chunk:
            _keep_alone(answer, at)


def _keep_alone(answer: Answer, at: datetime) -> None:
    """Keep of this answer what a row can hold; of an answer beyond that, that there was one."""
    try:
        _write([_storable(answer)], at)
    except CANNOT_BE_KEPT:
        logger.exception("keeping what the provider said about job %s", answer.job.public_id)
        refusal = ProviderUnavailable(sentences.Sentence(UNREADABLE))
        _write([Answer(answer.job, refusal=refusal)], at)


def _storable(answer: Answer) -> Answer:
    """Return the answer without what PostgreSQL cannot hold. Adapters promise that; who knows."""
    snapshot = answer.snapshot
    texts = ("provider_status", "fine_tuned_model", "error", "error_code")
    clean = ("raw", "hyperparameters", "result_files", *texts)
    refusal = answer.refusal
    if refusal:
        refusal = ProviderUnavailable(storable(refusal.words))
    return replace(
        answer,
        refusal=refusal,
        snapshot=snapshot
        and replace(snapshot, **{name: storable(getattr(snapshot, name)) for name in clean}),
        events=[event_rows.storable_event(event) for event in answer.events],
    )


def _write(answers: Sequence[Answer], at: datetime) -> None:
    """Events first: whoever sees the job finished sees it whole."""
    with transaction.atomic():
        answers = _held(answers)
        event_rows.insert((answer.job.pk, event) for answer in answers for event in answer.events)
        _keep_points(answers)
        _upsert_checkpoints(answers)
        _update_jobs(answers, at)


def _held(answers: Sequence[Answer]) -> list[Answer]:
    """Return the answers about jobs that are still ours to write, and lock those."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [[answer.job.pk for answer in answers]])
        leases = dict(cursor.fetchall())
    return [each for each in answers if leases.get(each.job.pk) == each.job.poll_lease_until]


def _keep_points(answers: Sequence[Answer]) -> None:
    told = (
        (answer.job.pk, step, point) for answer in answers for step, point in answer.points.items()
    )
    points.keep(told, ended=[answer.job.pk for answer in answers if _has_ended(answer)])


def _has_ended(answer: Answer) -> bool:
    return answer.snapshot is not None and answer.snapshot.status in TERMINAL


def _upsert_checkpoints(answers: Sequence[Answer]) -> None:
    told = {
        (answer.job.pk, checkpoint.provider_checkpoint_id): _checkpoint_row(answer.job, checkpoint)
        for answer in answers
        for checkpoint in answer.checkpoints
    }
    if told:
        Checkpoint.objects.bulk_create(
            told.values(),
            update_conflicts=True,
            unique_fields=["job", "provider_checkpoint_id"],
            update_fields=["model", "step", "created_at", "metrics", "files"],
        )


def _checkpoint_row(job: Job, checkpoint: ProviderCheckpoint) -> Checkpoint:
    return Checkpoint(
        job=job,
        provider_checkpoint_id=storable(checkpoint.provider_checkpoint_id)[:200],
        model=storable(checkpoint.model)[:300],
        step=checkpoint.step,
        created_at=checkpoint.created_at,
        metrics=storable(checkpoint.metrics),
        files=storable(checkpoint.files),
    )


def _update_jobs(answers: Sequence[Answer], at: datetime) -> None:
    """Write all rows in one statement; finished jobs and lost leases are left alone."""
    if not answers:
        return
    rows = as_json([_job_row(answer, at) for answer in answers])
    with connection.cursor() as cursor:
        cursor.execute(_update_statement(), [rows])


def _update_statement() -> str:
    columns = (*COLUMNS, *changes.HEAVY)
    heavy = (f"{name} = COALESCE(new.{name}, jobs_job.{name})" for name in changes.HEAVY)
    return UPDATE_JOBS.format(
        assignments=", ".join((*(f"{name} = new.{name}" for name in COLUMNS), *heavy)),
        types=", ".join(f"{name} {_sql_type(name)}" for name in columns),
    )


def _sql_type(column: str) -> str:
    return str(Job._meta.get_field(column).db_type(connection))


def _job_row(answer: Answer, at: datetime) -> dict[str, Any]:
    job = answer.job
    row = changes.changed_row(answer, at=at)
    told = {name: sentences.kept(row[name]) for name in ("error", "trouble")}  # no field does it
    return row | told | {"id": job.pk, "lease": job.poll_lease_until}
