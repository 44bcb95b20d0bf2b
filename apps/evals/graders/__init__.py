"""Graders say whether an answer is good. A grader is data, never code of a user (pure).

What is wrong with an answer fails it; what is wrong with the row or the grader gives no grade, and
such rows are disclosed as skipped. Whatever the texts hold, grading ends and never raises.
What a judge is asked, and what it says, is in `judge`.
"""

from apps.evals.graders.grading import check, grade, label_of
from apps.evals.graders.kinds import Kind
from apps.evals.graders.types import Grade, Problem

KINDS = tuple(Kind)

__all__ = ["KINDS", "Grade", "Kind", "Problem", "check", "grade", "label_of"]
