"""The table of slices, as one of its models and graders is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from apps.evals import statistics
from apps.evals.models import Run
from apps.evals.verdicts import kept

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

SORTS = ("name", "rows", "effect", "-effect")
NAMES: dict[str, "StrPromise"] = {
    "label": _("Label"),
    "length": _("Length"),
    "language": _("Language"),
    "topic": _("Topic"),
}
VALUES: dict[tuple[str, str], "StrPromise"] = {
    ("length", "short"): _("short"),
    ("length", "medium"): _("medium"),
    ("length", "long"): _("long"),
    ("language", "unsure"): _("not sure"),
    ("topic", "refuse"): _("harmful requests, to be refused"),
    ("topic", "answer"): _("harmless requests that look harmful"),
    ("topic", "format"): _("format"),
    ("topic", "language"): _("language of the answer"),
    ("topic", "knowledge"): _("general knowledge"),
}


@dataclass(frozen=True, slots=True)
class SliceRow:
    """One slice: how the first model does in it, the other one, and the difference."""

    key: str  # in addresses
    name: str
    value: str
    cases: int
    baseline: float | None
    candidate: float | None
    comparison: statistics.Comparison

    @property
    def is_small(self) -> bool:
        """Too few rows for any difference to be decisive."""
        return self.comparison.has_too_few_rows


def rows(run: Run, *, grader: int, candidate: int, sort: str) -> list[SliceRow]:
    """Return the slices in the order wanted; small ones stand last when sorted by effect."""
    told = [each for each in run.result.get("slices", []) if each["grader"] == grader]
    found = [row for each in told if (row := _row(each, candidate))]
    if sort == "rows":
        return sorted(found, key=lambda row: -row.cases)
    if sort in ("effect", "-effect"):
        sign = -1 if sort == "-effect" else 1
        return sorted(found, key=lambda row: (row.is_small, sign * row.comparison.effect))
    return found


@dataclass(frozen=True, slots=True)
class AloneRow:
    """One slice of a run of one model: how well it does there."""

    key: str
    name: str
    value: str
    cases: int
    mean: float | None
    low: float | None
    high: float | None

    @property
    def low_percent(self) -> float | None:
        return None if self.low is None else 100 * self.low

    @property
    def high_percent(self) -> float | None:
        return None if self.high is None else 100 * self.high

    @property
    def is_small(self) -> bool:
        """So few rows that the interval holds nearly everything."""
        return self.cases < statistics.FEWEST_ROWS


def rows_alone(run: Run, *, grader: int, sort: str) -> list[AloneRow]:
    """Return the slices of a run of one model, in the order wanted; the worst by the effect."""
    told = [each for each in run.result.get("slices", []) if each["grader"] == grader]
    found = [_alone(each) for each in told if "alone" in each]
    if sort == "rows":
        return sorted(found, key=lambda row: -row.cases)
    if sort in ("effect", "-effect"):
        sign = -1 if sort == "-effect" else 1
        return sorted(found, key=lambda row: (row.mean is None, sign * (row.mean or 0)))
    return found


def choices(run: Run) -> list[tuple[str, str]]:
    """Return every slice with its words, for a filter."""
    told = [each for each in run.result.get("slices", []) if each["grader"] == 0]
    return [(_key(each), f"{_name(each)}: {_value(each)}") for each in told]


def _row(told: dict[str, Any], candidate: int) -> SliceRow | None:
    mine = [each for each in told["comparisons"] if each["position"] == candidate]
    if not mine:
        return None
    means: Sequence[float | None] = told["means"]
    return SliceRow(
        key=_key(told),
        name=_name(told),
        value=_value(told),
        cases=told["cases"],
        baseline=means[0],
        candidate=means[candidate],
        comparison=kept.read(mine[0]),
    )


def _alone(told: dict[str, Any]) -> AloneRow:
    share = told["alone"] or {}
    ends = {name: share.get(name) for name in ("mean", "low", "high")}
    return AloneRow(_key(told), _name(told), _value(told), told["cases"], **ends)


def _key(told: dict[str, Any]) -> str:
    return f"{told['name']}:{told['value']}"


def _name(told: dict[str, Any]) -> str:
    return str(NAMES.get(told["name"], told["name"]))


def _value(told: dict[str, Any]) -> str:
    return str(VALUES.get((told["name"], told["value"]), told["value"]))
