"""A check is watched, cancelled, begun anew, and killed in the middle."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership
from apps.datasets import tasks
from apps.datasets.check import crew, processes
from apps.datasets.check.file import Report
from apps.datasets.check.pieces import Piece
from apps.datasets.lifecycle import building, checking
from apps.datasets.lifecycle.making import OnProgress
from apps.datasets.models import Version
from apps.datasets.services.datasets import cancel_check
from tests.checkout import ROOT, processes_with
from tests.engine_server import database_url, wait_until
from tests.factories import chat_file, make_version

BAD = chat_file(10) + b"{\n"
ROWS = 600


@pytest.fixture
def waiting(owner: Membership) -> Version:
    return make_waiting(owner, BAD)


def make_waiting(owner: Membership, content: bytes) -> Version:
    """A version whose check is due."""
    return make_version(
        workspace=owner.workspace,
        content=content,
        status=Version.Status.CHECKING,
        next_check_at=timezone.now(),
        row_count=None,
        rows_checked=0,
        bytes_checked=0,
    )


def press(client: Client, button: str, version: Version, **data: str) -> str:
    """Press a button of the page; return the page that follows."""
    url = reverse(f"datasets:{button}", args=version.address)
    return client.post(url, data, follow=True).content.decode()


def page(client: Client, version: Version) -> str:
    return client.get(version.get_absolute_url()).content.decode()


def files_beside(version: Version) -> set[str]:
    return {path.suffix for path in version.path.parent.iterdir()}


def under_way(version: Version, seconds: float, **columns: Any) -> None:
    """Let the check have begun so long ago."""
    now = timezone.now()
    began = {"check_started_at": now - timedelta(seconds=seconds), "updated_at": now}
    Version.objects.filter(pk=version.pk).update(**began, **columns)


def test_the_page_tells_the_pace_and_the_time_left(client, waiting):
    columns = {"size_bytes": 4_000_000, "bytes_checked": 1_000_000, "rows_checked": 5_000}
    under_way(waiting, 20, **columns)
    html = page(client, waiting)
    assert "250 rows per second" in html
    assert "about 1 min" in html


def test_the_time_left_is_not_guessed_from_the_first_moments(client, waiting):
    under_way(waiting, 1, bytes_checked=10, rows_checked=1)
    assert "left" not in page(client, waiting).partition("rows checked")[2].partition("</p>")[0]


def test_a_cancelled_check_ends_and_its_file_is_kept(client, waiting):
    html = press(client, "cancel", waiting)
    assert "The check was cancelled" in html
    tasks.check_due_versions()
    waiting.refresh_from_db()
    assert waiting.status == Version.Status.CANCELLED
    assert waiting.path.read_bytes() == BAD


def test_a_cancelled_check_is_begun_anew(client, waiting, django_capture_on_commit_callbacks):
    under_way(waiting, 5, rows_checked=7, check_attempts=4)
    press(client, "cancel", waiting)
    with django_capture_on_commit_callbacks(execute=True):
        press(client, "check_again", waiting)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.check_attempts) == (Version.Status.INVALID, 1)


def test_a_check_that_was_given_up_is_begun_anew(
    client, waiting, django_capture_on_commit_callbacks
):
    given_up = {"status": Version.Status.FAILED, "failure": "gave_up"}
    Version.objects.update(**given_up, failure_params={"count": 5}, check_attempts=6)
    assert "Check again" in page(client, waiting)
    with django_capture_on_commit_callbacks(execute=True):
        press(client, "check_again", waiting)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.failure) == (Version.Status.INVALID, "")


def test_what_was_checked_to_its_end_is_not_checked_again(client, owner):
    version = make_version(workspace=owner.workspace)
    assert "Check again" not in page(client, version)
    press(client, "check_again", version)
    version.refresh_from_db()
    assert version.status == Version.Status.READY


def test_a_check_that_has_ended_cannot_be_cancelled(client, owner):
    version = make_version(workspace=owner.workspace)
    assert "the check had just ended" in press(client, "cancel", version)
    version.refresh_from_db()
    assert version.status == Version.Status.READY


@pytest.mark.parametrize("content", [chat_file(10), BAD], ids=["ready", "invalid"])
def test_a_count_that_is_cancelled_leaves_the_version_as_it_was(client, upload, content, request):
    version = upload(content)
    before = Version.objects.values().get()
    press(client, "count_tokens", version, model="gpt-3.5-turbo")
    assert Version.objects.get().encodings == [*before["encodings"], "cl100k_base"]
    request.getfixturevalue("cancelled_meanwhile")
    tasks.check_version(version_id=version.pk)
    after = Version.objects.values().get()
    passing = {"updated_at", "next_check_at", "check_attempts", "check_started_at"}
    assert {k: v for k, v in after.items() if k not in passing} == {
        k: v for k, v in before.items() if k not in passing
    }
    assert "Check again" not in page(client, version)


def test_viewers_see_no_buttons(client_of, viewer, waiting):
    assert "Cancel the check" not in page(client_of(viewer), waiting)


@pytest.fixture
def cancelled_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody cancels as soon as the worker tells how far it is."""
    write = checking.write
    monkeypatch.setattr(checking, "PROGRESS_SECONDS", 0)

    def cancel_first(version: Version, **columns: Any) -> None:
        cancel_check(version=version)
        write(version, **columns)

    monkeypatch.setattr(checking, "write", cancel_first)


def test_a_worker_stops_when_it_hears_of_the_cancelling(owner, tmp_path, monkeypatch, request):
    mark = f"CHECKED_BY={tmp_path}"
    monkeypatch.setenv(*mark.split("="))
    monkeypatch.setattr(processes, "process_count_for", lambda _: 2)
    version = make_waiting(owner, chat_file(3_000))
    before = files_beside(version)
    request.getfixturevalue("cancelled_meanwhile")
    tasks.check_version(version_id=version.pk)
    version.refresh_from_db()
    assert (version.status, version.problems.count()) == (Version.Status.CANCELLED, 0)
    assert files_beside(version) == before
    wait_until(lambda: not processes_with(mark), "the processes to end")


@pytest.mark.usefixtures("cancelled_meanwhile")
def test_the_writing_of_rows_is_cancelled_too(waiting, monkeypatch):
    def build(version: Version, *, on_progress: OnProgress) -> None:
        on_progress(1, 2, 3)
        pytest.fail("went on")

    monkeypatch.setattr(building, "build", build)
    waiting.path.unlink()
    tasks.check_version(version_id=waiting.pk)
    waiting.refresh_from_db()
    assert waiting.status == Version.Status.CANCELLED


def test_the_writing_of_rows_is_told_and_the_check_has_a_clock_of_its_own(
    client, waiting, monkeypatch
):
    monkeypatch.setattr(checking, "PROGRESS_SECONDS", 0)
    waiting.path.unlink()
    seen: list[str] = []

    def build(version: Version, *, on_progress: OnProgress) -> None:
        under_way_since = version.check_started_at - timedelta(hours=1)
        Version.objects.update(check_started_at=under_way_since)
        version.check_started_at = under_way_since
        on_progress(500, 1_000, 7)
        seen.append(page(client, version))
        version.path.write_bytes(BAD)

    monkeypatch.setattr(building, "build", build)
    tasks.check_version(version_id=waiting.pk)
    assert "7 rows written" in seen[0]
    assert "about 1 h" in seen[0]
    waiting.refresh_from_db()
    assert timezone.now() - waiting.check_started_at < timedelta(minutes=30)
    assert waiting.status == Version.Status.INVALID


def test_the_time_that_loading_takes_is_not_in_the_pace(waiting, monkeypatch):
    monkeypatch.setattr(checking, "PROGRESS_SECONDS", 0)
    paces: list[float] = []

    def slow_to_load(*_: object, on_progress: Any, **__: object) -> Report:
        version = Version.objects.get()
        under_way(version, 3600)
        on_progress._version.check_started_at = Version.objects.get().check_started_at
        on_progress(checking.Progress(bytes=10, rows=1))
        paces.append(Version.objects.get()._seconds_so_far)
        return Report(failure="empty")

    monkeypatch.setattr(checking, "check_file", slow_to_load)
    tasks.check_version(version_id=waiting.pk)
    assert paces[0] < 1800


def test_processes_that_hang_are_ended_when_nobody_waits_any_more(tmp_path, monkeypatch):
    mark = f"CHECKED_BY={tmp_path}"
    monkeypatch.setenv(*mark.split("="))
    path = tmp_path / "file.jsonl"
    path.write_bytes(chat_file(12))
    pieces = [Piece(path, 0, path.stat().st_size, ("bytes",))] * 100
    monkeypatch.setattr(crew, "WAIT_SECONDS", 0.01)

    frozen: list[int] = []

    def give_up() -> None:
        if frozen:
            raise checking.LeaseLost

    results = processes.check_pieces(pieces, encodings=("bytes",), count=2, on_wait=give_up)
    next(results)
    frozen += processes_with(mark)
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    with pytest.raises(checking.LeaseLost):
        list(results)
    wait_until(lambda: not processes_with(mark), "the processes to end")


@pytest.mark.django_db(transaction=True)
def test_a_result_that_is_being_written_is_not_waited_for(waiting, monkeypatch):
    monkeypatch.setattr("apps.datasets.services.datasets.LOCK_MILLISECONDS", 50)
    both = Barrier(2, timeout=60)

    def write_slowly() -> None:
        with transaction.atomic():
            Version.objects.filter(pk=waiting.pk).update(status=Version.Status.FAILED)
            both.wait()  # it is being written …
            both.wait()  # … until somebody has tried to cancel
        connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        work = thread.submit(write_slowly)
        both.wait()
        assert not cancel_check(version=waiting)
        both.wait()
        work.result()
    waiting.refresh_from_db()
    assert waiting.status == Version.Status.FAILED


CHECK = """
import sys, time, datetime, django
django.setup()
from apps.datasets import tasks
from apps.datasets.check import pieces, processes
from apps.datasets.lifecycle import checking
pieces.PIECE_BYTES = 10_000
processes.SMALL_BYTES = 0  # even this file is worth processes
write = checking.write
def write_and_stand_still(version, **columns):
    write(version, **columns)
    if columns.get("rows_checked"):
        time.sleep(3600)  # it is killed here, however fast or slow the machine is
checking.write = write_and_stand_still
checking.PROGRESS_SECONDS = 0
checking.LEASE = datetime.timedelta(hours=1)
tasks.check_version(version_id=int(sys.argv[1]))
"""


@pytest.fixture
def start_worker(tmp_path: Path, settings: Any) -> Callable[[Version], "subprocess.Popen[bytes]"]:
    """Return what starts a process that checks one version, to its middle."""

    def start(version: Version) -> "subprocess.Popen[bytes]":
        facts = {"DATABASE_URL": database_url(), "DATA_DIR": str(settings.DATA_DIR)}
        return subprocess.Popen(
            [sys.executable, "-c", CHECK, str(version.pk)],
            cwd=ROOT,
            env={**os.environ, **facts, "CHECKED_BY": str(tmp_path)},
        )

    return start


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_its_check_to_the_next(owner, start_worker, tmp_path):
    version = make_waiting(owner, chat_file(ROWS))
    worker = start_worker(version)
    wait_until(lambda: half_done(version), "a check in the middle")
    assert len(processes_with(f"CHECKED_BY={tmp_path}")) > 1
    worker.kill()
    worker.wait()
    wait_until(lambda: not processes_with(f"CHECKED_BY={tmp_path}"), "its processes to end")
    tasks.check_due_versions()
    assert Version.objects.get().is_checking  # its lease has not run out
    Version.objects.update(next_check_at=timezone.now())
    tasks.check_due_versions()
    version.refresh_from_db()
    assert (version.status, version.row_count) == (Version.Status.READY, ROWS)
    assert version.check_attempts == 2


def half_done(version: Version) -> bool:
    return Version.objects.filter(pk=version.pk, rows_checked__gt=0).exists()
