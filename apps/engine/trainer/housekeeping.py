"""Removes what is left on disk when a job has ended or a process was killed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from apps.engine import storage
from apps.engine.models import TrainingJob

LONGEST_UPLOAD = timedelta(days=1)


def remove_leftovers(now: datetime) -> None:
    """Remove training states of jobs that have ended, and uploads that never did."""
    for path in [*_states_of_ended_jobs(), *_forgotten_uploads(now)]:
        path.unlink(missing_ok=True)


def _states_of_ended_jobs() -> Iterator[Path]:
    needed = set(TrainingJob.objects.unfinished().values_list("public_id", flat=True))
    for path in storage.folder("states").iterdir():
        job_id = path.name.lstrip(".").partition(".")[0]  # a half-written one begins with a dot
        if job_id not in needed:
            yield path


def _forgotten_uploads(now: datetime) -> Iterator[Path]:
    for path in storage.folder("incoming").iterdir():
        if now.timestamp() - path.stat().st_mtime > LONGEST_UPLOAD.total_seconds():
            yield path
