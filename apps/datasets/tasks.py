"""Carries checks forward. The row says what is due; a lost message costs seconds."""

from celery import shared_task
from django.utils import timezone

from apps.datasets import checking, storage
from apps.datasets.models import Dataset

BATCH = 20


@shared_task(name="datasets.check_dataset")
def check_dataset(*, dataset_id: int) -> None:
    """Check one dataset. A second copy of the message finds nothing to claim."""
    if dataset := Dataset.objects.claim(dataset_id, at=timezone.now(), lease=checking.LEASE):
        checking.check(dataset)


@shared_task(name="datasets.check_due_datasets")
def check_due_datasets() -> None:
    """Beat's tick: wake every check that has not begun or whose worker went silent."""
    due = Dataset.objects.due(timezone.now()).order_by("next_check_at", "pk")
    for dataset_id in due.values_list("pk", flat=True)[:BATCH]:
        check_dataset.delay(dataset_id=dataset_id)
    storage.remove_leftovers(older_than=timezone.now() - storage.LEFTOVER_AGE)
