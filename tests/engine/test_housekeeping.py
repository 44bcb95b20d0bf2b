"""What is left on disk after the end, and what is not."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from apps.engine import storage
from apps.engine.trainer.housekeeping import LONGEST_UPLOAD, remove_leftovers
from tests.engine.jobs import make_training_job


@pytest.fixture
def data_dir(settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_states_go_when_their_job_has_ended(db, data_dir: Path) -> None:
    running = make_training_job(status="running")
    ended = make_training_job(status="cancelled", finished_at=timezone.now())
    half_written = storage.folder("states") / f".{ended.public_id}.npz.42.partial"
    states = [storage.state_path(job.public_id) for job in (running, ended)]
    for path in (*states, half_written):
        path.touch()
    remove_leftovers(timezone.now())
    assert list(storage.folder("states").iterdir()) == [states[0]]


def test_an_upload_that_never_ended_goes_after_a_day(db, data_dir: Path) -> None:
    now = timezone.now()
    fresh, old = (storage.folder("incoming") / name for name in ("fresh", "old"))
    for path, age in ((fresh, timedelta()), (old, LONGEST_UPLOAD + timedelta(seconds=1))):
        path.touch()
        moment = (now - age).timestamp()
        os.utime(path, (moment, moment))
    remove_leftovers(now)
    assert list(storage.folder("incoming").iterdir()) == [fresh]
