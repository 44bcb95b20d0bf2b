"""What a person can do with datasets."""

import re
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.core import queue
from apps.datasets import storage, tasks
from apps.datasets.check.tokens import KNOWN_ENCODINGS
from apps.datasets.lifecycle import lineage, versioning
from apps.datasets.models import Dataset, Version
from apps.datasets.storage import StoredFile

SAMPLES = Path(__file__).parents[1] / "sample"
SAMPLE_FILES = ("helpdesk-parrot.train.jsonl", "helpdesk-parrot.validation.jsonl")
READ_BYTES = 1024 * 1024
USUAL_ENDING = re.compile(r"(\.(jsonl|ndjson|json|csv|tsv|tab|xlsx|txt|parquet))?(\.gz)?\Z", re.I)
LOCK_MILLISECONDS = 2000


class DatasetInUse(Exception):
    """A job needs this dataset, so it cannot be deleted."""


def create_dataset(*, membership: Membership, filename: str, stored: StoredFile) -> Version:
    """Make a dataset of a file that is whole on disk; its first version is checked by a worker."""
    filename = clean_filename(filename)
    with transaction.atomic():
        dataset = Dataset.objects.create(
            workspace_id=membership.workspace_id,
            created_by_id=membership.user_id,
            name=_name_from(filename),
        )
        return add_version(dataset=dataset, membership=membership, filename=filename, stored=stored)


def clean_filename(filename: str) -> str:
    """Return a name that can be stored and shown; signs that turn the text around it are gone."""
    return "".join(filter(str.isprintable, filename)).strip() or _("dataset.jsonl")


def add_version(
    *,
    dataset: Dataset,
    membership: Membership,
    filename: str,
    stored: StoredFile,
    next_recipe: list[dict[str, Any]] | None = None,
) -> Version:
    """Make an uploaded file the newest version of a dataset, and let a worker check it."""
    version = versioning.append(
        dataset=dataset,
        created_by_id=membership.user_id,
        public_id=stored.public_id,
        filename=filename[-255:],
        size_bytes=stored.size_bytes,
        sha256=stored.sha256,
        next_recipe=next_recipe or [],
    )
    queue.send(tasks.check_version, version_id=version.pk)
    return version


def _name_from(filename: str) -> str:
    """Name a dataset after its file: without folders, and without the usual ending."""
    name = USUAL_ENDING.sub("", PurePath(filename.replace("\\", "/")).name).strip()
    return name[:200] or _("Dataset")


def add_sample(*, membership: Membership) -> list[Version]:
    """Add the sample training and validation files, each at most once."""
    return [_sample(membership, filename) for filename in SAMPLE_FILES]


def _sample(membership: Membership, filename: str) -> Version:
    path = SAMPLES / filename
    mine = Version.objects.visible_to(membership).filter(filename=filename)
    if there := mine.filter(size_bytes=path.stat().st_size).order_by("pk").first():
        return there
    with path.open("rb") as file:
        stored = storage.receive(iter(partial(file.read, READ_BYTES), b""))
    return create_dataset(membership=membership, filename=filename, stored=stored)


def count_tokens(*, version: Version, encoding: str) -> None:
    """Check the file again, this time counting tokens as another model does."""
    if encoding not in KNOWN_ENCODINGS or encoding in version.encodings or version.is_checking:
        return
    settled = Version.objects.filter(pk=version.pk).exclude(status=Version.Status.CHECKING)
    now = timezone.now()
    began = settled.update(
        status=Version.Status.CHECKING,
        encodings=[*version.encodings, encoding],
        next_check_at=now,
        check_attempts=0,  # a fresh start; the lease itself hangs on check_started_at
        updated_at=now,
    )
    if began:
        queue.send(tasks.check_version, version_id=version.pk)


def cancel_check(*, version: Version) -> bool:
    """Stop the check; its worker notices within a second. False when it had just ended.

    A version whose rows were only counted anew is again what it was before.
    """
    after = _as_before(version) if version.was_checked else {"status": Version.Status.CANCELLED}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")
            running = Version.objects.filter(pk=version.pk, status=Version.Status.CHECKING)
            cancelled = running.update(**after, updated_at=timezone.now())
    except OperationalError:  # its worker is writing the result down at this moment
        return False
    return bool(cancelled)


def _as_before(version: Version) -> dict[str, Any]:
    """Return the columns of a version as its last whole check left them."""
    is_clean = not version.problem_row_count
    counted = version.statistics.get("tokens", {})
    return {
        "status": Version.Status.READY if is_clean else Version.Status.INVALID,
        "encodings": [encoding for encoding in version.encodings if encoding in counted],
        "rows_checked": version.row_count,
        "bytes_checked": version.size_bytes,
    }


def check_again(*, version: Version) -> bool:
    """Begin a check anew that was cancelled or given up. False when there is nothing to begin."""
    now = timezone.now()
    began = version.may_be_checked_again and Version.objects.filter(
        pk=version.pk, status=version.status
    ).update(
        status=Version.Status.CHECKING,
        failure="",
        failure_params={},
        next_check_at=now,
        check_attempts=0,
        check_started_at=None,
        bytes_checked=0,
        rows_checked=0,
        row_count=None,
        problem_row_count=0,
        problem_count=0,
        updated_at=now,
    )
    if began:
        queue.send(tasks.check_version, version_id=version.pk)
    return bool(began)


def delete_dataset(*, dataset: Dataset) -> None:
    """Delete every version, then the bytes. DatasetInUse while a job or a version needs one."""
    try:
        with transaction.atomic():
            versions = list(dataset.versions.all())
            _refuse_if_being_read(versions)
            paths = [version.path for version in versions]
            dataset.delete()
            for path in paths:
                transaction.on_commit(partial(storage.remove, path))
    except (ProtectedError, IntegrityError) as exc:  # the second: one that began just now
        words = _("A job, a sweep or an eval was made from this dataset, so it is kept.")
        raise DatasetInUse(words) from exc


def _refuse_if_being_read(versions: list[Version]) -> None:
    if other := lineage.being_made_from(versions):
        words = _("“%(title)s” is being made from this dataset. Wait until it is there.")
        raise DatasetInUse(words % {"title": other.title})
