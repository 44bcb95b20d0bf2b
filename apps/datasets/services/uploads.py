"""What a person can do with an upload: bring it in, and say what its columns are."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.core import queue
from apps.datasets import storage, tasks
from apps.datasets.lifecycle import importing, repeating, versioning
from apps.datasets.models import Dataset, Version
from apps.datasets.services.datasets import add_version, clean_filename, create_dataset
from apps.datasets.sources import Mapping
from apps.datasets.storage import StoredFile


def add_upload(
    *,
    membership: Membership,
    filename: str,
    stored: StoredFile,
    dataset: Dataset | None = None,
    repeats: bool = False,
) -> Version:
    """Make a file the next version of a dataset, or a dataset of its own.

    With `repeats` the steps that led to the version before are run on it when it is checked.
    """
    if dataset is None:
        return create_dataset(membership=membership, filename=filename, stored=stored)
    wish = repeating.steps_to_repeat(dataset) if repeats else []
    try:
        return add_version(
            dataset=dataset,
            membership=membership,
            filename=clean_filename(filename),
            stored=stored,
            next_recipe=wish,
        )
    except Dataset.DoesNotExist:  # deleted while the file was on its way
        return create_dataset(membership=membership, filename=filename, stored=stored)


def paste(
    *,
    membership: Membership,
    text: str,
    name: str = "",
    dataset: Dataset | None = None,
    repeats: bool = False,
) -> Version:
    """Take text as if it had come in a file. What it holds is seen by a worker."""
    content = text.replace("\r\n", "\n").encode(errors="replace")  # browsers send CR LF
    stored = storage.receive(iter([content]))
    return add_upload(
        membership=membership,
        filename=name or _("Pasted text"),
        stored=stored,
        dataset=dataset,
        repeats=repeats,
    )


def choose_again(*, version: Version, membership: Membership, token: UUID) -> Version:
    """Ask once more what the columns of an upload are: for the next version, made of the same file.

    The same token makes one version, however often it comes.
    """
    made = Version.objects.filter(public_id=token, dataset=version.dataset).first()
    if made or not version.source_path.is_file():
        return made or version
    importing.share_upload(version, token)
    with transaction.atomic():
        return versioning.append(
            dataset=version.dataset,
            created_by_id=membership.user_id,
            public_id=token,
            filename=version.filename,
            source_format=version.source_format,
            status=Version.Status.MAPPING,
            size_bytes=version.source_path.stat().st_size,
            sha256="",  # of the rows, once there are some
        )


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
