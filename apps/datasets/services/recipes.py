"""What a person can do with a recipe: make the next version of it, or a dataset of its own."""

from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.core import queue
from apps.datasets import tasks
from apps.datasets.lifecycle import versioning
from apps.datasets.models import Dataset, Version
from apps.datasets.recipes.steps import Recipe, build

LONGEST_NAME = 200
LONGEST_NOTE = 500


class FormUsedBefore(Exception):
    """The form was sent before, by somebody who is not here."""


def make_version(
    *,
    version: Version,
    membership: Membership,
    recipe: Recipe,
    note: str = "",
    token: UUID | None = None,
) -> Version:
    """Make the next version by a recipe, once per token; a worker writes its rows.

    StepError when a step makes no sense.
    """
    token = token or uuid4()
    make = partial(_append, version.dataset, version, membership, recipe, token, note=note)
    return _once(make, membership, token)


def make_dataset(
    *, version: Version, membership: Membership, recipe: Recipe, name: str, token: UUID
) -> Version:
    """Make a dataset of its own by a recipe, once per token; StepError as above."""

    def make() -> Version:
        dataset = Dataset.objects.create(
            public_id=token,
            workspace_id=membership.workspace_id,
            created_by_id=membership.user_id,
            name=name[:LONGEST_NAME],
        )
        return _append(dataset, version, membership, recipe, token)

    return _once(make, membership, token)


def clean_note(note: str) -> str:
    """Return a note that can be stored: one line, not too long."""
    return " ".join(note.replace("\0", "").split())[:LONGEST_NOTE]


def _append(
    dataset: Dataset,
    version: Version,
    membership: Membership,
    recipe: Recipe,
    token: UUID,
    *,
    note: str = "",
) -> Version:
    build(recipe)
    made = versioning.append(
        dataset=dataset,
        created_by_id=membership.user_id,
        public_id=token,
        parent=version,
        recipe=list(recipe),
        note=clean_note(note),
        filename=f"{dataset.name}.jsonl",
        format=version.format,
        size_bytes=0,  # until a worker has made the rows
        sha256="",
    )
    queue.send(tasks.check_version, version_id=made.pk)
    return made


def _once(make: Callable[[], Version], membership: Membership, token: UUID) -> Version:
    """Make all of it or nothing; when the token was used, return what the first click has made."""
    try:
        with transaction.atomic():
            return make()
    except IntegrityError as exc:
        mine = Version.objects.visible_to(membership)
        if first := mine.filter(public_id=token).first():
            return first
        raise FormUsedBefore(_("This form was used before. Load the page again.")) from exc
