"""What a person can do with a recipe: make the next version of it."""

from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.core import queue
from apps.datasets import tasks, versioning
from apps.datasets.models import Dataset, Version
from apps.datasets.recipes.steps import Recipe, build

LONGEST_NOTE = 500


class FormUsedBefore(Exception):
    """The form was sent before, by somebody who is not here."""


def make_version(
    *,
    version: Version,
    membership: Membership,
    recipe: Recipe,
    note: str = "",
    dataset: Dataset | None = None,
    token: UUID | None = None,
) -> Version:
    """Make the next version by a recipe, once per token; a worker writes its rows.

    StepError when a step makes no sense. With `dataset` the rows become a version of that one.
    """
    build(recipe)
    home, token = dataset or version.dataset, token or uuid4()
    try:
        return _append(
            dataset=home,
            created_by_id=membership.user_id,
            public_id=token,
            parent=version,
            recipe=list(recipe),
            note=" ".join(note.replace("\0", "").split())[:LONGEST_NOTE],
            filename=f"{home.name}.jsonl",
            format=version.format,
            size_bytes=0,  # until a worker has made the rows
            sha256="",
        )
    except IntegrityError as exc:
        return _made_before(membership, token, exc)


@transaction.atomic
def _append(**fields: Any) -> Version:
    made = versioning.append(**fields)
    queue.send(tasks.check_version, version_id=made.pk)
    return made


def _made_before(membership: Membership, token: UUID, exc: IntegrityError) -> Version:
    """Return what the first click has made."""
    mine = Version.objects.visible_to(membership)
    if first := mine.filter(public_id=token).first():
        return first
    raise FormUsedBefore(_("This form was used before. Load the page again.")) from exc
