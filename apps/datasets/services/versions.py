"""What a person can do with versions: split and filter them, go back to one, delete one."""

from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.datasets import columns, storage
from apps.datasets.lifecycle import filtering, lineage
from apps.datasets.models import Dataset, Version
from apps.datasets.rows.filters import RowFilter
from apps.datasets.services.recipes import LONGEST_NAME, clean_note, make_dataset, make_version


class VersionInUse(Exception):
    """Something still needs this version, so it cannot be deleted."""


class CannotFilter(Exception):
    """Why no version can be made of the rows that are asked for, in words for people."""


@transaction.atomic
def split_version(
    *, version: Version, membership: Membership, split: dict[str, Any], token: UUID
) -> tuple[Version, Version]:
    """Make two datasets of one version: rows to train on, and rows to validate with.

    `token` was drawn when the form was shown: sending the form twice makes one pair.
    """
    wish = partial(_make_part, version=version, membership=membership, split=split)
    training = wish(part="train", token=token)
    validation = wish(part="validation", token=uuid5(token, "validation"))
    Dataset.objects.filter(pk=training.dataset_id).update(validated_by=validation.dataset)
    return training, validation


def _make_part(
    *,
    version: Version,
    membership: Membership,
    split: dict[str, Any],
    part: str,
    token: UUID,
) -> Version:
    return make_dataset(
        version=version,
        membership=membership,
        recipe=[{**split, "step": "split", "part": part}],
        name=part_name(version.name, part),
        token=token,
    )


def part_name(name: str, part: str) -> str:
    """Name one part of a split after the whole."""
    ending = _("%(name)s – training") if part == "train" else _("%(name)s – validation")
    return ending % {"name": name[: LONGEST_NAME - 20]}


def keep_matching(
    *, version: Version, membership: Membership, wanted: RowFilter, token: UUID
) -> Version:
    """Make the next version of the rows that are asked for; CannotFilter says why not."""
    if not wanted.asks_anything:
        raise CannotFilter(_("Search for something first, or choose a filter."))
    if wanted.asks_columns and columns.open(version) is None:
        raise CannotFilter(_("Check this version again first."))
    recipe = [filtering.step_of(wanted)]
    return make_version(version=version, membership=membership, recipe=recipe, token=token)


def restore_version(*, version: Version, membership: Membership, token: UUID) -> Version:
    """Make the rows of an earlier version the newest again."""
    return make_version(version=version, membership=membership, recipe=[], token=token)


def write_note(*, version: Version, note: str) -> None:
    """Keep what a person says about a version. Its rows stay as they are."""
    Version.objects.filter(pk=version.pk).update(note=clean_note(note))


def delete_version(*, version: Version) -> None:
    """Delete a version and its bytes; VersionInUse while a job or another version needs them."""
    try:
        with transaction.atomic():
            _delete(version, Dataset.objects.select_for_update().get(pk=version.dataset_id))
    except (ProtectedError, IntegrityError) as exc:  # the second: one that began just now
        words = _("A job, a sweep or an eval was made from this version, so it is kept.")
        raise VersionInUse(words) from exc


def _delete(version: Version, dataset: Dataset) -> None:
    if not dataset.versions.exclude(pk=version.pk).exists():
        raise VersionInUse(_("This is the only version. Delete the dataset instead."))
    if other := lineage.being_made_from([version]):
        words = _("“%(title)s” is being made from this version. Wait until it is there.")
        raise VersionInUse(words % {"title": other.title})
    path, was_newest = version.path, dataset.versions.filter(pk=version.pk, is_newest=True).exists()
    version.delete()
    transaction.on_commit(partial(storage.remove, path))
    if was_newest:
        last = dataset.versions.order_by("-number")[:1]
        dataset.versions.filter(pk__in=last.values("pk")).update(is_newest=True)
