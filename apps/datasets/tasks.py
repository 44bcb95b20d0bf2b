"""Carries checks forward. The row says what is due; a lost message costs seconds."""

from celery import shared_task
from django.utils import timezone

from apps.core import queue
from apps.datasets import storage
from apps.datasets.lifecycle import checking, examining
from apps.datasets.models import Version

BATCH = 20


@shared_task(name="datasets.check_version")
def check_version(*, version_id: int) -> None:
    """Check one dataset. A second copy of the message finds nothing to claim."""
    if version := Version.objects.claim(version_id, at=timezone.now(), lease=checking.LEASE):
        checking.check(version)
        queue.send(examine_version, version_id=version_id)


@shared_task(name="datasets.examine_version")
def examine_version(*, version_id: int) -> None:
    """Look at the quality of one checked version. A second copy finds nothing to claim."""
    at = timezone.now()
    if version := Version.objects.claim_examination(version_id, at=at, lease=examining.LEASE):
        examining.examine_claimed(version)


@shared_task(name="datasets.check_due_versions")
def check_due_versions() -> None:
    """Beat's tick: wake every check that has not begun or whose worker went silent."""
    due = Version.objects.due(timezone.now()).order_by("next_check_at", "pk")
    for version_id in due.values_list("pk", flat=True)[:BATCH]:
        check_version.delay(version_id=version_id)
    to_examine = Version.objects.to_examine(timezone.now()).order_by("next_examine_at", "pk")
    for version_id in to_examine.values_list("pk", flat=True)[:BATCH]:
        examine_version.delay(version_id=version_id)
    storage.remove_leftovers(older_than=timezone.now() - storage.LEFTOVER_AGE)
