"""Graders say whether an answer is good. A grader is data, never code of a user (pure).

What is wrong with an answer fails it; what is wrong with the row or the grader gives no grade, and
such rows are disclosed as skipped. Whatever the texts hold, grading ends and never raises.
What a judge is asked, and what it says, is in `judge`; what vectors say is in `embedding`.
"""

from apps.evals.graders.grading import check, for_case, grade, label_of, needs_expected
from apps.evals.graders.kinds import PURE, Kind
from apps.evals.graders.types import Grade, Problem

KINDS = tuple(Kind)

__all__ = [
    "KINDS",
    "PURE",
    "Grade",
    "Kind",
    "Problem",
    "check",
    "for_case",
    "grade",
    "label_of",
    "needs_expected",
]
