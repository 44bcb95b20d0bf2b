"""Compares the models of a run, by each grader, row by row, with the first; measures each alone."""

from typing import Any

from apps.evals import statistics
from apps.evals.models import Run
from apps.evals.verdicts import agreeing, breakdown, classes, kept, leaks, missing
from apps.evals.verdicts.outcomes import Outcomes, outcomes_of
from apps.evals.verdicts.shares import shares


def judge(run_id: int) -> None:
    """Write what the answers say of the models; the same answers always say the same."""
    run = Run.objects.select_related("suite__data").get(pk=run_id)
    outcomes = outcomes_of(run)
    graders = range(len(run.suite.graders))
    result = {
        "comparisons": [each for grader in graders for each in compared(outcomes, grader)],
        "shares": [each for grader in graders for each in shares(outcomes, grader)],
        "missing": missing.reasons(outcomes),
        "slices": breakdown.reports(outcomes),
        "leaks": leaks.report(outcomes),
        "classes": classes.reports(run, outcomes.candidates),
        "agreement": agreeing.reports(run),
    }
    Run.objects.filter(pk=run.pk).update(result=result)


def compared(outcomes: Outcomes, grader: int) -> list[dict[str, Any]]:
    """Compare every model with the first by one grader, corrected for their number."""
    others = outcomes.candidates[1:]
    found = statistics.corrected([outcomes.compare(grader, each) for each in others])
    return [
        kept.written(comparison, grader=grader, position=candidate.position)
        for candidate, comparison in zip(others, found, strict=True)
    ]
