"""The results of an examination, shaped for the page."""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from apps.datasets.models import Problem, Version
from apps.datasets.recipes.repairs import repair_of
from apps.datasets.rows.bubbles import Shape, shape_of
from apps.datasets.rows.reading import Row, read_rows
from apps.datasets.rulebook import RULES, Severity, quality, words

PAGE_GROUPS = 10
ROWS_BESIDE = 2


@dataclass(frozen=True, slots=True)
class Sure:
    """How many of the places are how sure."""

    label: Any
    because: Any
    count: int


@dataclass(frozen=True, slots=True)
class Aspect:
    """Everything found of one kind: how much, how sure, what it means, and what helps."""

    code: str
    title: str
    severity: Severity
    meaning: str
    rows: int
    places: int
    sure: list[Sure]
    address: str  # of the list of rows; empty for what concerns the file as a whole
    repair: str  # address of the repair, or empty
    leaves_out: bool  # the repair leaves the rows out: nothing else helps


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of private thing."""

    label: Any
    count: int


@dataclass(frozen=True, slots=True)
class Part:
    """Aspects that belong together; of what is private, also its kinds."""

    title: Any
    aspects: list[Aspect]
    kinds: list[Kind]


@dataclass(frozen=True, slots=True)
class Share:
    label: str
    count: int
    percent: float


@dataclass(frozen=True, slots=True)
class Quality:
    """What the page shows of an examination."""

    results: dict[str, Any]
    parts: list[Part]
    redact: str = ""
    languages: list[Share] = field(default_factory=list)

    @property
    def failure(self) -> str:
        return str(self.results.get("failure", ""))

    @property
    def legend(self) -> list[Sure]:
        """What the degrees of certainty on the page stand for."""
        shown = {sure.label for part in self.parts for a in part.aspects for sure in a.sure}
        return [
            Sure(label, quality.SURE_BECAUSE[name], 0)
            for name, label in quality.SURE.items()
            if label in shown
        ]

    @property
    def so_far(self) -> dict[str, int]:
        """How many bytes and rows have been looked at."""
        found: dict[str, int] = self.results.get("so_far", {})
        return found


def quality_of(version: Version) -> Quality:
    """Gather the examination of a version; costs one query."""
    results = version.examination
    groups = {group["code"]: group for group in results.get("groups", [])}
    said = _of_the_whole(version) if groups else {}
    parts = [
        Part(
            title,
            [_aspect(version, groups[code], said.get(code)) for code in _sorted(rules, groups)],
            _kinds(groups) if rules is quality.PRIVATE else [],
        )
        for title, rules in quality.PARTS
    ]
    return Quality(
        results=results,
        parts=[part for part in parts if part.aspects],
        redact=_repairing(version, "step=redact"),
        languages=_languages(results.get("languages", {})),
    )


def _of_the_whole(version: Version) -> dict[str, Problem]:
    """Return what is said of the file as a whole, by code."""
    found = version.problems.filter(row=0, code__in=quality.RULES)
    return {problem.code: problem for problem in found}


def _sorted(rules: dict[str, Any], groups: dict[str, Any]) -> list[str]:
    """The gravest first, then the most frequent."""
    gravity = list(Severity)
    there = [code for code in rules if code in groups]
    return sorted(there, key=lambda c: (gravity.index(rules[c].severity), -groups[c]["problems"]))


def _aspect(version: Version, group: dict[str, Any], whole: Problem | None) -> Aspect:
    code = group["code"]
    rule, repair = RULES[code], repair_of(code)
    listed = reverse("datasets:rows", args=version.address) + f"?code={code}"
    return Aspect(
        code=code,
        title=words.title(code),
        severity=rule.severity,
        meaning=f"{whole.message} {whole.hint}" if whole else str(rule.hint),
        rows=group["rows"],
        places=group["problems"],
        sure=[
            Sure(quality.SURE[name], quality.SURE_BECAUSE[name], group["sure"][name])
            for name in quality.SURE
            if group["sure"].get(name)
        ],
        address="" if whole else listed,
        repair=_repairing(version, f"fix={code}") if repair or not whole else "",
        leaves_out=not repair,
    )


def _repairing(version: Version, query: str) -> str:
    """Return where a step is chosen already."""
    return f"{reverse('datasets:repair', args=version.address)}?{query}"


def _kinds(groups: dict[str, Any]) -> list[Kind]:
    counts = {
        kind: count
        for code in quality.PRIVATE
        for kind, count in groups.get(code, {}).get("kinds", {}).items()
    }
    return [Kind(quality.KINDS.get(kind, kind), count) for kind, count in counts.items()]


def _languages(found: dict[str, Any]) -> list[Share]:
    return [
        Share(words.language_name(entry["code"]), entry["count"], entry["percent"])
        for entry in found.get("shares", [])
    ]


@dataclass(frozen=True, slots=True)
class Beside:
    """One row of a group, as a conversation."""

    row: Row
    shape: Shape


@dataclass(frozen=True, slots=True)
class Cluster:
    """Rows that belong together; the first of them side by side."""

    size: int
    numbers: list[int]
    rows: list[Beside]


def clusters_of(version: Version, *, kind: str) -> list[dict[str, Any]]:
    """Return the groups of rows that the examination keeps: "near" or "conflicts"."""
    found: list[dict[str, Any]] = version.examination.get(kind, {}).get("shown", [])
    return found


def opened(version: Version, groups: list[dict[str, Any]]) -> list[Cluster]:
    """Read the first rows of each group."""
    return [
        Cluster(
            group["size"],
            group["rows"],
            [beside(version, row) for row in group["rows"][:ROWS_BESIDE]],
        )
        for group in groups
    ]


def beside(version: Version, number: int) -> Beside:
    """Read one row to show it beside another."""
    row = next(read_rows(version, number, 1), Row(number, "", None))
    return Beside(row, shape_of(row))
