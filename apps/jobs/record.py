"""Writes what providers said: many jobs in a few statements, each of them safe to repeat."""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import DataError, connection, transaction
from django.utils.translation import gettext_noop as _

from apps.core import sentences
from apps.jobs import metrics, news, points
from apps.jobs.models import Checkpoint, Job, JobEvent
from apps.jobs.news import Answer
from apps.providers.types import TERMINAL, ProviderCheckpoint, ProviderEvent, ProviderUnavailable

logger = logging.getLogger(__name__)
UNREADABLE = _("The provider's answer could not be read.")
CHUNK = 500
COLUMNS = (*news.VISIBLE, *news.UNSEEN)

UPDATE_JOBS = """
UPDATE jobs_job SET {assignments}
FROM jsonb_to_recordset(%s::jsonb) AS new(id bigint, lease timestamptz, {types})
WHERE jobs_job.id = new.id AND jobs_job.finished_at IS NULL
  AND jobs_job.poll_lease_until = new.lease
"""


def keep(answers: Sequence[Answer], *, at: datetime) -> None:
    """Write what was told. A job whose answer cannot be kept does not hold up the others."""
    for start in range(0, len(answers), CHUNK):
        _keep_chunk(answers[start : start + CHUNK], at)


def _keep_chunk(chunk: Sequence[Answer], at: datetime) -> None:
    try:
        _write(chunk, at)
    except DataError:
        for answer in chunk:
            _keep_alone(answer, at)


def _keep_alone(answer: Answer, at: datetime) -> None:
    try:
        _write([answer], at)
    except DataError:
        logger.exception("keeping what the provider said about job %s", answer.job.public_id)
        refusal = ProviderUnavailable(sentences.Sentence(UNREADABLE))
        _write([Answer(answer.job, refusal=refusal)], at)


def _write(answers: Sequence[Answer], at: datetime) -> None:
    """Events first: whoever sees the job finished sees it whole."""
    with transaction.atomic():
        _insert_events(answers)
        _keep_points(answers)
        _upsert_checkpoints(answers)
        _update_jobs(answers, at)


def _insert_events(answers: Sequence[Answer]) -> None:
    rows = [_event_row(answer.job, event) for answer in answers for event in answer.events]
    JobEvent.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def _event_row(job: Job, event: ProviderEvent) -> JobEvent:
    return JobEvent(
        job=job,
        provider_event_id=news.storable(event.provider_event_id)[:200],
        created_at=event.created_at,
        level=news.storable(event.level)[:20],
        type=news.storable(event.type)[:50],
        message=news.storable(event.message),
        data=news.storable(event.data),
    )


def _keep_points(answers: Sequence[Answer]) -> None:
    told = (
        (answer.job.pk, step, point)
        for answer in answers
        for step, point in metrics.points_by_step(answer.events).items()
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
    Checkpoint.objects.bulk_create(
        told.values(),
        update_conflicts=True,
        unique_fields=["job", "provider_checkpoint_id"],
        update_fields=["model", "step", "created_at", "metrics"],
    )


def _checkpoint_row(job: Job, checkpoint: ProviderCheckpoint) -> Checkpoint:
    return Checkpoint(
        job=job,
        provider_checkpoint_id=news.storable(checkpoint.provider_checkpoint_id)[:200],
        model=news.storable(checkpoint.model)[:300],
        step=checkpoint.step,
        created_at=checkpoint.created_at,
        metrics=news.storable(checkpoint.metrics),
    )


def _update_jobs(answers: Sequence[Answer], at: datetime) -> None:
    """Write all rows in one statement; finished jobs and lost leases are left alone."""
    rows = [_job_row(answer, at) for answer in answers]
    types = ", ".join(f"{column} {_sql_type(column)}" for column in COLUMNS)
    assignments = ", ".join(f"{column} = new.{column}" for column in COLUMNS)
    with connection.cursor() as cursor:
        statement = UPDATE_JOBS.format(assignments=assignments, types=types)
        cursor.execute(statement, [json.dumps(rows, default=datetime.isoformat)])


def _job_row(answer: Answer, at: datetime) -> dict[str, Any]:
    job = answer.job
    row = news.changed_row(answer, at=at)
    told = {name: sentences.kept(row[name]) for name in ("error", "trouble")}  # no field does it
    return row | told | {"id": job.pk, "lease": job.poll_lease_until}


def _sql_type(column: str) -> str:
    return str(Job._meta.get_field(column).db_type(connection))
