"""A whole file → a report. Memory stays flat whatever the size; no error stops the check."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from apps.datasets.check import pieces, processes
from apps.datasets.check.copies import Digested
from apps.datasets.check.findings import Finding, found
from apps.datasets.check.gathered import Checked
from apps.datasets.check.sniffing import Sniffed, sniff
from apps.datasets.check.spool import Spool
from apps.datasets.check.tally import Tally
from apps.datasets.columns import ColumnFiles
from apps.datasets.rulebook import ERRORS, RULES, Severity

MIN_EXAMPLES = 10
MAX_ROWS = 20_000_000
MAX_LISTED = 1_000_000
MAX_COPIES_LISTED = 10_000
MAX_REMARKS_LISTED = 10_000  # of one rule that is only good to know
MOST_KEYS_COMPARED = 20
REMARKS = frozenset(code for code, rule in RULES.items() if rule.severity == Severity.INFO)
WHOLE_FILE = 0  # the row number of what concerns no single row
EMPTY_LINE = found("blank_line")


@dataclass(slots=True)
class Progress:
    """How far a check has come."""

    bytes: int = 0
    rows: int = 0
    error_rows: int = 0
    problems: int = 0


@dataclass(slots=True)
class Report:
    """Everything a check found out; the problems themselves are in the spool."""

    failure: str = ""
    failure_params: dict[str, Any] = field(default_factory=dict)
    format: str = ""
    progress: Progress = field(default_factory=Progress)
    groups: list[dict[str, Any]] = field(default_factory=list)
    statistics: dict[str, Any] = field(default_factory=dict)
    system_prompt: str = ""

    @property
    def has_errors(self) -> bool:
        return any(group["code"] in ERRORS for group in self.groups)


OnProgress = Callable[[Progress], None]


def check_file(
    path: Path,
    *,
    encodings: tuple[str, ...],
    limits: dict[str, int],
    spool: Spool,
    index: BinaryIO,
    on_progress: OnProgress,
    columns: ColumnFiles | None = None,
    row_limits: Mapping[str, Sequence[int]] | None = None,
    process_count: int | None = None,
) -> Report:
    """Check a whole file. Problems go to the spool, the start of each row to the index.

    `limits` says by encoding where rows are cut; `row_limits` beyond which sizes they are counted.
    """
    sniffed = sniff(path)
    if sniffed.failure:
        return Report(failure=sniffed.failure, failure_params=sniffed.params)
    if process_count is None:
        process_count = processes.process_count_for(path.stat().st_size)
    cuts = pieces.cut(path, encodings=encodings, expected=sniffed.format, fast=process_count > 0)
    with Digested(path.parent) as digested:
        merged = _Merged(spool, index, columns, digested, Tally(limits, row_limits or {}))
        results = processes.check_pieces(
            cuts,
            encodings=encodings,
            count=process_count,
            on_wait=lambda: on_progress(merged.progress),
        )
        with closing(results):
            for checked in results:
                merged.add(checked)
                if merged.progress.rows > MAX_ROWS:
                    return Report(failure="too_many_rows", failure_params={"limit": MAX_ROWS})
                on_progress(merged.progress)
        return merged.report(sniffed)


class _Merged:
    """Puts the pieces together again, in order."""

    def __init__(
        self,
        spool: Spool,
        index: BinaryIO,
        columns: ColumnFiles | None,
        digested: Digested,
        tally: Tally,
    ) -> None:
        self.progress = Progress()
        self.spool, self.index, self.columns = spool, index, columns
        self.digested, self.tally = digested, tally
        self.problems: Counter[str] = Counter()
        self.rows_with: Counter[str] = Counter()
        self.blank_at_end = 0  # so far; they are an error only if a row follows
        self.listed = self.unlisted = self.unlisted_remarks = 0
        self.examples = 0
        self.end = 0

    def add(self, checked: Checked) -> None:
        first_row = self.progress.rows + 1
        self._place(self._problems_of(checked, first_row))
        self.index.write(checked.starts.data)
        if self.columns:
            self.columns.add(checked.columns)
        self.end = checked.end
        self.examples += len(checked.starts) - len(checked.blank_rows)
        self.progress.rows += len(checked.starts)
        self.progress.bytes = checked.end
        self.progress.error_rows += checked.error_rows
        self.digested.add(checked.columns["digest"])
        self.tally.add(checked)

    def _problems_of(self, checked: Checked, first_row: int) -> Iterator[tuple[int, Finding]]:
        """Problems of a piece in order of rows; empty lines at the very end are none (yet)."""
        last_full = _last_full_row(checked)
        blank_before, self.blank_at_end = self.blank_at_end, len(checked.starts) - 1 - last_full
        if last_full < 0:
            self.blank_at_end += blank_before
            return
        inner = [row for row in checked.blank_rows if row < last_full]
        self.progress.error_rows += blank_before + len(inner)
        yield from ((row, EMPTY_LINE) for row in range(first_row - blank_before, first_row))
        problems = [*checked.findings, *((row, EMPTY_LINE) for row in inner)]
        for row, finding in sorted(problems, key=lambda pair: pair[0]):
            yield first_row + row, finding

    def _place(self, problems: Iterable[tuple[int, Finding]]) -> None:
        """Count problems, which come in order of rows, and keep as many as are listed."""
        seen: tuple[int, set[str]] = (-1, set())
        for row, finding in problems:
            if row != seen[0]:
                seen = (row, set())
            self.problems[finding.code] += 1
            self.rows_with[finding.code] += row != WHOLE_FILE and finding.code not in seen[1]
            seen[1].add(finding.code)
            self.progress.problems += 1
            if row == WHOLE_FILE:
                self.spool.add(row, finding)
            elif finding.code in REMARKS and self.problems[finding.code] > MAX_REMARKS_LISTED:
                self.unlisted_remarks += 1
            elif self.listed < MAX_LISTED:
                self.listed += 1
                self.spool.add(row, finding)
            else:
                self.unlisted += 1

    def report(self, sniffed: Sniffed) -> Report:
        """Finish: drop the empty lines at the end, look at the file as a whole."""
        self.progress.rows -= self.blank_at_end
        if not self.progress.rows:
            return Report(failure="empty")
        self.index.truncate(8 * self.progress.rows)
        self.index.seek(0, 2)
        if self.columns:
            self.columns.truncate(self.progress.rows)
        np.array([self.end], np.uint64).tofile(self.index)
        copies = self.digested.copies(most=MAX_COPIES_LISTED)
        self._place((row, found("exact_copy", original=first)) for row, first in copies.listed)
        whole = [*self._of_the_whole(copies.count), *self._of_the_ends(sniffed)]
        self._place([(WHOLE_FILE, finding) for finding in whole])
        return Report(
            format=sniffed.format,
            progress=self.progress,
            groups=self._groups(),
            statistics={
                "rows": self.examples,
                "exact_duplicates": copies.count,
                **self.tally.figures(),
            },
            system_prompt=self.tally.system_prompt,
        )

    def _of_the_whole(self, copies: int) -> Iterator[Finding]:
        if self.examples < MIN_EXAMPLES:
            yield found("too_few_examples", count=self.examples, limit=MIN_EXAMPLES)
        if missing := self.tally.without_system:
            yield found("missing_system", count=missing, rows=self.examples)
        tasks = self.examples - self.progress.error_rows
        for key, count in self.tally.grader_keys.most_common(MOST_KEYS_COMPARED):
            if count < tasks:
                yield found("grader_key_missing", key=key, count=tasks - count, rows=tasks)
        if copies:
            yield found("exact_duplicates", count=copies)
        if copies > MAX_COPIES_LISTED:
            more = copies - MAX_COPIES_LISTED
            yield found("more_copies", count=more, limit=MAX_COPIES_LISTED)
        if self.unlisted:
            yield found("more_problems", count=self.unlisted, limit=MAX_LISTED)
        if self.unlisted_remarks:
            yield found("more_remarks", count=self.unlisted_remarks, limit=MAX_REMARKS_LISTED)

    def _of_the_ends(self, sniffed: Sniffed) -> Iterator[Finding]:
        if sniffed.has_mark:
            yield found("byte_order_mark")
        if self.blank_at_end:
            yield found("blank_lines_at_end", count=self.blank_at_end)

    def _groups(self) -> list[dict[str, Any]]:
        return [
            {"code": code, "problems": count, "rows": self.rows_with[code]}
            for code, count in self.problems.most_common()
        ]


def _last_full_row(checked: Checked) -> int:
    """The last row of a piece that is not empty; -1 when all are."""
    blank = set(checked.blank_rows)
    return next((row for row in reversed(range(len(checked.starts))) if row not in blank), -1)
