"""The page of a run: the verdict, the numbers behind it, and what is not in them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from apps.evals import spending, statistics
from apps.evals.grader_words import name_of
from apps.evals.models import Answer, Candidate, Run, Score

COMPARISON_FIELDS = {field.name for field in fields(statistics.Comparison)}


@dataclass(frozen=True, slots=True)
class Share:
    """How many answers of one model a grader passes. None where there is nothing to judge."""

    passed: int
    judged: int

    @property
    def percent(self) -> float | None:
        return 100 * self.passed / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class Line:
    """One model of the run."""

    candidate: Candidate
    shares: Sequence[Share]  # one for each grader
    done: int
    failed: int
    usd: Decimal | None
    typical_ms: int | None
    slow_ms: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one comparison says, and the counts behind it."""

    grader: int
    candidate: int
    words: str
    comparison: statistics.Comparison


@dataclass(frozen=True, slots=True)
class Classes:
    """How well one model puts rows into classes."""

    candidate: Candidate
    labels: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]  # label, how often it was called what
    scores: Sequence[dict[str, Any]]
    accuracy: float
    macro_f1: float | None
    weighted_f1: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the page shows."""

    graders: Sequence[str]
    lines: Sequence[Line]
    verdicts: Sequence[Verdict]
    classes: Sequence[Classes]
    cases: int
    asked: int
    done: int
    failed: int
    version: str

    @property
    def percent(self) -> int:
        return 100 * (self.done + self.failed) // self.asked if self.asked else 0


def report_of(run: Run) -> Report:
    """Gather the page; the number of queries does not depend on the number of rows."""
    candidates = list(run.candidates.select_related("connection"))
    lines = [_line(run, candidate) for candidate in candidates]
    done, failed = (sum(getattr(line, name) for line in lines) for name in ("done", "failed"))
    cases = run.suite.cases.count()
    return Report(
        graders=[name_of(grader) for grader in run.suite.graders],
        lines=lines,
        verdicts=list(_verdicts(run, candidates)),
        classes=[_classes(kept, candidates) for kept in run.result.get("classes", [])],
        cases=cases,
        asked=cases * len(candidates),
        done=done,
        failed=failed,
        version=f"{done}.{failed}.{run.updated_at.timestamp()}.{len(run.result)}",
    )


def _line(run: Run, candidate: Candidate) -> Line:
    answers = Answer.objects.filter(candidate=candidate)
    told = answers.aggregate(
        done=Count("pk", filter=Q(status="done")), failed=Count("pk", filter=Q(status="failed"))
    )
    told_times = answers.values_list("total_ms", flat=True)
    times = sorted(time for time in told_times if time is not None)
    shares = [_share(candidate, place) for place in range(len(run.suite.graders))]
    return Line(
        candidate=candidate,
        shares=shares,
        done=told["done"],
        failed=told["failed"],
        usd=spending.cost_of(candidate),
        typical_ms=_at(times, 0.5),
        slow_ms=_at(times, 0.95),
    )


def _share(candidate: Candidate, place: int) -> Share:
    scores = Score.objects.filter(answer__candidate=candidate, grader=place)
    verdict = scores.annotate(counted=Coalesce("override", "passed")).exclude(counted=None)
    told = verdict.aggregate(passed=Count("pk", filter=Q(counted=True)), judged=Count("pk"))
    return Share(**told)


def _verdicts(run: Run, candidates: Sequence[Candidate]) -> Sequence[Verdict]:
    by_position = {candidate.position: candidate for candidate in candidates}
    graders = run.suite.graders
    return [
        _verdict(kept, graders[kept["grader"]], by_position)
        for kept in run.result.get("comparisons", [])
    ]


def _verdict(
    kept: dict[str, Any], grader: dict[str, Any], candidates: dict[int, Candidate]
) -> Verdict:
    facts = {name: value for name, value in kept.items() if name in COMPARISON_FIELDS}
    facts["candidate"] = kept.get("candidate_mean")
    facts["test"] = statistics.Test(facts["test"])
    comparison = statistics.Comparison(**facts)
    names = (candidates[0].label, candidates[kept["position"]].label)
    words = statistics.verdict(comparison, names=names, measure=name_of(grader))
    return Verdict(kept["grader"], kept["position"], words, comparison)


def _classes(kept: dict[str, Any], candidates: Sequence[Candidate]) -> Classes:
    return Classes(
        candidate=candidates[kept["position"]],
        labels=kept["labels"],
        rows=list(zip(kept["labels"], kept["confusion"], strict=False)),
        scores=kept["classes"],
        accuracy=100 * kept["accuracy"],
        macro_f1=kept["macro_f1"],
        weighted_f1=kept["weighted_f1"],
    )


def _at(times: Sequence[int], share: float) -> int | None:
    """Return the time that this share of the answers took at most, in milliseconds."""
    return times[min(len(times) - 1, int(share * len(times)))] if times else None
