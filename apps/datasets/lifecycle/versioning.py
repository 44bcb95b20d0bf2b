"""Numbers the versions of a dataset. Two makers at once come one after the other.

A number is given once: what a link or a job calls version 3 is never another version later.
"""

from typing import Any

from django.db import transaction

from apps.datasets.models import Dataset, Version


def append(*, dataset: Dataset, **fields: Any) -> Version:
    """Create the next version of a dataset; it is the newest from now on."""
    with transaction.atomic():
        locked = Dataset.objects.select_for_update().get(pk=dataset.pk)
        number = locked.last_number + 1
        Dataset.objects.filter(pk=dataset.pk).update(last_number=number)
        dataset.versions.filter(is_newest=True).update(is_newest=False)
        return Version.objects.create(
            workspace_id=dataset.workspace_id, dataset=dataset, number=number, **fields
        )
