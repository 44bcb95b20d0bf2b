"""What a person can do with datasets."""

from functools import partial
from pathlib import Path, PurePath

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.core import queue
from apps.datasets import storage, tasks
from apps.datasets.check.tokens import KNOWN_ENCODINGS
from apps.datasets.models import Dataset
from apps.datasets.storage import StoredFile

SAMPLES = Path(__file__).parent / "sample"
SAMPLE_FILES = ("helpdesk-parrot.train.jsonl", "helpdesk-parrot.validation.jsonl")
READ_BYTES = 1024 * 1024


class DatasetInUse(Exception):
    """A job needs this dataset, so it cannot be deleted."""


def create_dataset(*, membership: Membership, filename: str, stored: StoredFile) -> Dataset:
    """Record a file that is whole on disk, and let a worker check it."""
    filename = filename.replace("\0", "").strip() or _("dataset.jsonl")
    dataset = Dataset.objects.create(
        public_id=stored.public_id,
        workspace_id=membership.workspace_id,
        created_by_id=membership.user_id,
        name=_name_from(filename),
        filename=filename[-255:],
        size_bytes=stored.size_bytes,
        sha256=stored.sha256,
    )
    queue.send(tasks.check_dataset, dataset_id=dataset.pk)
    return dataset


def _name_from(filename: str) -> str:
    """Name a dataset after its file: without folders, and without the usual ending."""
    name = PurePath(filename.replace("\\", "/")).name.removesuffix(".jsonl").strip()
    return name[:200] or _("Dataset")


def add_sample(*, membership: Membership) -> list[Dataset]:
    """Add the sample training and validation files, each at most once."""
    return [_sample(membership, filename) for filename in SAMPLE_FILES]


def _sample(membership: Membership, filename: str) -> Dataset:
    path = SAMPLES / filename
    mine = Dataset.objects.visible_to(membership).filter(filename=filename)
    if there := mine.filter(size_bytes=path.stat().st_size).order_by("pk").first():
        return there
    with path.open("rb") as file:
        stored = storage.receive(iter(partial(file.read, READ_BYTES), b""))
    return create_dataset(membership=membership, filename=filename, stored=stored)


def count_tokens(*, dataset: Dataset, encoding: str) -> None:
    """Check the file again, this time counting tokens as another model does."""
    if encoding not in KNOWN_ENCODINGS or encoding in dataset.encodings or dataset.is_checking:
        return
    settled = Dataset.objects.filter(pk=dataset.pk).exclude(status=Dataset.Status.CHECKING)
    now = timezone.now()
    began = settled.update(
        status=Dataset.Status.CHECKING,
        encodings=[*dataset.encodings, encoding],
        next_check_at=now,
        check_attempts=0,  # a fresh start; the lease itself hangs on check_started_at
        updated_at=now,
    )
    if began:
        queue.send(tasks.check_dataset, dataset_id=dataset.pk)


def delete_dataset(*, dataset: Dataset) -> None:
    """Delete the rows, then the bytes. DatasetInUse while a job holds on to it."""
    path = dataset.path
    try:
        with transaction.atomic():
            dataset.delete()
            transaction.on_commit(partial(storage.remove, path))
    except ProtectedError as exc:
        words = _("A fine-tuning job was made from this dataset, so it is kept.")
        raise DatasetInUse(words) from exc
