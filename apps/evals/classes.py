"""How well the models of a run put rows into classes: one report per model and label grader."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.evals import graders, statistics
from apps.evals.models import Answer, Candidate, Run

MOST_SHOWN = 20  # labels; a larger table is no table for a page


def reports(run: Run, candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """Return what the row of the run keeps; nothing for suites without labels."""
    by_label = [
        (place, grader)
        for place, grader in enumerate(run.suite.graders)
        if grader["kind"] == graders.Kind.LABEL
    ]
    found = [
        _report(place, grader, candidate) for place, grader in by_label for candidate in candidates
    ]
    return [report for report in found if report]


def _report(place: int, grader: Mapping[str, Any], candidate: Candidate) -> dict[str, Any] | None:
    done = Answer.objects.filter(candidate=candidate, status=Answer.Status.DONE)
    expected, predicted = [], []
    for wanted, text in done.order_by("case__position").values_list("case__expected", "text"):
        label = graders.label_of(grader, wanted)
        if label is not None:
            expected.append(label)
            predicted.append(graders.label_of(grader, text))
    report = statistics.classification(expected, predicted)
    if report is None or len(report.labels) > MOST_SHOWN:
        return None
    return {"grader": place, "position": candidate.position, **_kept(report)}


def _kept(report: statistics.ClassReport) -> dict[str, Any]:
    scores = ("label", "support", "predicted", "precision", "recall", "f1")
    return {
        "labels": list(report.labels),
        "confusion": [list(row) for row in report.confusion],
        "classes": [{name: getattr(each, name) for name in scores} for each in report.classes],
        "accuracy": report.accuracy.estimate,
        "macro_f1": report.macro_f1,
        "weighted_f1": report.weighted_f1,
    }
