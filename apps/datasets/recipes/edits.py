"""The step that a person makes by hand: rows rewritten, left out, and added (pure)."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.datasets.check.findings import Finding
from apps.datasets.check.lines import parse
from apps.datasets.editing.drafts import kept, notation
from apps.datasets.recipes.params import StepError
from apps.datasets.recipes.picking import ranges
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.steps import Step, register


@register
class Edits(Step):
    """`rows`: row number → the row as JSON, or None to leave it out. `added`: rows for the end.

    `left_out`: more rows to leave out, as ranges ("1-20, 35"), so that many of them stay short.
    Long strings that a row had before may be marks (drafts/kept.py): images stay out of recipes.
    """

    code = "edits"
    title = gettext_lazy("Edits by hand")
    help = gettext_lazy("Rows that somebody changed, left out or added in the browser.")
    is_offered = False
    reads_data = False

    def __init__(self, *, rows: Any = None, added: Any = None, left_out: str = "") -> None:
        self._rows = {_number(key): _line(value) for key, value in _mapping(rows).items()}
        self._added = [_added_line(text) for text in (added if isinstance(added, list) else [])]
        self._ranges = ranges(str(left_out), field="left_out") if left_out else []
        self._firsts = [first for first, _last in self._ranges]

    def apply(self, row: Row) -> Row | None:
        if row.source:
            return row
        if self._is_left_out(row.number):
            return None
        if row.number not in self._rows:
            return row
        line = self._rows[row.number]
        return None if line is None else Row(row.number, _unfolded(line, row))

    def _is_left_out(self, number: int) -> bool:
        place = bisect_right(self._firsts, number) - 1
        return place >= 0 and number <= self._ranges[place][1]

    def added(self) -> Iterable[Row]:
        return (Row(0, line) for line in self._added)


def _unfolded(line: bytes, row: Row) -> bytes:
    """Put back what the row has in the version before."""
    if b"[kept " not in line:
        return line
    try:
        return notation.compact(kept.unfold(notation.read(line.decode()), [row.data])).encode()
    except kept.NotKept as exc:
        words = _("Row %(number)d of the version before has no long text for %(mark)s.")
        raise StepError(words % {"number": row.number, "mark": exc}, "rows") from exc


def _mapping(rows: Any) -> dict[str, Any]:
    if rows is None:
        return {}
    if not isinstance(rows, dict):
        raise StepError(_("Give the rows by their numbers."), "rows")
    return rows


def _number(key: Any) -> int:
    text = str(key)
    if not (text.isascii() and text.isdigit() and int(text[:18]) > 0):
        raise StepError(_("“%(number)s” is no row number.") % {"number": text[:40]}, "rows")
    return int(text[:18])


def _added_line(text: Any) -> bytes:
    if text is None:
        raise StepError(_("A row that is added needs a content."), "added")
    return _line(text) or b""


def _line(text: Any) -> bytes | None:
    """Return the line to write; a row must be one JSON object, whatever is wrong inside."""
    if text is None:
        return None
    line = text.encode("utf-8", "replace") if isinstance(text, str) else b""
    parsed = parse(line)
    if isinstance(parsed, Finding) or not isinstance(parsed.value, dict) or b"\n" in line:
        raise StepError(_("A row must be one JSON object on one line."), "rows")
    return line
