"""How well the models of a run put rows into classes: one report per model and label grader."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from apps.evals import graders, statistics
from apps.evals.models import Answer, Candidate, Run
from apps.evals.verdicts import probabilities

MOST_SHOWN = 50  # labels; a larger table is no table for a page
BETAS = (0.5, 2.0)
FIGURES = ("label", "support", "predicted", "precision", "recall", "f1", "auroc", "auprc")


def reports(run: Run, candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """Return what the row of the run keeps; nothing for suites without labels.

    Of several answers to a question the first counts: more of them are no further rows.
    """
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
    first = Answer.objects.filter(candidate=candidate, sample=0, status=Answer.Status.DONE)
    rows = first.order_by("case__position").values_list("case__expected", "text", "logprobs")
    told = [
        (label, graders.label_of(grader, text), logprobs)
        for expected, text, logprobs in rows
        if (label := graders.label_of(grader, expected)) is not None
    ]
    labels = sorted({label for label, _, _ in told})
    if not labels or len(labels) > MOST_SHOWN:
        return None
    found = [
        probabilities.label_shares(each, labels, ignore_case=grader.get("ignore_case", True))
        for _, _, each in told
    ]
    report = statistics.classification(
        [label for label, _, _ in told],
        [predicted for _, predicted, _ in told],
        probabilities=[shares for shares, _ in found],
        betas=BETAS,
    )
    mixed = sorted({label for _, labels_mixed in found for label in labels_mixed})
    where = {"grader": place, "position": candidate.position, "mixed": mixed}
    return None if report is None else {**where, **_kept(report)}


def _kept(report: statistics.ClassReport) -> dict[str, Any]:
    return {
        "rows": report.rows,
        "labels": list(report.labels),
        "confusion": [list(row) for row in report.confusion],
        "classes": [
            {name: getattr(each, name) for name in FIGURES}
            | {"f_beta": {f"{beta:g}": value for beta, value in each.f_beta.items()}}
            for each in report.classes
        ],
        "accuracy": report.accuracy.estimate,
        "accuracy_low": report.accuracy.low,
        "accuracy_high": report.accuracy.high,
        "macro_f1": report.macro_f1,
        "weighted_f1": report.weighted_f1,
        "auroc": report.auroc,
        "auprc": report.auprc,
        "scored_rows": report.scored_rows,
        "calibration": asdict(report.calibration) if report.calibration else None,
    }
