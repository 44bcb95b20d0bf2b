"""Compares the models of a run: by each grader, row by row, with the first one."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from apps.evals import classes, statistics
from apps.evals.models import Candidate, Run, Score

Verdicts = dict[int, bool | None]  # by case


def judge(run_id: int) -> None:
    """Write what the answers say of the models; the same answers always say the same."""
    run = Run.objects.select_related("suite").get(pk=run_id)
    candidates = list(run.candidates.all())
    comparisons = [
        comparison
        for place in range(len(run.suite.graders))
        for comparison in _compared(run, place, candidates)
    ]
    result = {"comparisons": comparisons, "classes": classes.reports(run, candidates)}
    Run.objects.filter(pk=run.pk).update(result=result)


def _compared(run: Run, place: int, candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """Compare every model with the first by one grader, corrected for their number."""
    cases = list(run.suite.cases.values_list("pk", flat=True))
    told = {candidate.pk: _verdicts(run, place, candidate) for candidate in candidates}
    first, *others = ([told[candidate.pk].get(case) for case in cases] for candidate in candidates)
    found = statistics.corrected([statistics.compare_pass(first, other) for other in others])
    return [
        _kept(place, candidate, comparison)
        for candidate, comparison in zip(candidates[1:], found, strict=True)
    ]


def _verdicts(run: Run, place: int, candidate: Candidate) -> Verdicts:
    scores = Score.objects.filter(answer__run=run, answer__candidate=candidate, grader=place)
    return {score.answer.case_id: score.counts for score in scores.select_related("answer")}


def _kept(place: int, candidate: Candidate, comparison: statistics.Comparison) -> dict[str, Any]:
    """Return a comparison as the row of the run keeps it; two of its words mean two things."""
    facts = asdict(comparison)
    mean = facts.pop("candidate")
    return {**facts, "grader": place, "position": candidate.position, "candidate_mean": mean}
