"""Writing to a version that this worker has claimed, as long as it is still its own."""

from typing import Any

from django.utils import timezone

from apps.core.leases import LeaseLost
from apps.core.storable import storable
from apps.datasets.models import Version, VersionQuerySet


def write(version: Version, **columns: Any) -> None:
    """Save columns of a version claimed for its check; LeaseLost when it is not ours any more."""
    _write(Version.objects.held_by(version), columns)


def write_examined(version: Version, **columns: Any) -> None:
    """Save columns of a version claimed to be examined; LeaseLost when it is not ours any more."""
    _write(Version.objects.examined_by(version), columns)


def _write(held: VersionQuerySet, columns: dict[str, Any]) -> None:
    kept = {name: storable(value) for name, value in columns.items()}  # labels, system prompts
    if not held.update(**kept, updated_at=timezone.now()):
        raise LeaseLost
