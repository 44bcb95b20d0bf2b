"""Whether judges say what people say of the same answers."""

from collections import Counter, defaultdict
from typing import Any

from apps.evals import statistics
from apps.evals.graders import Kind
from apps.evals.models import HumanVote, Run, Score

Words = dict[int, bool | None]  # by answer


def reports(run: Run) -> list[dict[str, Any]]:
    """Return what the row of the run keeps: one entry for each judge that people were beside."""
    people = _people(run)
    kinds = [(place, grader["kind"]) for place, grader in enumerate(run.suite.graders)]
    human = [place for place, kind in kinds if kind == Kind.HUMAN]
    found = [
        _report(run, place, _first([people[place], *(people[each] for each in human)]))
        for place, kind in kinds
        if kind == Kind.JUDGE
    ]
    return [report for report in found if report]


def _report(run: Run, place: int, people: Words) -> dict[str, Any] | None:
    judged = Score.objects.filter(answer__run=run, grader=place, answer__in=people)
    told = dict(judged.order_by("answer").values_list("answer", "passed"))
    agreement = statistics.agreement(list(told.values()), [people[pk] for pk in told])
    if agreement is None:
        return None
    share = agreement.share
    kept = {"share": share.estimate, "low": share.low, "high": share.high}
    return {"grader": place, "rows": agreement.rows, "kappa": agreement.kappa, **kept}


def _people(run: Run) -> defaultdict[int, Words]:
    """Return what the majority says of each answer, by grader; None where it is a tie."""
    leads: defaultdict[int, Counter[int]] = defaultdict(Counter)
    votes = HumanVote.objects.filter(answer__run=run).values_list("grader", "answer", "passed")
    for place, answer, passed in votes:
        leads[place][answer] += 1 if passed else -1
    words = {
        place: {answer: lead > 0 if lead else None for answer, lead in each.items()}
        for place, each in leads.items()
    }
    return defaultdict(dict, words)


def _first(sources: list[Words]) -> Words:
    """Put together what people said, the earlier source before the later."""
    found: Words = {}
    for words in reversed(sources):
        found |= words
    return found
