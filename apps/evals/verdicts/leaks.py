"""Questions that a model was trained on: right answers to them prove nothing.

Which data a model was trained on is known for models that a job here made, and for those that were
trained further from them. Compared are digests of the question, without capitals and white space.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from apps.datasets.check import digests
from apps.datasets.models import Version
from apps.datasets.quality import leaks
from apps.evals import statistics
from apps.evals.models import Case
from apps.evals.verdicts import kept
from apps.evals.verdicts.lineage import UNKNOWN, Origin, origins
from apps.evals.verdicts.outcomes import Outcomes
from apps.evals.verdicts.shares import shares


def report(outcomes: Outcomes) -> dict[str, Any]:
    """Say of each model which questions were in its training data, and what is left without."""
    cases = list(outcomes.run.suite.cases.order_by("position"))
    mine = _numbers(cases)
    known = origins(outcomes.candidates)
    found = [
        _of_one(candidate.position, known[candidate.pk], mine, cases)
        for candidate in outcomes.candidates
    ]
    leaked = [set(each["questions"]) for each in found]
    return {
        "cases": len(cases),
        "models": found,
        "comparisons": _corrected(outcomes, leaked) if any(leaked) else [],
        "shares": _alone(outcomes, leaked[0]) if outcomes.is_alone and leaked[0] else [],
    }


def _of_one(
    position: int, origin: Origin, mine: leaks.Numbers, cases: Sequence[Case]
) -> dict[str, Any]:
    numbers = [leaks.numbers_of(version.path) for version in origin.data]
    there = [each for each in numbers if each is not None]
    whole = {int(place) for each in there for place in leaks.leaks(mine, each).loose}
    asked = {int(place) for each in there for place in leaks.same_questions(mine, each)}
    return {
        "position": position,
        "status": origin.status if len(there) == len(numbers) else UNKNOWN,
        "data": [_named(version) for version in origin.data],
        "questions": sorted(cases[place].position for place in asked | whole),
        "with_answer": len(whole),
    }


def _numbers(cases: Sequence[Case]) -> leaks.Numbers:
    """Digest the questions as the check digests the rows of a file."""
    rows = [
        {"messages": [*case.messages, {"role": "assistant", "content": case.expected}]}
        for case in cases
    ]
    return leaks.Numbers(
        exact=np.zeros(len(rows), np.uint64),  # a question is no row of a file
        loose=np.array([digests.loose(row) for row in rows], np.uint64),
        question=np.array([digests.question(row) for row in rows], np.uint64),
    )


def _corrected(outcomes: Outcomes, leaked: Sequence[set[int]]) -> list[dict[str, Any]]:
    """Compare once more, each model with the first, without what either was trained on."""
    return [
        kept.written(comparison, grader=grader, position=place + 1)
        for grader in range(len(outcomes.run.suite.graders))
        for place, comparison in enumerate(_without(outcomes, grader, leaked))
    ]


def _alone(outcomes: Outcomes, leaked: set[int]) -> list[dict[str, Any]]:
    """Measure the only model once more, without what it was trained on."""
    rest = [case for case in outcomes.cases if case.position not in leaked]
    graders = range(len(outcomes.run.suite.graders))
    return [each for grader in graders for each in shares(outcomes, grader, rest)]


def _without(
    outcomes: Outcomes, grader: int, leaked: Sequence[set[int]]
) -> list[statistics.Comparison]:
    found = [
        outcomes.compare(
            grader,
            candidate,
            [case for case in outcomes.cases if case.position not in leaked[0] | leaked[place]],
        )
        for place, candidate in enumerate(outcomes.candidates[1:], 1)
    ]
    return statistics.corrected(found)


def _named(version: Version) -> dict[str, str]:
    return {"id": str(version.public_id), "title": version.title, "sha256": version.sha256}
