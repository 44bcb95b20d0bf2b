"""One page of rows: those of a place in the file, or the next ones that match what is asked."""

from dataclasses import dataclass, field

import numpy as np

from apps.datasets import columns
from apps.datasets.columns import Columns
from apps.datasets.models import Problem, ProblemQuerySet, Version
from apps.datasets.rows import filters
from apps.datasets.rows.bubbles import Shape, shape_of
from apps.datasets.rows.filters import Mask, RowFilter
from apps.datasets.rows.reading import Row, read_some, starts_of
from apps.datasets.rows.search import Candidates, Rows, all_rows, search, some_rows, terms_of

PAGE_ROWS = 10
MOST_PROBLEMS_BESIDE = 200
STEP_SECONDS = 0.05  # of searching in one request; the page then asks for the next step
PROBLEM_ROWS = 250


class NoColumns(Exception):
    """The version was checked before its rows could be filtered."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    row: Row
    shape: Shape
    problems: list[Problem]
    tokens: int | None = None  # not known of a row with errors


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows in order, and where the search for more of them goes on."""

    rows: list[ShownRow] = field(default_factory=list)
    terms: tuple[str, ...] = ()
    total: int = 0
    matching: int | None = None  # how many there are in all, where that costs nothing
    searched_to: int = 0
    is_full: bool = False
    is_over: bool = True  # no row after these matches

    @property
    def goes_on(self) -> bool:
        """True when the time was over before the page was full."""
        return not self.is_full and not self.is_over

    @property
    def has_next(self) -> bool:
        return self.is_full and not self.is_over

    @property
    def first(self) -> int | None:
        return self.rows[0].row.number if self.rows else None

    @property
    def last(self) -> int | None:
        return self.rows[-1].row.number if self.rows else None


def row_page(version: Version, wanted: RowFilter, *, after: int, most: int = PAGE_ROWS) -> RowPage:
    """Read the next rows after one; NoColumns when a filter needs what the version lacks."""
    starts = starts_of(version)
    if starts is None:
        return RowPage()
    total, terms, held = len(starts) - 1, terms_of(wanted.text), columns.open(version)
    mask = _mask(held, wanted)
    found = search(
        version.path,
        starts,
        terms,
        candidates=_candidates(version, wanted, mask, total),
        after=max(0, min(after, total - 1)),  # beyond the end is the last row
        most=most if terms else most + 1,  # one more tells whether there is a next page
        seconds=STEP_SECONDS,
    )
    is_over = found.is_over or found.searched_to >= total
    if len(found.rows) > most:
        found.rows, found.searched_to, is_over = found.rows[:most], found.rows[most - 1], False
    return RowPage(
        rows=_shown(version, found.rows, held),
        terms=terms,
        total=total,
        matching=_matching(version, wanted, mask, total),
        searched_to=found.searched_to,
        is_full=len(found.rows) == most,
        is_over=is_over,
    )


def every_match(version: Version, wanted: RowFilter, *, seconds: float) -> list[int] | None:
    """Return the numbers of all rows that match; None when there was no time to look at all."""
    starts = starts_of(version)
    if starts is None:
        return None
    total = len(starts) - 1
    found = search(
        version.path,
        starts,
        terms_of(wanted.text),
        candidates=_candidates(version, wanted, _mask(columns.open(version), wanted), total),
        after=0,
        most=total + 1,
        seconds=seconds,
    )
    return found.rows if found.is_over or found.searched_to >= total else None


def _mask(held: Columns | None, wanted: RowFilter) -> Mask | None:
    if not wanted.asks_columns:
        return None
    if held is None:
        raise NoColumns
    return filters.matching(held, wanted)


def _candidates(version: Version, wanted: RowFilter, mask: Mask | None, total: int) -> Candidates:
    if wanted.asks_problems:
        return _rows_with_problems(version, wanted, mask, total)
    return all_rows(total) if mask is None else some_rows(filters.rows_of(mask), total)


def _rows_with_problems(
    version: Version, wanted: RowFilter, mask: Mask | None, total: int
) -> Candidates:
    problems: ProblemQuerySet = version.problems.all()
    wrong = problems.of_kind(code=wanted.code, severity=wanted.severity)
    rows = wrong.order_by("row").values_list("row", flat=True).distinct()

    def after(row: int) -> tuple[Rows, int]:
        batch = np.array(rows.filter(row__gt=row)[:PROBLEM_ROWS], np.int64)
        last = int(batch[-1]) if len(batch) == PROBLEM_ROWS else total
        return batch if mask is None else batch[mask[batch - 1]], last

    return after


def _matching(version: Version, wanted: RowFilter, mask: Mask | None, total: int) -> int | None:
    """Count all rows that match, where counters or columns know it already."""
    if wanted.text or (wanted.asks_problems and mask is not None):
        return None
    if mask is not None:
        return int(np.count_nonzero(mask))
    if not wanted.asks_problems:
        return total
    rows = {group["code"]: int(group["rows"]) for group in version.problem_groups}
    return None if wanted.severity else rows.get(wanted.code, 0)


def _shown(version: Version, numbers: list[int], held: Columns | None) -> list[ShownRow]:
    """Read rows and the problems beside them: one query."""
    beside: dict[int, list[Problem]] = {}
    problems = version.problems.in_order().filter(row__in=numbers)
    for problem in problems[:MOST_PROBLEMS_BESIDE] if numbers else ():
        beside.setdefault(problem.row, []).append(problem)
    return [
        ShownRow(row, shape_of(row), beside.get(row.number, []), _tokens(held, row.number))
        for row in read_some(version, numbers)
    ]


def _tokens(held: Columns | None, number: int) -> int | None:
    return int(held.tokens[number - 1]) or None if held and number <= len(held) else None
