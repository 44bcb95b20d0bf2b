"""How each model does by itself, by each grader: the mean of its questions with an interval."""

from collections.abc import Sequence
from typing import Any

from apps.evals import statistics
from apps.evals.models import Candidate, Case
from apps.evals.verdicts.outcomes import Outcomes


def shares(
    outcomes: Outcomes, grader: int, cases: Sequence[Case] | None = None
) -> list[dict[str, Any]]:
    """Return how each model does on these questions, or on all; nothing where it has no value."""
    found = (share_of(outcomes, grader, each, cases) for each in outcomes.candidates)
    return [share for share in found if share]


def share_of(
    outcomes: Outcomes, grader: int, candidate: Candidate, cases: Sequence[Case] | None = None
) -> dict[str, Any] | None:
    """Return how one model does; None where it has no value."""
    column = outcomes.column(grader, candidate, cases)
    values = [each for each in column if each is not None]
    is_score = grader in outcomes.score_only
    share = statistics.measured(values, is_score=is_score)
    if share is None:
        return None
    is_pass = not is_score and outcomes.run.samples == 1
    return {
        "grader": grader,
        "position": candidate.position,
        "rows": len(values),
        "mean": share.estimate,
        "low": share.low,
        "high": share.high,
        "passed": sum(value > 0 for value in values) if is_pass else None,
        "is_score": is_score,
    }
