"""What the graders of a suite say of answers; what a model has to say waits for it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.evals import graders
from apps.evals.asking import judges
from apps.evals.graders import Grade, Kind, embedding
from apps.evals.models import Answer, Score


def grade(answers: Sequence[Answer]) -> None:
    """Write a score for each grader of the suite and each of these answers."""
    scores = [score for answer in answers for score in _scores(answer)]
    Score.objects.bulk_create(scores, ignore_conflicts=True)


def told(grade: Grade) -> dict[str, Any]:
    """Return the columns of a score that is settled."""
    return {
        "status": Score.Status.DONE,
        "score": grade.score,
        "passed": grade.passed,
        "why": grade.why,
    }


def copied(known: Score) -> dict[str, Any]:
    """Return the columns of a score that the same judge gave to the same answer before."""
    kept = {name: getattr(known, name) for name in ("score", "passed", "why")}
    return {"status": Score.Status.DONE, "detail": {**known.detail, "is_copied": True}, **kept}


def _scores(answer: Answer) -> Iterator[Score]:
    for place, grader in enumerate(answer.run.suite.graders):
        yield Score(answer=answer, grader=place, **_columns(grader, answer))


def _columns(grader: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    expected, text = answer.case.expected, answer.text
    match grader["kind"]:
        case Kind.JUDGE:
            return _to_ask(grader, judges.conversations(grader, answer))
        case Kind.EMBEDDING if texts := embedding.texts(expected=expected, answer=text):
            return _to_ask(grader, texts)
        case Kind.EMBEDDING:
            return told(embedding.unasked(expected=expected))
    own = graders.for_case(grader, answer.case.grader)
    return told(graders.grade(own, expected=expected, answer=text))


def _to_ask(grader: Mapping[str, Any], material: object) -> dict[str, Any]:
    key = judges.content_key(grader, material)
    return {"status": Score.Status.WAITING, "content_key": key}
