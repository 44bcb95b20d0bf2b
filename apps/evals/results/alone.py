"""What a run of one model says in words: how good it is, by each grader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import ngettext

from apps.evals import statistics
from apps.evals.models import Candidate, Run
from apps.evals.questions.grader_words import name_of
from apps.evals.results import headlines


@dataclass(frozen=True, slots=True)
class Standing:
    """What one grader says of the only model, and how many questions it gets right."""

    grader: int
    words: str
    right: int | None  # None: a question is more than right or wrong
    wrong: int | None
    leaks: str  # how many questions it was trained on, and what is left without
    agreement: str  # whether the judge says what people say


def standings(run: Run, candidates: Sequence[Candidate]) -> list[Standing]:
    """Return one for each grader that has a value; nothing where several models were asked."""
    if len(candidates) != 1:
        return []
    told = run.result.get("shares", [])
    return [_standing(run, candidates[0], each) for each in told]


def _standing(run: Run, candidate: Candidate, told: Mapping[str, Any]) -> Standing:
    passed = told["passed"]
    return Standing(
        grader=told["grader"],
        words=_words(run, candidate, told),
        right=passed,
        wrong=None if passed is None else told["rows"] - passed,
        leaks=_leaks(run, candidate, told["grader"]),
        agreement=headlines.agreement(run, told["grader"]),
    )


def _words(run: Run, candidate: Candidate, told: Mapping[str, Any]) -> str:
    return statistics.standing(
        statistics.Interval(told["mean"], told["low"], told["high"]),
        name=candidate.label,
        measure=name_of(run.suite.graders[told["grader"]]),
        rows=told["rows"],
        passed=told["passed"],
        is_score=told["is_score"],
    )


def _leaks(run: Run, candidate: Candidate, grader: int) -> str:
    """Say how many questions were trained on, then how good it is without them."""
    found = headlines.leaked(run, 0)
    if not found:
        return ""
    leaks = run.result["leaks"]
    said = headlines.leaked_words(len(found), leaks["cases"])
    rest = [each for each in leaks["shares"] if each["grader"] == grader]
    if not rest:
        return said
    words = ngettext("Without it: %(verdict)s", "Without them: %(verdict)s", len(found))
    return f"{said} {words % {'verdict': _words(run, candidate, rest[0])}}"
