"""What a person changed in a version that is not the newest any more, taken on to the newest."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.datasets.diffs.kept import NotComparable, where_now
from apps.datasets.editing import changes
from apps.datasets.models import Edit, Version


class CannotCarry(Exception):
    """Why the changes stay where they are, in words for people."""


@dataclass(frozen=True, slots=True)
class Carried:
    """How many rows are on the newest version now, and how many could not be taken there."""

    version: Version
    moved: int
    left: int


def newest_of(version: Version) -> Version:
    """Return the newest version of the same dataset."""
    newest: Version = version.dataset.versions.select_related("dataset").get(is_newest=True)
    return newest


@transaction.atomic
def carry_on(*, version: Version, membership: Membership) -> Carried:
    """Take this person's changes to the newest version; CannotCarry when it cannot be read yet.

    A row that is another one there, or gone, keeps its change here: nobody's work is written over.
    """
    newest = newest_of(version)
    if newest == version:
        raise CannotCarry(_("This is the newest version."))
    if not newest.is_checked:
        raise CannotCarry(_("The newest version is not checked yet. Try again when it is."))
    edits = changes.edits_of(version, membership).defer("content")  # 40 million characters at most
    mine = list(edits.select_for_update().order_by("pk"))
    places = _places(version, newest, membership, mine)
    moved = [edit for edit in mine if edit.row in places]
    for edit in moved:
        edit.version, edit.row = newest, places[edit.row]
    Edit.objects.bulk_update(moved, ["version", "row"], batch_size=1_000)
    return Carried(newest, _rows_in(moved), _rows_in(mine) - _rows_in(moved))


def _places(
    version: Version, newest: Version, membership: Membership, mine: list[Edit]
) -> dict[int, int]:
    """Say where each changed row is in the newest version, and not changed there by this person."""
    try:
        places = where_now(version, newest, sorted({edit.row for edit in mine}))
    except NotComparable as exc:
        raise CannotCarry(_("Check both versions again first.")) from exc
    taken = changes.pending(newest, membership).marks
    free = {row: there for row, there in places.items() if there not in taken}
    return {changes.NEW: changes.NEW, **free}


def _rows_in(edits: list[Edit]) -> int:
    added = sum(edit.row == changes.NEW for edit in edits)
    return added + len({edit.row for edit in edits} - {changes.NEW})
