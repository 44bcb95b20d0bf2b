"""What becomes of a person's edits in the end: a version."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.datasets import rulebook
from apps.datasets.check.lines import MAX_ROW_BYTES
from apps.datasets.editing import changes
from apps.datasets.editing.drafts import kept, notation
from apps.datasets.models import Edit, Version
from apps.datasets.rows import pages, reading
from apps.datasets.rows.filters import RowFilter
from apps.datasets.services.recipes import make_version

SEARCH_SECONDS = 8.0
MOST_RANGES = 100_000
MOST_CHARACTERS = 4_000_000  # of a recipe, which is read with every page of its version
SLIM_CHARACTERS = 2_000  # below this no edit has a string that is worth a mark
BY_RULE = (  # what is wrong in the row itself, so that a step can see it too
    *(rulebook.line, rulebook.shape, rulebook.chat, rulebook.tools, rulebook.images),
    *(rulebook.preference, rulebook.reinforcement),
)


class TooMuchToSave(Exception):
    """The edits are longer than a recipe should be."""


class CannotLeaveOut(Exception):
    """Why these rows cannot be left out all at once, in words for people."""


def save_as_version(*, version: Version, membership: Membership, note: str = "") -> Version | None:
    """Make the next version of this person's edits and forget them; None when there are none.

    Whoever presses twice finds no edits the second time: the rows are locked, then gone.
    """
    return _save(version, membership, note=note)


def save_without(
    *, version: Version, membership: Membership, wanted: RowFilter, token: UUID
) -> Version:
    """Make the next version of this person's edits, without the rows that are asked for."""
    made = _save(version, membership, then=[leaving_out(version, wanted)], token=token)
    assert made is not None  # noqa: S101 - there is a step
    return made


@transaction.atomic
def _save(
    version: Version,
    membership: Membership,
    *,
    note: str = "",
    then: Sequence[dict[str, Any]] = (),
    token: UUID | None = None,
) -> Version | None:
    mine = changes.edits_of(version, membership).select_for_update()
    edits = list(mine.order_by("pk"))
    recipe = [*_recipe_of(version, edits), *then]
    if not recipe:
        return None
    made = make_version(
        version=version, membership=membership, recipe=recipe, note=note, token=token
    )
    mine.filter(pk__in=[edit.pk for edit in edits]).delete()
    return made


def _recipe_of(version: Version, edits: Iterable[Edit]) -> list[dict[str, Any]]:
    """Make a step of edits in their order; none when there are none."""
    latest = {edit.row: edit.content for edit in edits if edit.row != changes.NEW}
    step = {
        "rows": {
            str(row): _slim(version, row, content) for row, content in latest.items() if content
        },
        "left_out": _as_ranges(sorted(row for row, content in latest.items() if not content)),
        "added": [edit.content for edit in edits if edit.row == changes.NEW],
    }
    said = {key: value for key, value in step.items() if value}
    if len(str(said)) > MOST_CHARACTERS:
        raise TooMuchToSave(
            _("These changes are too long for one version. Take some of them back first.")
        )
    return [{"step": "edits", **said}] if said else []


def _slim(version: Version, row: int, content: str) -> str:
    """Leave out of a recipe what the row has in the version anyway, when that is long."""
    if len(content) < SLIM_CHARACTERS:
        return content
    line, _size = reading.line_of(version, row, most=MAX_ROW_BYTES)
    if not (source := notation.compacted(line)):
        return content
    slim = kept.fold_known(notation.read(content), notation.read(source))
    return notation.compact(slim)


def leaving_out(version: Version, wanted: RowFilter) -> dict[str, Any]:
    """Return the step that leaves out every row that is asked for; or CannotLeaveOut.

    A problem that is seen in the row itself becomes a step that finds it again in the next upload.
    """
    if not wanted.asks_anything:
        raise CannotLeaveOut(_("Search for something first."))
    numbers = pages.every_match(version, wanted, seconds=SEARCH_SECONDS)
    if numbers is None:
        raise CannotLeaveOut(_("Looking through all rows takes too long. Ask for fewer of them."))
    if not numbers:
        raise CannotLeaveOut(_("No row matches."))
    if len(numbers) == version.row_count:
        raise CannotLeaveOut(_("Then no row would be left."))
    if wanted == RowFilter(code=wanted.code) and any(wanted.code in g.RULES for g in BY_RULE):
        return {"step": "drop_rows_with_problems", "codes": [wanted.code]}
    return {"step": "edits", "left_out": _as_ranges(numbers)}


def _as_ranges(numbers: Sequence[int]) -> str:
    """Write row numbers that rise: "1-20, 35"."""
    ends: list[list[int]] = []
    for number in numbers:
        if ends and number == ends[-1][1] + 1:
            ends[-1][1] = number
        else:
            ends.append([number, number])
    if len(ends) > MOST_RANGES:
        raise CannotLeaveOut(_("These rows are too scattered. Ask for fewer of them."))
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in ends)
