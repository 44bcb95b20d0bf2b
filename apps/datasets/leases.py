"""Writing to a version that this worker has claimed, as long as it is still its own."""

from typing import Any

from django.utils import timezone

from apps.datasets.models import Version


class LeaseLost(Exception):
    """The check was cancelled, its version deleted, or another worker has taken it over."""


def write(version: Version, **columns: Any) -> None:
    """Save columns of a claimed version; LeaseLost when it is not ours any more."""
    held = Version.objects.held_by(version)
    if not held.update(**columns, updated_at=timezone.now()):
        raise LeaseLost
