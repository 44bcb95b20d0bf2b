"""What the graders of a suite say of an answer."""

from apps.evals.graders import grade as grade_by
from apps.evals.models import Answer, Score


def grade(answer: Answer) -> None:
    """Write a score for each grader of the suite."""
    scores = []
    for place, grader in enumerate(answer.run.suite.graders):
        grade = grade_by(grader, expected=answer.case.expected, answer=answer.text)
        scores.append(
            Score(
                answer=answer,
                grader=place,
                score=grade.score,
                passed=grade.passed,
                why=grade.why,
            )
        )
    Score.objects.bulk_create(scores, ignore_conflicts=True)
