"""Right answers on their way into the next version of a dataset.

A correction is an edit like any other: kept with the person's other unsaved changes of the newest
version, and saved with them. So several corrections become one version, and no version changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import orjson
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.datasets.check.lines import MAX_ROW_BYTES
from apps.datasets.editing import answers, changes
from apps.datasets.editing.changes import NEW
from apps.datasets.editing.drafts import notation
from apps.datasets.models import Dataset, Edit, Version
from apps.datasets.rows.questions import Message, words_of
from apps.datasets.rows.reading import read_rows, starts_of
from apps.datasets.rows.search import all_rows, search

USABLE = (Version.Status.READY, Version.Status.INVALID, Version.Status.CHECKING)
LONGEST_NEEDLE = 1_000  # characters of a question that are looked for; then all of it is compared
MOST_HITS = 200
MOST_EXAMPLES = 50
SECONDS = 2.0


class CannotCorrect(Exception):
    """Why no right answer can be written into this dataset, in words for people."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a question stands already, and how much of the version was looked at for it."""

    row: int | None = None  # in the file
    edit: Edit | None = None  # a row that this person has added and not saved yet
    answer: str = ""  # what stands there now
    looked_at: int = 0
    total: int = 0

    @property
    def is_there(self) -> bool:
        return self.row is not None or self.edit is not None

    @property
    def is_complete(self) -> bool:
        return self.is_there or self.looked_at >= self.total


def target(dataset: Dataset) -> Version | None:
    """Return the version that the next one is made from: the newest that can be read."""
    usable = dataset.versions.filter(status__in=USABLE).select_related("dataset")
    return usable.order_by("-number").first()


def why_not(version: Version) -> str:
    """Say why no answer can be written into a version; empty when it can."""
    if version.format == Version.Format.REINFORCEMENT:
        return _("Rows of this dataset hold no answers, but what a grader reads.")
    return ""


def find(
    version: Version,
    membership: Membership,
    messages: Sequence[Message],
    *,
    seconds: float = SECONDS,
) -> Found:
    """Look for a row that asks exactly this: first among the person's own new rows."""
    total = version.row_count or 0
    added = changes.edits_of(version, membership).filter(row=NEW).order_by("-pk")
    for edit in added[:MOST_HITS]:
        row = _read(edit.content.encode())
        if row is not None and answers.answers_same(row, messages):
            return Found(edit=edit, answer=_answer(row), looked_at=total, total=total)
    return _find_in_file(version, membership, messages, seconds)


def _find_in_file(
    version: Version, membership: Membership, messages: Sequence[Message], seconds: float
) -> Found:
    starts, needle = starts_of(version), _needle(messages)
    if starts is None or not needle:
        return Found(total=version.row_count or 0)
    total, place, until = len(starts) - 1, 0, monotonic() + seconds
    while place < total and (left := until - monotonic()) > 0:
        hits = search(
            version.path,
            starts,
            (needle,),
            candidates=all_rows(total),
            after=place,
            most=MOST_HITS,
            seconds=left,
        )
        for number in hits.rows:
            row = _row(version, membership, number)
            if row is not None and answers.answers_same(row, messages):
                return Found(row=number, answer=_answer(row), looked_at=number, total=total)
        place = total if hits.is_over else hits.searched_to
    return Found(looked_at=place, total=total)


def keep(
    *,
    version: Version,
    membership: Membership,
    messages: Sequence[Message],
    answer: str,
    refused: str = "",
    tools: Sequence[Any] = (),
    replacing: Found | None = None,
) -> Edit:
    """Keep a right answer for the next version: in the row that asks the same, or in a new one.

    CannotCorrect when the dataset holds no answers, changes.TooMuchToKeep when it is too much.
    """
    if words := why_not(version):
        raise CannotCorrect(words)
    if replacing and replacing.edit:
        row = _read(replacing.edit.content.encode()) or {}
        made = answers.with_answer(row, answer, examples=_examples(version))
        changes.rewrite(edit=replacing.edit, content=notation.compact(made))
        return replacing.edit
    if replacing and replacing.row:
        row = _row(version, membership, replacing.row) or {}
        made = answers.with_answer(row, answer, examples=_examples(version))
        return _kept(version, membership, replacing.row, notation.compact(made))
    row = answers.new_row(
        version.format,
        messages,
        answer,
        refused=refused,
        tools=tools,
        examples=_examples(version),
    )
    return _kept(version, membership, NEW, notation.compact(row))


def _kept(version: Version, membership: Membership, row: int, content: str) -> Edit:
    return changes.keep(version=version, membership=membership, row=row, content=content)


def _row(version: Version, membership: Membership, number: int) -> dict[str, Any] | None:
    """Read a row as this person has it: as it was edited, or as it is in the file."""
    opened = changes.open_row(version, membership, number)
    if opened is None or opened.is_left_out or opened.size > MAX_ROW_BYTES:
        return None
    return _read(opened.line)


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return row if isinstance(row, dict) else None


def _examples(version: Version) -> list[dict[str, Any]]:
    """Return pairs that show how this dataset writes them; of the parent while there are none."""
    if version.format != Version.Format.PROMPT_COMPLETION:
        return []
    rows = [row.data for row in read_rows(version, 1, MOST_EXAMPLES) if row.data]
    return _examples(version.parent) if not rows and version.parent else rows


def _needle(messages: Sequence[Message]) -> str:
    """Return what is looked for: the beginning of the last thing that is said."""
    return words_of(messages[-1].get("content"))[:LONGEST_NEEDLE].lower() if messages else ""


def _answer(row: dict[str, Any]) -> str:
    if "prompt" in row:
        return words_of(row.get("completion"))
    outputs = row.get("preferred_output") or row.get("messages") or [{}]
    last = outputs[-1] if isinstance(outputs, list) else {}
    return words_of(last.get("content")) if isinstance(last, dict) else ""
