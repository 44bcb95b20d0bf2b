"""Numbers the versions of a dataset. Two makers at once come one after the other."""

from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.datasets.models import Dataset, Version


def append(*, dataset: Dataset, **fields: Any) -> Version:
    """Create the next version of a dataset; it is the newest from now on."""
    with transaction.atomic():
        Dataset.objects.select_for_update().get(pk=dataset.pk)
        last = dataset.versions.aggregate(last=Max("number"))["last"] or 0
        dataset.versions.filter(is_newest=True).update(is_newest=False)
        return Version.objects.create(
            workspace_id=dataset.workspace_id, dataset=dataset, number=last + 1, **fields
        )
