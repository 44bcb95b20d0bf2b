"""Carries one claimed dataset through its check: progress, lease, and one atomic end."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.utils import timezone

from apps.core.leases import LeaseLost
from apps.datasets import columns, storage
from apps.datasets.check.file import Progress, Report, check_file
from apps.datasets.check.processes import CheckerDied
from apps.datasets.check.spool import Spool
from apps.datasets.estimates import token_limits
from apps.datasets.lifecycle import building, problems, repeating
from apps.datasets.lifecycle.leases import write
from apps.datasets.lifecycle.making import CannotBuild, ColumnsToChoose, MustWait
from apps.datasets.models import Version
from apps.providers.profiles.dataset_rules import row_limits

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
WAIT = timedelta(seconds=2)
PROGRESS_SECONDS = 0.5
MOST_ATTEMPTS = 5
MANY_PROBLEMS = 10_000


def check(version: Version) -> None:
    """Check a claimed dataset. Done twice, the second result replaces the first."""
    try:
        _check(version)
    except CheckerDied:
        logger.warning("a process that checked dataset %s was killed: again", version.pk)
        Version.objects.held_by(version).update(next_check_at=timezone.now())
    except LeaseLost:
        logger.info("left the check of dataset %s: it is not ours any more", version.pk)
        if not Version.objects.filter(pk=version.pk).exists():
            storage.remove(version.path)  # also the index that was just put beside it


def _check(version: Version) -> None:
    if version.check_attempts > MOST_ATTEMPTS:
        _finish(version, Report(failure="gave_up", failure_params={"count": MOST_ATTEMPTS}), None)
        return
    reporter = _Reporter(version)
    try:
        _build(version, reporter)
    except ColumnsToChoose:
        return
    except MustWait:
        _wait(version)
        return
    except CannotBuild as exc:
        _finish(version, Report(failure=exc.failure, failure_params=exc.params), None)
        return
    with Spool(version.path.parent) as spool:
        with (
            _new_index(version) as index,
            columns.writing(version.path, attempt=version.check_attempts) as files,
        ):
            report = check_file(
                version.path,
                encodings=tuple(version.encodings),
                limits=token_limits(),
                row_limits=row_limits(),
                spool=spool,
                index=index,
                columns=files,
                on_progress=reporter,
            )
        _finish(version, report, spool)


def _build(version: Version, reporter: "_Reporter") -> None:
    """Make the rows if there are none yet; the clock of the check itself begins afterwards."""
    if version.is_built:
        return
    building.build(version, on_progress=reporter.built)
    _start_clock(version)


def _start_clock(version: Version) -> None:
    """Count the time from now on: the pace, and the time left, are of this part of the work."""
    now = timezone.now()
    start = {"check_started_at": now, "bytes_checked": 0, "rows_checked": 0}
    write(version, next_check_at=now + LEASE, **start)
    version.check_started_at = now


def _wait(version: Version) -> None:
    """Let go until the version that this one is made from has rows; waiting is no attempt."""
    soon = timezone.now() + WAIT
    attempts = version.check_attempts - 1
    Version.objects.held_by(version).update(next_check_at=soon, check_attempts=attempts)


@contextmanager
def _new_index(version: Version) -> Iterator[BinaryIO]:
    """Write the index under a name that only this attempt has, then put it in place."""
    partial = version.index_path.with_suffix(f".{version.check_attempts}.part")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(version.index_path)
    finally:
        partial.unlink(missing_ok=True)


class _Reporter:
    """Writes progress twice a second; each time the lease grows by its length.

    LeaseLost when somebody has cancelled or deleted the version, or has taken it over.
    """

    def __init__(self, version: Version) -> None:
        self._version = version
        self._written_at = time.monotonic()
        self._has_begun = False

    def __call__(self, progress: Progress) -> None:
        """Tell how far the check is. Until the first rows, its processes were only loading."""
        if progress.rows and not self._has_begun:
            self._has_begun = True
            _start_clock(self._version)
        columns = {"bytes_checked": progress.bytes, "rows_checked": progress.rows}
        if (
            not self._version.was_checked
        ):  # else all problems are known, and stay if it is cancelled
            columns["problem_row_count"] = progress.error_rows
            columns["problem_count"] = progress.problems
        self._tell(**columns)

    def built(self, read_bytes: int, all_bytes: int, rows: int) -> None:
        """Tell how far the writing of the rows is; their own size is not known before its end."""
        self._tell(bytes_checked=read_bytes, size_bytes=all_bytes, rows_checked=rows)

    def _tell(self, **columns: Any) -> None:
        now = time.monotonic()
        if now - self._written_at >= PROGRESS_SECONDS:
            self._written_at = now
            write(self._version, next_check_at=timezone.now() + LEASE, **columns)


def _finish(version: Version, report: Report, spool: Spool | None) -> None:
    """Replace the problems and settle the status in one transaction."""
    progress = report.progress
    with transaction.atomic():
        write(
            version,
            status=_status(report),
            failure=report.failure,
            failure_params=report.failure_params,
            format=report.format,
            bytes_checked=version.size_bytes,
            rows_checked=progress.rows,
            row_count=None if report.failure else progress.rows,
            problem_row_count=progress.error_rows,
            problem_count=progress.problems,
            problem_groups=report.groups,
            statistics=report.statistics,
            system_prompt=report.system_prompt,
            checked_at=timezone.now(),
            next_examine_at=None if report.failure else timezone.now(),
            examine_attempts=0,
            examination={},
            examined_at=None,
            next_recipe=[],
        )
        version.problems.all().delete()
        if spool is not None and not report.failure:
            problems.copy_in(version, spool.records())
        if not report.failure:
            repeating.begin(version)
    if progress.problems > MANY_PROBLEMS:
        _renew_statistics()


def _status(report: Report) -> Version.Status:
    if report.failure:
        return Version.Status.FAILED
    return Version.Status.INVALID if report.has_errors else Version.Status.READY


def _renew_statistics() -> None:
    """Tell PostgreSQL of the many new rows; the first page took a second until it noticed."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE datasets_problem")
