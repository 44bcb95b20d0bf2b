"""Rows of a page as a person has changed them, checked again: the list shows what will be saved."""

from dataclasses import replace

from apps.accounts.models import Membership
from apps.datasets import rulebook
from apps.datasets.check.examples import read_example
from apps.datasets.editing.changes import Pending, edits_of
from apps.datasets.models import Problem, Version
from apps.datasets.rows.bubbles import shape_of
from apps.datasets.rows.pages import RowPage, ShownRow
from apps.datasets.rows.reading import as_row


def with_edits(
    page: RowPage, version: Version, membership: Membership, pending: Pending
) -> RowPage:
    """Put this person's edits in the place of the rows; a query when there are any on the page."""
    numbers = [shown.row.number for shown in page.rows]
    edited = [number for number in numbers if pending.marks.get(number) == "edited"]
    if not edited:
        return page
    latest = edits_of(version, membership).filter(row__in=edited).order_by("row", "-pk")
    contents = dict(latest.distinct("row").values_list("row", "content"))
    return replace(page, rows=[_edited(shown, contents, version) for shown in page.rows])


def _edited(shown: ShownRow, contents: dict[int, str], version: Version) -> ShownRow:
    number = shown.row.number
    if number not in contents:
        return shown
    line = contents[number].encode()
    row = as_row(number, line, size=len(line))
    problems = [
        Problem(
            row=number,
            path=finding.path,
            code=finding.code,
            severity=rulebook.severity(finding.code),
            params=finding.params,
        )
        for finding in read_example(line, expected=version.format).findings
    ]
    return ShownRow(row, shape_of(row), problems)
