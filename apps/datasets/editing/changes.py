"""What a person changes in single rows before it becomes a version: kept, taken back, looked up.

Edits are a log per person and version: the latest of a row counts, and undoing removes the latest
entry, so whatever it replaced is there again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import BooleanField, Count, ExpressionWrapper, Q, Sum
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.datasets.check.lines import MAX_ROW_BYTES
from apps.datasets.models import Edit, Version
from apps.datasets.models.edit import EditQuerySet
from apps.datasets.rows import reading
from apps.datasets.rulebook import Severity

MOST_EDITS = 10_000
MOST_CHARACTERS = 40_000_000
EMPTY = ExpressionWrapper(Q(content=""), BooleanField())
NEW = 0  # the number of a row that is not in the file


class TooMuchToKeep(Exception):
    """More edits than one step of a recipe should hold."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A row as its editor finds it. `edit` is the latest one of this person, if there is one."""

    number: int
    line: bytes
    size: int
    edit: Edit | None = None

    @property
    def is_left_out(self) -> bool:
        return self.edit is not None and self.edit.leaves_out

    @property
    def is_edited(self) -> bool:
        return self.edit is not None and not self.edit.leaves_out

    @property
    def can_leave_out(self) -> bool:
        return self.number != NEW and not self.is_left_out

    @property
    def is_cut(self) -> bool:
        """True when `line` is only the beginning."""
        return len(self.line) < self.size


@dataclass(frozen=True, slots=True)
class Pending:
    """What a person has changed in a version, and not saved as one yet."""

    marks: dict[int, str] = field(default_factory=dict)  # row → "edited" or "left_out"
    added: tuple[int, ...] = ()  # the edits that add a row
    last: int = 0  # the latest edit, so that undoing twice by accident undoes once

    @property
    def changed(self) -> int:
        return sum(mark == "edited" for mark in self.marks.values())

    @property
    def left_out(self) -> int:
        return len(self.marks) - self.changed

    @property
    def count(self) -> int:
        return len(self.marks) + len(self.added)

    @property
    def places(self) -> list[tuple[int, int]]:
        """Each row that is changed, then each that is added: its number and its edit."""
        return [*((row, 0) for row in self.marks), *((NEW, pk) for pk in self.added)]


def edits_of(version: Version, membership: Membership) -> EditQuerySet:
    """Return this person's edits of a version."""
    return Edit.objects.by(membership).filter(version=version)


def pending(version: Version, membership: Membership) -> Pending:
    """Sum up this person's edits of a version: one query, without what the rows say."""
    marks: dict[int, str] = {}
    added: list[int] = []
    last = 0
    places = edits_of(version, membership).order_by("pk")
    for pk, row, is_empty in places.values_list("pk", "row", EMPTY):
        last = pk
        if row == NEW:
            added.append(pk)
        else:
            marks[row] = "left_out" if is_empty else "edited"
    return Pending(dict(sorted(marks.items())), tuple(added), last)


def edits_at(
    version: Version, membership: Membership, places: Iterable[tuple[int, int]]
) -> list[Edit]:
    """Return the edits that count at these places, without what the rows say."""
    rows, added = {row for row, _pk in places}, {pk for _row, pk in places}
    mine = edits_of(version, membership).filter(Q(row__in=rows - {NEW}) | Q(pk__in=added))
    named = mine.annotate(is_empty=EMPTY).defer("content").order_by("pk")
    latest = {(edit.row, edit.pk if edit.row == NEW else 0): edit for edit in named}
    return [latest[place] for place in places if place in latest]


def open_row(version: Version, membership: Membership, number: int) -> Opened | None:
    """Read a row of the file, or what this person made of it; None when there is no such row."""
    if not 0 < number <= (version.row_count or 0):
        return None
    edits = edits_of(version, membership).filter(row=number).order_by("-pk")
    edit = edits.first()
    written = edits.exclude(content="").first() if edit and edit.leaves_out else edit
    if written:
        content = written.content.encode()
        return Opened(number, content, len(content), edit)
    return Opened(number, *reading.line_of(version, number, most=MAX_ROW_BYTES), edit)


def open_new(version: Version, membership: Membership, pk: int) -> Opened | None:
    """Read a row that this person has added; None when there is none."""
    edit = edits_of(version, membership).filter(row=NEW, pk=pk).first()
    content = edit.content.encode() if edit else b""
    return Opened(NEW, content, len(content), edit) if edit else None


def others_of(version: Version, membership: Membership, number: int) -> list[str]:
    """Name the other people with unsaved changes to a row."""
    theirs = Edit.objects.filter(version=version, row=number).exclude(author=membership.user_id)
    names = theirs.order_by("author__username").values_list("author__username", flat=True)
    return list(names.distinct())


def next_to_fix(version: Version, number: int, marks: Mapping[int, str]) -> int | None:
    """Return the next row with an error that this person has not touched yet."""
    faulty = version.problems.filter(severity=Severity.ERROR, row__gt=max(number, 0))
    rows_after = faulty.order_by("row").values_list("row", flat=True).distinct()
    return next((row for row in rows_after[: len(marks) + 1] if row not in marks), None)


def keep(*, version: Version, membership: Membership, row: int, content: str) -> Edit:
    """Remember what a row is to become, once. TooMuchToKeep when there are too many already."""
    latest = edits_of(version, membership).order_by("-pk").first()
    if latest and (latest.row, latest.content) == (row, content):
        return latest
    _leave_space(version, membership, more=1, characters=len(content))
    return Edit.objects.create(
        version=version, author_id=membership.user_id, row=row, content=content
    )


def rewrite(*, edit: Edit, content: str) -> None:
    """Change a row that was added before."""
    Edit.objects.filter(pk=edit.pk).update(content=content)


@transaction.atomic
def leave_out(*, version: Version, membership: Membership, numbers: Iterable[int]) -> int:
    """Leave rows out of the next version; return how many. One undo brings all of them back."""
    marks = pending(version, membership).marks
    total = version.row_count or 0
    wanted = [n for n in sorted(set(numbers)) if 0 < n <= total and marks.get(n) != "left_out"]
    _leave_space(version, membership, more=len(wanted))
    made = Edit.objects.bulk_create(
        Edit(version=version, author_id=membership.user_id, row=number) for number in wanted
    )
    if made:  # one moment for all of them makes them one entry of the log
        mine = Edit.objects.filter(pk__in=[edit.pk for edit in made])
        mine.update(created_at=made[0].created_at)
    return len(made)


def put_back(*, version: Version, membership: Membership, numbers: Iterable[int]) -> int:
    """Take rows in again that were left out, as they were before."""
    mine = edits_of(version, membership).filter(row__in=set(numbers), content="")
    return mine.delete()[0]


@transaction.atomic
def undo(*, version: Version, membership: Membership, last: int) -> list[int]:
    """Remove the latest entry, if it is still the one that was seen; return its rows."""
    mine = edits_of(version, membership).select_for_update()
    latest = mine.order_by("-pk").first()
    if latest is None or latest.pk != last:
        return []
    entry = mine.filter(created_at=latest.created_at)
    numbers = list(entry.values_list("row", flat=True))
    entry.delete()
    return numbers


def discard(*, version: Version, membership: Membership) -> int:
    """Forget everything that this person has changed in a version."""
    return edits_of(version, membership).delete()[0]


def discard_row(*, version: Version, membership: Membership, row: int, pk: int = 0) -> int:
    """Forget what this person made of one row; `pk` says which of the added ones."""
    mine = edits_of(version, membership).filter(row=row)
    return (mine.filter(pk=pk) if row == NEW else mine).delete()[0]


def _leave_space(
    version: Version, membership: Membership, *, more: int, characters: int = 0
) -> None:
    mine = edits_of(version, membership)
    there = mine.aggregate(characters=Sum(Length("content")), count=Count("pk"))
    characters += there["characters"] or 0
    if there["count"] + more > MOST_EDITS or characters > MOST_CHARACTERS:
        raise TooMuchToKeep(
            _("There are too many unsaved changes. Save them as a version first, then go on.")
        )
