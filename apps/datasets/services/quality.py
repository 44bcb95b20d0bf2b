"""What a person can ask of the examination."""

from apps.core import queue
from apps.datasets import tasks
from apps.datasets.lifecycle import examining
from apps.datasets.models import Version


def examine_again(*, version: Version) -> None:
    """Examine a version once more; nothing while it is being checked or examined."""
    if version.is_checked and not version.is_examining:
        examining.begin(version)
        queue.send(tasks.examine_version, version_id=version.pk)
