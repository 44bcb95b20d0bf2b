"""The rows of a run by what changed: fixed, broken, both right, both wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict

from apps.evals.models import Answer, Candidate, Case, Run, Score

# kind → whether the baseline is right, whether the candidate is
KINDS: Mapping[str, tuple[bool, bool]] = {
    "fixed": (False, True),
    "broken": (True, False),
    "right": (True, True),
    "wrong": (False, False),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows are wanted: of one candidate against the baseline, by one grader."""

    kind: str  # "" for all rows
    candidate: int
    grader: int


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """One model's answer to a row."""

    candidate: Candidate
    answer: Answer | None
    scores: Sequence[Score]


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row with every model's answer."""

    case: Case
    answers: Sequence[AnswerShown]


def asked_for(query: QueryDict, run: Run) -> Asked:
    """Read the filters from an address; nonsense is as if it were not there."""
    kind = query.get("kind", "")
    graders, candidates = len(run.suite.graders), run.candidates.count()
    return Asked(
        kind=kind if kind in KINDS else "",
        candidate=_number(query.get("candidate", ""), 1, max(1, candidates - 1)),
        grader=_number(query.get("grader", ""), 0, max(0, graders - 1)),
    )


def cases(run: Run, asked: Asked) -> "QuerySet[Case]":
    """Return the rows of this kind in their order."""
    rows = Case.objects.filter(suite=run.suite_id)
    if asked.kind:
        baseline, candidate = KINDS[asked.kind]
        rows = rows.filter(
            _right(run, 0, asked.grader, is_right=baseline),
            _right(run, asked.candidate, asked.grader, is_right=candidate),
        )
    return rows.order_by("position")


def _right(run: Run, position: int, grader: int, *, is_right: bool) -> Exists:
    counts = Q(override=is_right) | Q(override=None, passed=is_right)
    of_model = Score.objects.filter(
        counts, answer__run=run, answer__candidate__position=position, grader=grader
    )
    return Exists(of_model.filter(answer__case=OuterRef("pk")))


def rows(run: Run, shown: Sequence[Case]) -> list[RowShown]:
    """Return these rows with every model's answer and its scores; three queries."""
    candidates = list(run.candidates.all())
    told = Answer.objects.filter(run=run, case__in=shown).prefetch_related("scores")
    found = {(answer.case_id, answer.candidate_id): answer for answer in told}
    return [
        RowShown(
            case,
            [_shown(candidate, found.get((case.pk, candidate.pk))) for candidate in candidates],
        )
        for case in shown
    ]


def _shown(candidate: Candidate, answer: Answer | None) -> AnswerShown:
    return AnswerShown(candidate, answer, list(answer.scores.all()) if answer else [])


def _number(text: str, low: int, high: int) -> int:
    number = int(text) if text.isdecimal() and len(text) < 6 else low
    return min(max(number, low), high)
