"""Rows to read: what the model fixed and what it broke, with every model's answer."""

from typing import Any

from apps.evals.models import Candidate, Run
from apps.evals.questions.slices import last_question
from apps.evals.results import flips, row_filters
from apps.evals.results.row_filters import Filters

MOST_ROWS = 50  # of all runs together
MOST_OF_A_KIND = 5  # of one run
LONGEST = 1_000  # characters of a text


def changed(
    run: Run, candidates: list[Candidate], place: int, *, most: int
) -> list[dict[str, Any]]:
    """Return the first rows of both kinds: the model at this place against the first.

    Of one model alone, those that it got wrong.
    """
    is_alone = len(candidates) == 1
    found: list[dict[str, Any]] = []
    for kind in ("wrong",) if is_alone else ("fixed", "broken"):
        room = max(0, min(MOST_OF_A_KIND, most - len(found)))
        filters = Filters(kind=kind, candidate=place, is_alone=is_alone)
        rows = row_filters.of_kind(row_filters.matching(run, filters), run, filters)
        shown = flips.rows(run, list(rows[:room]), candidates, view="", is_list=True)
        found += [_sample(kind, row) for row in shown]
    return found


def _sample(kind: str, row: flips.RowShown) -> dict[str, Any]:
    return {
        "kind": kind,
        "question": row.case.position,
        "asked": last_question(row.case.messages)[:LONGEST],
        "expected": row.case.expected[:LONGEST],
        "answers": [
            {
                "model": model.candidate.label,
                "text": model.answers[0].answer.text[:LONGEST] if model.answers else None,
            }
            for model in row.models
        ],
    }
