"""The rows in which two versions of a dataset differ: found once, then read page by page."""

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from apps.datasets import columns
from apps.datasets.diffs.rows import PartDiff, compare_rows
from apps.datasets.diffs.versions import (
    Diff,
    Entry,
    Kind,
    Rows,
    SameLine,
    Side,
    compare_versions,
    composed,
    unchanged_rows,
)
from apps.datasets.lifecycle import lineage
from apps.datasets.models import Version
from apps.datasets.rows.reading import Row, read_rows

PAGE_ENTRIES = 10
LONGEST_LINE = 256 * 1024  # what rows/reading.py shows of a row


class NotComparable(Exception):
    """A version was checked before its rows could be compared, or is not checked yet."""


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One row that differs, as both versions have it."""

    entry: Entry
    parts: list[PartDiff]
    is_cut: bool  # too long to be compared whole


@dataclass(frozen=True, slots=True)
class DiffPage:
    entries: list[ShownEntry]
    counts: dict[Kind, int]
    same: int
    is_reordered: bool
    next_start: int | None

    @property
    def is_empty(self) -> bool:
        return not any(self.counts.values())


def diff_page(before: Version, after: Version, *, start: int, kind: Kind | None) -> DiffPage:
    """Read one page of what differs; NotComparable where that is not known."""
    diff = diff_of(before, after)
    entries, next_start = diff.page(start=start, most=PAGE_ENTRIES, kind=kind)
    shown = [_shown(before, after, entry) for entry in entries]
    return DiffPage(shown, diff.counts, diff.same, diff.is_reordered, next_start)


def _shown(before: Version, after: Version, entry: Entry) -> ShownEntry:
    ours, theirs = _row(before, entry.before), _row(after, entry.after)
    parts = compare_rows(_line(ours), _line(theirs))
    return ShownEntry(entry, parts, any(row is not None and row.is_cut for row in (ours, theirs)))


def _row(version: Version, number: int) -> Row | None:
    return next(iter(read_rows(version, number, 1)), None) if number else None


def _line(row: Row | None) -> bytes | None:
    return None if row is None else row.text.encode()


def diff_of(before: Version, after: Version) -> Diff:
    """Return what differs. Both never change, so the answer is kept beside the newer one."""
    path = after.path.with_suffix(f".diff-{before.public_id}")
    try:
        return Diff(np.load(path, mmap_mode="r"))
    except (FileNotFoundError, ValueError):
        diff = _compared(before, after)
        _keep(diff, path)
        return diff


def _keep(diff: Diff, path: Path) -> None:
    partial = path.with_suffix(f".{uuid.uuid4().hex}.part")
    try:
        with partial.open("wb") as file:
            np.save(file, diff.table)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _compared(before: Version, after: Version) -> Diff:
    known = _known(before, after)
    return compare_versions(
        known.before, known.after, origins=known.origins, is_same_line=known.is_same_line
    )


def where_now(before: Version, after: Version, rows: Sequence[int]) -> dict[int, int]:
    """Say where these rows are in another version; those that changed or are gone are left out.

    NotComparable where that is not known.
    """
    known = _known(before, after)
    return unchanged_rows(
        known.before,
        known.after,
        origins=known.origins,
        is_same_line=known.is_same_line,
        wanted=rows,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What two versions are compared by."""

    before: Side
    after: Side
    origins: Rows | None
    is_same_line: SameLine


def _known(before: Version, after: Version) -> _Known:
    ours, theirs = columns.open(before), columns.open(after)
    if ours is None or theirs is None:
        raise NotComparable

    def is_same_line(one: int, other: int) -> bool:
        lines = _row(before, one), _row(after, other)
        return _line(lines[0]) == _line(lines[1])

    return _Known(
        Side(ours.digest, ours.question),
        Side(theirs.digest, theirs.question),
        _origins(before, after, rows=len(theirs)),
        is_same_line,
    )


def _origins(before: Version, after: Version, *, rows: int) -> Rows | None:
    """Return for each row of `after` its row in `before`; None when one does not come of it."""
    line = lineage.ancestors(after)
    numbers = [version.pk for version in line]
    if before.pk not in numbers:
        return None
    followed: Rows | None = None
    for version in line[: numbers.index(before.pk)]:
        known = _read_origins(version)
        if known is None:
            return None
        followed = known if followed is None else composed(known, followed)
    return followed if followed is not None and len(followed) == rows else None


def _read_origins(version: Version) -> Rows | None:
    try:
        return np.fromfile(version.path.with_suffix(".origin"), np.dtype("<u4"))
    except FileNotFoundError:
        return None
