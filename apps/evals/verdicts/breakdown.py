"""The same verdict for parts of the questions: by label, length, language or topic."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from apps.evals import statistics
from apps.evals.models import Case
from apps.evals.verdicts import kept
from apps.evals.verdicts.outcomes import Outcomes
from apps.evals.verdicts.shares import share_of

MOST_SLICES = 40  # of a run, the largest; more is no table for a page
LONGEST_VALUE = 100  # characters

Key = tuple[str, str]  # by what, and which: "language", "de"


def reports(outcomes: Outcomes) -> list[dict[str, Any]]:
    """Compare the models in every slice by every grader.

    P-values are corrected (Holm) for the number of slices that are large enough to tell anything:
    who looks at twenty finds one by chance.
    """
    slices = slices_of(outcomes.cases)
    graders = range(len(outcomes.run.suite.graders))
    return [each for grader in graders for each in _by_grader(outcomes, grader, slices)]


def slices_of(cases: Sequence[Case]) -> Mapping[Key, Sequence[Case]]:
    """Return the largest slices with their questions; one that holds every question is none."""
    found: defaultdict[Key, list[Case]] = defaultdict(list)
    for case in cases:
        for name, value in case.slices.items():
            found[str(name)[:LONGEST_VALUE], str(value)[:LONGEST_VALUE]].append(case)
    parts = {key: part for key, part in found.items() if len(part) < len(cases)}
    largest = sorted(parts, key=lambda key: (-len(parts[key]), key))[:MOST_SLICES]
    return {key: parts[key] for key in sorted(largest)}


def _by_grader(
    outcomes: Outcomes, grader: int, slices: Mapping[Key, Sequence[Case]]
) -> list[dict[str, Any]]:
    columns = [_compared(outcomes, grader, place, slices) for place in _others(outcomes)]
    return [
        {
            "name": name,
            "value": value,
            "grader": grader,
            "cases": len(cases),
            "means": [_mean(outcomes, grader, place, cases) for place in _all(outcomes)],
            "comparisons": [
                kept.written(column[number], position=place)
                for place, column in zip(_others(outcomes), columns, strict=True)
            ],
            **_alone(outcomes, grader, cases),
        }
        for number, ((name, value), cases) in enumerate(slices.items())
    ]


def _alone(outcomes: Outcomes, grader: int, cases: Sequence[Case]) -> dict[str, Any]:
    """Return how the only model does; nothing where there is something to compare it with."""
    if not outcomes.is_alone:
        return {}
    return {"alone": share_of(outcomes, grader, outcomes.candidates[0], cases)}


def _compared(
    outcomes: Outcomes, grader: int, place: int, slices: Mapping[Key, Sequence[Case]]
) -> list[statistics.Comparison]:
    candidate = outcomes.candidates[place]
    found = (
        outcomes.compare(grader, candidate, cases, is_one_of_many=True) for cases in slices.values()
    )
    return statistics.corrected(list(found), plans=False)


def _mean(outcomes: Outcomes, grader: int, place: int, cases: Sequence[Case]) -> float | None:
    column = outcomes.column(grader, outcomes.candidates[place], cases)
    values = [each for each in column if each is not None]
    return sum(values) / len(values) if values else None


def _others(outcomes: Outcomes) -> range:
    return range(1, len(outcomes.candidates))


def _all(outcomes: Outcomes) -> range:
    return range(len(outcomes.candidates))
