"""Which rows of a run are wanted: read from an address, written into one, and found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Avg, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models import TextField as Text
from django.db.models.functions import Cast, Coalesce
from django.http import QueryDict

from apps.evals.models import Answer, Case, Run, Score
from apps.evals.results import headlines
from apps.evals.results.looking import number
from apps.evals.results.pace import CUT

LONGEST_QUERY = 200
HALF = 0.5
# Baseline and candidate by their values of a question; both say the same in the last two.
KINDS: Mapping[str, Q] = {
    "fixed": Q(other__gt=F("first")),
    "broken": Q(other__lt=F("first")),
    "right": Q(other=F("first"), first__gte=HALF),
    "wrong": Q(other=F("first"), first__lt=HALF),
}
# Of one model alone: what it got wrong comes first.
KINDS_ALONE: Mapping[str, Q] = {"wrong": Q(first__lt=HALF), "right": Q(first__gte=HALF)}
FLAGS = ("failed", "cut", "varying", "overridden", "undecided")
VIEWS = ("", "expected", "first")  # what the words of an answer are compared with


@dataclass(frozen=True, slots=True)
class Filters:
    """What of a run is shown. Everything left empty is every row."""

    kind: str = ""
    candidate: int = 1
    grader: int = 0
    q: str = ""
    slice: str = ""  # "language:de"
    leaked: int | None = None  # what this model was trained on
    failed: bool = False
    cut: bool = False  # an answer reached the longest that was allowed
    varying: bool = False  # the answers of a model to one question are not all right or all wrong
    overridden: bool = False
    undecided: bool = False
    view: str = ""
    is_alone: bool = False  # there is no other model: wrong answers stand first

    @property
    def kinds(self) -> Mapping[str, Q]:
        """Return the kinds of rows that there can be."""
        return KINDS_ALONE if self.is_alone else KINDS

    @property
    def query(self) -> str:
        """Return what an address says to show the same rows, in the same way."""
        told: dict[str, Any] = {"kind": self.kind, "q": self.q, "slice": self.slice}
        told |= {"view": self.view, **{flag: "1" for flag in FLAGS if getattr(self, flag)}}
        told |= {} if self.leaked is None else {"leaked": str(self.leaked)}
        places = {"candidate": self.candidate, "grader": self.grader}
        return urlencode({**places, **{name: value for name, value in told.items() if value}})

    @property
    def count(self) -> int:
        """Return how many filters besides the kind narrow the rows."""
        flags = sum(bool(getattr(self, flag)) for flag in FLAGS)
        return flags + bool(self.q) + bool(self.slice) + (self.leaked is not None)


def filters_of(query: QueryDict, run: Run, candidates: int) -> Filters:
    """Read the filters from an address; nonsense is as if it were not there."""
    kind, view = query.get("kind", ""), query.get("view", "")
    last, is_alone = max(0, candidates - 1), candidates == 1
    leaked = query.get("leaked", "")
    return Filters(
        kind=kind if kind in (KINDS_ALONE if is_alone else KINDS) else "",
        candidate=number(query.get("candidate", ""), 1, max(1, last)),
        grader=number(query.get("grader", ""), 0, max(0, len(run.suite.graders) - 1)),
        q=query.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY],
        slice=query.get("slice", "").replace("\x00", "")[:LONGEST_QUERY],
        leaked=number(leaked, 0, last) if leaked else None,
        view=view if view in VIEWS else "",
        is_alone=is_alone,
        **{flag: query.get(flag) == "1" for flag in FLAGS},
    )


def matching(run: Run, filters: Filters) -> "QuerySet[Case]":
    """Return the rows that pass every filter but the kind.

    Of one model alone, rows without a result come first, then what it got wrong.
    """
    rows = Case.objects.filter(suite=run.suite_id)
    if filters.q:
        rows = rows.alias(asked=Cast("messages", Text())).filter(_found(run, filters.q))
    if name_value := _slice(filters.slice):
        rows = rows.filter(slices__contains=name_value)
    if filters.leaked is not None:
        rows = rows.filter(position__in=headlines.leaked(run, filters.leaked))
    for flag, exists in FLAG_QUERIES.items():
        if getattr(filters, flag):
            rows = rows.filter(exists(run, filters.grader))
    if filters.is_alone:
        rows = rows.annotate(first=_value(run, 0, filters.grader))
        return rows.order_by(F("first").asc(nulls_first=True), "position")
    return rows.order_by("position")


def of_kind(rows: "QuerySet[Case]", run: Run, filters: Filters) -> "QuerySet[Case]":
    """Return the rows of the kind that is wanted; "" is all of them."""
    if not filters.kind:
        return rows
    first, other = (_value(run, place, filters.grader) for place in (0, filters.candidate))
    return rows.annotate(first=first, other=other).filter(filters.kinds[filters.kind])


def counts(rows: "QuerySet[Case]", run: Run, filters: Filters) -> dict[str, int]:
    """Return how many rows there are of each kind; "all" is all of them.

    The values of all questions at once: looked up for one after the other, 25,000 questions would
    take a second.
    """
    passes = Cast(Coalesce("override", "passed"), IntegerField())
    places = {"first": 0, "other": filters.candidate}
    of = {name: Q(answer__candidate__position=place) for name, place in places.items()}
    scores = Score.objects.filter(answer__run=run, grader=filters.grader).order_by()
    if filters.count:
        scores = scores.filter(answer__case__in=rows.order_by().values("pk"))
    valued = scores.values("answer__case").annotate(
        **{name: Coalesce(Avg(passes, filter=q), Avg("score", filter=q)) for name, q in of.items()}
    )
    by_kind = {
        kind: Count("answer__case", filter=condition) for kind, condition in filters.kinds.items()
    }
    return {"all": rows.order_by().count(), **valued.aggregate(**by_kind)}


def _value(run: Run, position: int, grader: int) -> Subquery:
    """The mean of a model's answers to a question, as the verdict counts it."""
    scores = Score.objects.filter(
        answer__run=run,
        answer__candidate__position=position,
        answer__case=OuterRef("pk"),
        grader=grader,
    )
    passes = Avg(Cast(Coalesce("override", "passed"), IntegerField()))
    valued = scores.order_by().values("answer__case").annotate(value=Coalesce(passes, Avg("score")))
    return Subquery(valued.values("value"))


def _found(run: Run, words: str) -> Q:
    answers = Answer.objects.filter(run=run, case=OuterRef("pk"), text__icontains=words)
    return Q(expected__icontains=words) | Q(asked__icontains=words) | Q(Exists(answers))


def _slice(text: str) -> dict[str, str]:
    name, colon, value = text.partition(":")
    return {name: value} if colon else {}


def _failed(run: Run, _grader: int) -> Exists:
    return Exists(Answer.objects.filter(run=run, case=OuterRef("pk"), status="failed"))


def _cut(run: Run, _grader: int) -> Exists:
    return Exists(Answer.objects.filter(CUT, run=run, case=OuterRef("pk")))


def _overridden(run: Run, grader: int) -> Exists:
    return Exists(_scores(run, grader).filter(override__isnull=False))


def _undecided(run: Run, grader: int) -> Exists:
    return Exists(_scores(run, grader).filter(override=None, passed=None, score=None))


def _varying(run: Run, grader: int) -> Exists:
    right = Q(override=True) | Q(override=None, passed=True)
    wrong = Q(override=False) | Q(override=None, passed=False)
    others = Score.objects.filter(
        wrong,
        grader=grader,
        answer__case=OuterRef("answer__case"),
        answer__candidate=OuterRef("answer__candidate"),
    )
    return Exists(_scores(run, grader).filter(right).filter(Exists(others)))


def _scores(run: Run, grader: int) -> "QuerySet[Score]":
    return Score.objects.filter(answer__run=run, answer__case=OuterRef("pk"), grader=grader)


FLAG_QUERIES = {
    "failed": _failed,
    "cut": _cut,
    "overridden": _overridden,
    "undecided": _undecided,
    "varying": _varying,
}
