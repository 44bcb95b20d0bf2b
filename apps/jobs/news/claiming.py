"""Takes the jobs whose news are due: one statement, and no more columns than polling needs."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from apps.jobs.models import Job
from apps.jobs.news import changes
from apps.providers.models import Connection

# Not the provider's own answer nor the series: a sweep over ten thousand jobs would parse them all.
COLUMNS = (
    "id",
    "public_id",
    "connection_id",
    "provider_job_id",
    *changes.VISIBLE,
    *changes.UNSEEN,
    "created_at",
    "watched_until",
    "poll_lease_until",
)
# Watched jobs first. A connection that asked for silence is left alone until its time has come.
CLAIM = f"""
UPDATE jobs_job SET poll_lease_until = %(lease)s
WHERE id = ANY(ARRAY(
  SELECT id FROM jobs_job
  WHERE finished_at IS NULL AND provider_job_id <> '' AND next_poll_at <= %(at)s
    AND (poll_lease_until IS NULL OR poll_lease_until <= %(at)s)
    AND connection_id <> ALL(%(busy)s)
    AND connection_id NOT IN (SELECT id FROM providers_connection WHERE quiet_until > %(at)s)
  ORDER BY watched_until > %(at)s DESC NULLS LAST, next_poll_at, id
  LIMIT %(limit)s FOR UPDATE SKIP LOCKED
))
RETURNING {", ".join(COLUMNS)}
"""  # noqa: S608 - our own names


def claim_polls(
    *, at: datetime, lease: timedelta, limit: int, busy: Collection[int] = ()
) -> list[Job]:
    """Take due jobs, watched ones first; rivals get the others. `busy` connections are left out."""
    asked = {"at": at, "lease": at + lease, "limit": limit, "busy": list(busy)}
    jobs = list(Job.objects.raw(CLAIM, asked))
    _with_connections(jobs)
    return jobs


def _with_connections(jobs: Iterable[Job]) -> None:
    found = Connection.objects.in_bulk({job.connection_id for job in jobs})
    for job in jobs:
        job.connection = found[job.connection_id]
