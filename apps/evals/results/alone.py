"""What a run of one model says in words: how good it is, by each grader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
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
    """Return one for each grader of a judged run; nothing where several models were asked."""
    if len(candidates) != 1 or not run.result:
        return []
    told = {each["grader"]: each for each in run.result["shares"]}
    return [
        _standing(run, candidates[0], told[grader])
        if grader in told
        else _nothing(run, candidates[0], grader)
        for grader in range(len(run.suite.graders))
    ]


def _standing(run: Run, candidate: Candidate, told: Mapping[str, Any]) -> Standing:
    passed = told["passed"]
    return Standing(
        grader=told["grader"],
        words=f"{_words(run, candidate, told)} {_left_out(run, told)}".strip(),
        right=passed,
        wrong=None if passed is None else told["rows"] - passed,
        leaks=_leaks(run, candidate, told["grader"]),
        agreement=headlines.agreement(run, told["grader"]),
    )


def _nothing(run: Run, candidate: Candidate, grader: int) -> Standing:
    """Say that there is nothing to say: every question failed, or waits for somebody's word."""
    words = _("No answer of %(name)s has a result on %(measure)s, so nothing can be said of it.")
    measure = name_of(run.suite.graders[grader])
    said = words % {"name": candidate.label, "measure": measure}
    return Standing(grader, said, None, None, "", "")


def _left_out(run: Run, told: Mapping[str, Any]) -> str:
    count = run.result["leaks"]["cases"] - told["rows"]
    words = ngettext(
        "%(count)s question without a result is left out.",
        "%(count)s questions without a result are left out.",
        count,
    )
    return words % {"count": count} if count else ""


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
