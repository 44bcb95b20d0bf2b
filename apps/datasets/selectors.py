"""Several things shaped for one page, each as one frozen value."""

from dataclasses import dataclass
from typing import Any

from apps.datasets import rulebook
from apps.datasets.check.tokens import DEFAULT_ENCODING
from apps.datasets.estimates import Estimate, estimate, estimates_for
from apps.datasets.histogram import Bar, bars
from apps.datasets.models import Problem, Version
from apps.datasets.rulebook import Severity, words
from apps.providers.profiles import profile_for

PAGE_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Group:
    """All problems of one kind."""

    code: str
    title: str
    severity: Severity
    problems: int
    rows: int


@dataclass(frozen=True, slots=True)
class DatasetReport:
    """What the page of a checked dataset shows beside its columns."""

    groups: list[Group]
    tokens: dict[str, Any]
    messages: dict[str, Any]
    bars: list[Bar]
    estimates: list[Estimate]
    asked: Estimate | None = None

    @property
    def errors(self) -> list[Group]:
        return [group for group in self.groups if group.severity == Severity.ERROR]

    @property
    def warnings(self) -> list[Group]:
        return [group for group in self.groups if group.severity == Severity.WARNING]

    @property
    def priced_on(self) -> Any:
        """The date and source of the prices behind the estimates."""
        return next((item.price for item in self.estimates if item.price), None)


def report_of(version: Version, *, model: str = "") -> DatasetReport:
    """Gather the report of a checked dataset; costs no query."""
    statistics = version.statistics
    tokens = statistics.get("tokens", {}).get(DEFAULT_ENCODING, {})
    openai = profile_for("openai")
    return DatasetReport(
        groups=_groups(version),
        tokens=tokens,
        messages=statistics.get("messages_per_row", {}),
        bars=bars(tokens.get("histogram", {})),
        estimates=estimates_for(version, [profile_for("engine"), openai]) if statistics else [],
        asked=estimate(version=version, profile=openai, model=model, n_epochs="auto")
        if model and statistics
        else None,
    )


def _groups(version: Version) -> list[Group]:
    """The gravest first, then the most frequent."""
    gravity = list(Severity)
    groups = [
        Group(
            entry["code"],
            words.title(entry["code"]),
            rulebook.severity(entry["code"]),
            entry["problems"],
            entry["rows"],
        )
        for entry in version.problem_groups
    ]
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


def problem_page(
    version: Version, *, code: str, severity: str, from_row: int, after: str
) -> ProblemPage:
    """Read one page by its place in the order, so that page 20,000 costs what page 1 does."""
    problems = version.problems.in_order()
    if code:
        problems = problems.filter(code=code)
    if severity:
        problems = problems.filter(severity=severity)
    row, pk = _place(after)
    problems = problems.after(row, pk) if pk else problems.filter(row__gte=from_row)
    found = list(problems[: PAGE_PROBLEMS + 1])
    shown = found[:PAGE_PROBLEMS]
    next_after = f"{shown[-1].row}-{shown[-1].pk}" if len(found) > PAGE_PROBLEMS else ""
    return ProblemPage(shown, _groups(version), code, severity, from_row, next_after)


def _place(after: str) -> tuple[int, int]:
    row, _, pk = after.partition("-")
    is_place = row.isascii() and row.isdigit() and pk.isascii() and pk.isdigit()
    return (int(row[:18]), int(pk[:18])) if is_place else (0, 0)
