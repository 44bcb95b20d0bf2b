"""What a person can do with an upload before it is rows."""

from django.utils import timezone

from apps.core import queue
from apps.datasets import tasks
from apps.datasets.models import Version
from apps.datasets.sources import Mapping


def choose_columns(*, version: Version, mapping: Mapping) -> bool:
    """Say what each column is, and let a worker read the file. False when that was said before."""
    waiting = Version.objects.filter(pk=version.pk, status=Version.Status.MAPPING)
    now = timezone.now()
    chosen = waiting.update(
        mapping=mapping.as_json(),
        status=Version.Status.CHECKING,
        next_check_at=now,
        check_attempts=0,
        check_started_at=None,
        updated_at=now,
    )
    if chosen:
        queue.send(tasks.check_version, version_id=version.pk)
    return bool(chosen)
