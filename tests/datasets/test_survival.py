"""Checks survive killed workers, late workers and lost messages."""

import os
import signal
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.datasets import storage, tasks
from apps.datasets.check import processes
from apps.datasets.check.pieces import Piece
from apps.datasets.lifecycle import checking
from apps.datasets.models import Version
from tests.checkout import processes_with
from tests.engine_server import wait_until
from tests.factories import chat_file, make_version

BAD = chat_file(10) + b"{\n"


@pytest.fixture
def waiting(owner) -> Version:
    """A dataset whose check is due."""
    return make_version(
        workspace=owner.workspace,
        content=BAD,
        status=Version.Status.CHECKING,
        next_check_at=timezone.now(),
        row_count=None,
    )


def claimed(version: Version, *, late_seconds: int = 0) -> Version:
    at = timezone.now() + timedelta(seconds=late_seconds)
    taken = Version.objects.claim(version.pk, at=at, lease=checking.LEASE)
    assert taken
    return taken


def test_a_lost_message_costs_only_until_the_next_tick(waiting):
    tasks.check_due_versions()
    waiting.refresh_from_db()
    assert waiting.status == Version.Status.INVALID


def test_a_check_that_somebody_holds_is_not_started_twice(waiting):
    claimed(waiting)
    assert not Version.objects.claim(waiting.pk, at=timezone.now(), lease=checking.LEASE)


def test_another_worker_takes_over_when_one_goes_silent(waiting):
    claimed(waiting)
    second = claimed(waiting, late_seconds=60)
    checking.check(second)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.check_attempts) == (Version.Status.INVALID, 2)


def test_a_late_worker_changes_nothing_any_more(waiting):
    first = claimed(waiting)
    checking.check(claimed(waiting, late_seconds=60))
    checked_at = Version.objects.get().checked_at
    checking.check(first)
    assert Version.objects.get().checked_at == checked_at
    assert waiting.problems.filter(code="invalid_json").count() == 1


def test_a_second_result_replaces_the_first(waiting):
    checking.check(claimed(waiting))
    Version.objects.update(status=Version.Status.CHECKING, next_check_at=timezone.now())
    checking.check(claimed(waiting))
    assert waiting.problems.filter(code="invalid_json").count() == 1


def test_a_check_that_keeps_dying_ends_in_words(waiting):
    Version.objects.update(check_attempts=checking.MOST_ATTEMPTS)
    checking.check(claimed(waiting))
    waiting.refresh_from_db()
    assert waiting.status == Version.Status.FAILED
    assert "broken off 5 times" in waiting.error


def test_a_file_that_is_gone_ends_in_words(waiting):
    waiting.path.unlink()
    checking.check(claimed(waiting))
    waiting.refresh_from_db()
    assert "no longer on the disk" in waiting.error


def test_a_dataset_deleted_during_its_check_leaves_nothing(waiting):
    taken = claimed(waiting)
    Version.objects.all().delete()
    checking.check(taken)
    assert not Version.objects.exists()
    assert list(storage.folder().iterdir()) == []


def test_a_check_whose_process_was_killed_is_due_again_at_once(waiting, monkeypatch):
    def killed(*_: object, **__: object) -> None:
        raise processes.CheckerDied

    taken = claimed(waiting)
    monkeypatch.setattr(checking, "check_file", killed)
    checking.check(taken)
    assert Version.objects.due(timezone.now()).get() == waiting


def test_progress_is_written_and_the_lease_grows(waiting, monkeypatch):
    monkeypatch.setattr(checking, "PROGRESS_SECONDS", 0)
    taken = claimed(waiting)
    before = Version.objects.get().next_check_at
    reporter = checking._Reporter(taken)
    reporter(checking.Progress(bytes=10, rows=3, error_rows=1, problems=2))
    now = Version.objects.get()
    assert (now.bytes_checked, now.rows_checked, now.problem_count) == (10, 3, 2)
    assert now.next_check_at > before


def test_what_a_killed_upload_left_is_cleared_away_after_a_day(waiting, settings):
    old = storage.folder() / "old.part"
    new = storage.folder() / "new.part"
    for path in (old, new):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    tasks.check_due_versions()
    assert (old.exists(), new.exists()) == (False, True)


def test_a_killed_checking_process_is_noticed(tmp_path, monkeypatch):
    path = tmp_path / "file.jsonl"
    path.write_bytes(chat_file(12))
    piece = Piece(path, 0, path.stat().st_size, ("bytes",))
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            started.append(self)

    monkeypatch.setattr(processes.subprocess, "Popen", Noted)
    results = processes.check_pieces([piece] * 50, encodings=("bytes",), count=2)
    next(results)
    started[0].send_signal(signal.SIGKILL)
    with pytest.raises(processes.CheckerDied):
        list(results)


def test_checking_processes_end_with_the_check(tmp_path, monkeypatch):
    mark = f"CHECKED_BY={tmp_path}"
    monkeypatch.setenv(*mark.split("="))
    path = tmp_path / "file.jsonl"
    path.write_bytes(chat_file(12))
    piece = Piece(path, 0, path.stat().st_size, ("bytes",))
    results = processes.check_pieces([piece] * 50, encodings=("bytes",), count=2)
    next(results)
    assert len(processes_with(mark)) == 2
    results.close()
    wait_until(lambda: not processes_with(mark), "the processes to end")
