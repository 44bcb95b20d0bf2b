"""Writes events: a few in one statement, many by COPY. What is told twice is one row."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from django.db import connection, transaction

from apps.core.storable import storable
from apps.jobs.news import answers
from apps.providers.types import ProviderEvent

MANY = 200  # rows from which COPY into a table of their own is quicker
COLUMNS = "job_id, provider_event_id, created_at, level, type, message, data"
INSERT = f"""
INSERT INTO jobs_jobevent ({COLUMNS})
SELECT job_id, provider_event_id, created_at, level, type, message, data::jsonb
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],
  %s::text[]) AS told({COLUMNS})
ON CONFLICT DO NOTHING
"""  # noqa: S608 - our own names
# One per connection to the database, empty after each transaction.
MAKE_TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS told_events (
  job_id bigint, provider_event_id text, created_at timestamptz, level text, type text,
  message text, data jsonb
) ON COMMIT DELETE ROWS
"""
COPY = f"COPY told_events ({COLUMNS}) FROM STDIN"
TAKE_OVER = f"""
INSERT INTO jobs_jobevent ({COLUMNS}) SELECT {COLUMNS} FROM told_events ON CONFLICT DO NOTHING
"""  # noqa: S608

Row: TypeAlias = tuple[int, str, Any, str, str, str, str]


def insert(events: Iterable[tuple[int, ProviderEvent]]) -> None:
    """Add the events of jobs that are not known yet. Belongs into a transaction."""
    rows = [_row(job_id, event) for job_id, event in events]
    if len(rows) >= MANY:
        _copy(rows)
    elif rows:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [list(column) for column in zip(*rows, strict=True)])


def _copy(rows: Sequence[Row]) -> None:
    with connection.wrap_database_errors, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(MAKE_TABLE)
        with cursor.copy(COPY) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(TAKE_OVER)
        cursor.execute("TRUNCATE told_events")


def _row(job_id: int, event: ProviderEvent) -> Row:
    return (
        job_id,
        event.provider_event_id[:200],
        event.created_at,
        event.level[:20],
        event.type[:50],
        event.message,
        answers.as_json(event.data),
    )


def storable_event(event: ProviderEvent) -> ProviderEvent:
    """Return the event without what PostgreSQL cannot hold."""
    texts = ("provider_event_id", "level", "type", "message", "data")
    return replace(event, **{name: storable(getattr(event, name)) for name in texts})
