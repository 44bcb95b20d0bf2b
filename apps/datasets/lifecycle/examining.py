"""Carries one claimed examination: what the rules allow and a model should not learn.

It begins when the check has ended and holds nobody up: a version can be used meanwhile. Done twice,
the second result replaces the first.
"""

import logging
import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.core.leases import LeaseLost
from apps.datasets import storage
from apps.datasets.check.processes import CheckerDied
from apps.datasets.check.tokens import DEFAULT_ENCODING
from apps.datasets.lifecycle import problems
from apps.datasets.lifecycle.leases import write_examined
from apps.datasets.models import Version
from apps.datasets.quality.examine import Examination, Progress, examine
from apps.datasets.quality.look import Place
from apps.datasets.rulebook import RULES, quality

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
PROGRESS_SECONDS = 0.5
MOST_ATTEMPTS = 3


def begin(version: Version) -> None:
    """Note that a version, just checked, is due to be examined."""
    Version.objects.checked_as(version).update(
        next_examine_at=timezone.now(), examine_attempts=0, examination={}, examined_at=None
    )


def examine_claimed(version: Version) -> None:
    """Examine a claimed version and keep what was found."""
    try:
        _finish(version, _examined(version))
    except CheckerDied:
        logger.warning("a process that examined version %s was killed: again", version.pk)
        Version.objects.examined_by(version).update(next_examine_at=timezone.now())
    except LeaseLost:
        logger.info("left the examination of version %s: it is not ours any more", version.pk)
        if not Version.objects.filter(pk=version.pk).exists():
            storage.remove(version.path)  # also the signatures that were just put beside it


def _examined(version: Version) -> Examination:
    if version.examine_attempts > MOST_ATTEMPTS:
        return Examination(results={"failure": "gave_up"})
    if not version.path.is_file():
        return Examination(results={"failure": "gone"})
    tokens = version.statistics.get("tokens", {}).get(DEFAULT_ENCODING, {})
    return examine(
        version.path,
        row_count=version.row_count or 0,
        over_limit=tokens.get("over_limit") or 0,
        limit=tokens.get("limit") or 0,
        on_progress=_Reporter(version),
    )


class _Reporter:
    """Writes progress twice a second; each time the lease grows by its length."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._written_at = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._written_at < PROGRESS_SECONDS:
            return
        self._written_at = now
        so_far = {"so_far": {"bytes": progress.bytes, "rows": progress.rows}}
        write_examined(self._version, next_examine_at=timezone.now() + LEASE, examination=so_far)


def _finish(version: Version, examination: Examination) -> None:
    """Replace the problems of the examination, and only those, in one transaction."""
    with transaction.atomic():
        write_examined(
            version,
            examination=examination.results,
            next_examine_at=None,
            examined_at=timezone.now(),
        )
        version.problems.filter(code__in=quality.RULES).delete()
        problems.copy_in(version, map(_record, examination.places))


def _record(place: Place) -> problems.Record:
    severity = str(RULES[place.code].severity)
    return (place.row + 1, place.path, place.code, severity, place.params)
