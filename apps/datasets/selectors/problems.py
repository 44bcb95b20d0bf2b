"""Problems as pages show them: groups with their first cases, and lists by place in the file."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from apps.datasets import rulebook
from apps.datasets.models import Problem, ProblemQuerySet, Version
from apps.datasets.recipes.repairs import repair_of
from apps.datasets.rulebook import Severity, words

PAGE_PROBLEMS = 50
FIRST_PROBLEMS = 3
# One look into the index per kind; the columns are those of the model, in its order.
FIRST_OF_EACH = """
    SELECT problem.* FROM unnest(%s::text[]) AS kind (code)
    CROSS JOIN LATERAL (
        SELECT * FROM datasets_problem
        WHERE version_id = %s AND code = kind.code ORDER BY row, id LIMIT %s
    ) AS problem
"""


@dataclass(frozen=True, slots=True)
class Group:
    """All problems of one kind, and the first of them."""

    code: str
    title: str
    severity: Severity
    problems: int
    rows: int
    repair: str = ""  # the code of the step that puts them right
    first: list[Problem] = field(default_factory=list)


def groups_of(version: Version) -> list[Group]:
    """Read the kinds from the counters: the gravest first, then the most frequent."""
    return _sorted(_group(entry, []) for entry in version.problem_groups)


def opened_groups_of(version: Version) -> list[Group]:
    """The same with the first problems of each kind: one query, however many there are."""
    codes = [entry["code"] for entry in version.problem_groups]
    first = defaultdict(list)
    parameters = [codes, version.pk, FIRST_PROBLEMS]
    for problem in Problem.objects.raw(FIRST_OF_EACH, parameters) if codes else ():
        first[problem.code].append(problem)
    return _sorted(_group(entry, first[entry["code"]]) for entry in version.problem_groups)


def _group(entry: dict[str, Any], first: list[Problem]) -> Group:
    code = entry["code"]
    return Group(
        code=code,
        title=words.title(code),
        severity=rulebook.severity(code),
        problems=entry["problems"],
        rows=entry["rows"],
        repair=(repair_of(code) or {}).get("step", ""),
        first=first,
    )


def _sorted(groups: Iterable[Group]) -> list[Group]:
    gravity = list(Severity)
    return sorted(groups, key=lambda group: (gravity.index(group.severity), -group.problems))


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """A page of problems, found by where the page before it ended."""

    problems: list[Problem]
    groups: list[Group]
    code: str
    severity: str
    from_row: int
    next_after: str = ""

    @property
    def group(self) -> Group | None:
        """The kind that is looked at, if it is one."""
        return next((group for group in self.groups if group.code == self.code), None)


def problem_page(
    version: Version, *, code: str, severity: str, from_row: int, after: str
) -> ProblemPage:
    """Read one page by its place in the order, so that page 20,000 costs what page 1 does."""
    all_problems: ProblemQuerySet = version.problems.all()
    problems = all_problems.of_kind(code=code, severity=severity).in_order()
    row, pk = _place(after)
    problems = problems.after(row, pk) if pk else problems.filter(row__gte=from_row)
    found = list(problems[: PAGE_PROBLEMS + 1])
    shown = found[:PAGE_PROBLEMS]
    next_after = f"{shown[-1].row}-{shown[-1].pk}" if len(found) > PAGE_PROBLEMS else ""
    return ProblemPage(shown, groups_of(version), code, severity, from_row, next_after)


def _place(after: str) -> tuple[int, int]:
    row, _, pk = after.partition("-")
    is_place = row.isascii() and row.isdigit() and pk.isascii() and pk.isdigit()
    return (int(row[:18]), int(pk[:18])) if is_place else (0, 0)
