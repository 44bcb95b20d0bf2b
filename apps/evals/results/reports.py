"""The page of a run: the verdict, the numbers behind it, and what is not in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.evals.asking import spending
from apps.evals.models import Candidate, Run, Score
from apps.evals.questions.grader_words import name_of
from apps.evals.results import pace, shares
from apps.evals.results.alone import Standing, standings
from apps.evals.results.headlines import Headline, headlines
from apps.evals.verdicts import missing


@dataclass(frozen=True, slots=True)
class Share:
    """How one model does by one grader, from 0 to 1. The ends are None while a run goes on."""

    grader: int
    rows: int
    mean: float
    low: float | None = None
    high: float | None = None
    passed: int | None = None  # questions, where each passes or fails
    is_score: bool = False

    @property
    def percent(self) -> float:
        return 100 * self.mean

    @property
    def low_percent(self) -> float | None:
        return None if self.low is None else 100 * self.low

    @property
    def high_percent(self) -> float | None:
        return None if self.high is None else 100 * self.high


@dataclass(frozen=True, slots=True)
class Line:
    """One model of the run. A share is None where nothing was judged."""

    candidate: Candidate
    shares: Sequence[Share | None]  # one for each grader
    pace: pace.Pace
    usd: Decimal | None
    failure: str = ""  # what most of its failed answers say


@dataclass(frozen=True, slots=True)
class Missing:
    """Questions of one model that a grader has no value for, and why."""

    candidate: Candidate
    grader: str
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the page shows first."""

    graders: Sequence[str]
    lines: Sequence[Line]
    headlines: Sequence[Headline]
    standings: Sequence[Standing]  # of the only model
    missing: Sequence[Missing]
    cases: int
    asked: int
    done: int
    failed: int
    to_judge: int  # scores that a model has yet to give
    judges_usd: Decimal | None  # of all graders that ask a model
    has_judges: bool
    version: str

    @property
    def is_alone(self) -> bool:
        return len(self.lines) == 1

    @property
    def cut(self) -> list[str]:
        """Say of each model how many of its answers end at the limit, in words."""
        return [_cut(line) for line in self.lines if line.pace.cut]

    @property
    def percent(self) -> int:
        return 100 * (self.done + self.failed) // self.asked if self.asked else 0


def report_of(run: Run) -> Report:
    """Gather the page; the number of queries does not depend on rows or models."""
    candidates = list(run.candidates.select_related("connection", "recording"))
    paces, costs = pace.paces(run), spending.costs(run, candidates)
    judges, failures = spending.judge_costs(run), pace.failures(run)
    told = run.result.get("shares") or shares.so_far(run, candidates)
    lines = [
        Line(
            candidate=candidate,
            shares=_shares(run, candidate, told),
            pace=paces.get(candidate.pk, pace.Pace()),
            usd=costs[candidate.pk],
            failure=failures.get(candidate.pk, ""),
        )
        for candidate in candidates
    ]
    done, failed, asked = (
        sum(getattr(line.pace, name) for line in lines) for name in ("done", "failed", "asked")
    )
    to_judge = 0 if run.ended_at else Score.objects.filter(answer__run=run).waiting().count()
    return Report(
        graders=[name_of(grader) for grader in run.suite.graders],
        lines=lines,
        headlines=headlines(run, candidates),
        standings=standings(run, candidates),
        missing=_missing(run, candidates),
        cases=run.suite.cases.count(),
        asked=asked,
        done=done,
        failed=failed,
        to_judge=to_judge,
        judges_usd=_sum(judges.values()),
        has_judges=bool(judges),
        version=f"{done}.{failed}.{to_judge}.{run.updated_at.timestamp()}.{run.next_look_at.timestamp()}",
    )


def _shares(
    run: Run, candidate: Candidate, told: Sequence[Mapping[str, Any]]
) -> list[Share | None]:
    mine = {
        each["grader"]: Share(**{name: value for name, value in each.items() if name != "position"})
        for each in told
        if each["position"] == candidate.position
    }
    return [mine.get(place) for place in range(len(run.suite.graders))]


def _missing(run: Run, candidates: Sequence[Candidate]) -> list[Missing]:
    """Return each reason once for each model; what no grader could judge by grader."""
    names = {candidate.position: candidate for candidate in candidates}
    graders, told = run.suite.graders, run.result.get("missing", [])
    has_undecided = any(each["reason"] == missing.UNDECIDED for each in told)
    whys = pace.unjudged(run) if has_undecided else {}
    found: dict[tuple[int, str, str], Missing] = {}
    for each in told:
        is_of_grader = len(graders) > 1 and each["reason"] in (missing.WAITING, missing.UNDECIDED)
        name = name_of(graders[each["grader"]]) if is_of_grader else ""
        words = missing.words(each["reason"], each["rows"])
        if each["reason"] == missing.UNDECIDED:
            words = _with_why(words, whys.get((names[each["position"]].pk, each["grader"]), ""))
        found.setdefault(
            (each["position"], words, name), Missing(names[each["position"]], name, words)
        )
    return list(found.values())


def _with_why(words: str, why: str) -> str:
    return _("%(words)s, mostly since: %(why)s") % {"words": words, "why": why} if why else words


def _cut(line: Line) -> str:
    words = ngettext(
        "%(count)s answer of %(name)s was cut off at the longest that was allowed, and judged as "
        "far as it goes.",
        "%(count)s answers of %(name)s were cut off at the longest that was allowed, and judged as "
        "far as they go.",
        line.pace.cut,
    )
    return words % {"count": intcomma(line.pace.cut), "name": line.candidate.label}


def _sum(told: Any) -> Decimal | None:
    known = list(told)
    return None if None in known else sum(known, Decimal(0))
