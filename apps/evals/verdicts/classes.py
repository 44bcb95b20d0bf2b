"""How well the models of a run put rows into classes: one report per model and label grader."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from apps.evals import graders, statistics
from apps.evals.models import Answer, Candidate, Run
from apps.evals.verdicts import probabilities

MOST_SHOWN = 50  # labels; a larger table is no table for a page
MOST_SCORED = 100  # labels; of more, hardly any begins with a token of its own
BETAS = (0.5, 2.0)
FIGURES = ("label", "support", "predicted", "precision", "recall", "f1", "auroc", "auprc")

Told = Sequence[tuple[str, str | None, Any]]  # expected label, that of the answer, probabilities


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
    told = _told(grader, candidate)
    labels = sorted({label for label, _, _ in told})
    found = _probabilities(grader, told, labels)
    report = statistics.classification(
        [label for label, _, _ in told],
        [predicted for _, predicted, _ in told],
        probabilities=[shares for shares, _ in found],
        betas=BETAS,
    )
    mixed = sorted({label for _, labels_mixed in found for label in labels_mixed})
    where = {"grader": place, "position": candidate.position, "mixed": mixed}
    return None if report is None else {**where, **_kept(report, told)}


def _told(grader: Mapping[str, Any], candidate: Candidate) -> Told:
    first = Answer.objects.filter(candidate=candidate, sample=0, status=Answer.Status.DONE)
    rows = first.order_by("case__position").values_list("case__expected", "text", "logprobs")
    return [
        (label, graders.label_of(grader, text), logprobs)
        for expected, text, logprobs in rows
        if (label := graders.label_of(grader, expected)) is not None
    ]


def _probabilities(
    grader: Mapping[str, Any], told: Told, labels: Sequence[str]
) -> list[tuple[dict[str, float] | None, set[str]]]:
    if len(labels) > MOST_SCORED:
        return [(None, set())] * len(told)
    ignore_case = grader.get("ignore_case", True)
    return [probabilities.label_shares(each, labels, ignore_case=ignore_case) for *_, each in told]


def _kept(report: statistics.ClassReport, told: Told) -> dict[str, Any]:
    return {
        "rows": report.rows,
        "labels": list(report.labels),
        **_table(report, told),
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


def _table(report: statistics.ClassReport, told: Told) -> dict[str, Any]:
    """Return which label was taken for which: of very many labels, the most frequent and the rest.

    The rest is the last row, and the column before answers that are no label. `pairs` then tells
    all of it: expected label, label of the answer (None for none), how often.
    """
    if len(report.labels) <= MOST_SHOWN:
        return {"confusion": [list(row) for row in report.confusion]}
    support = Counter(label for label, _, _ in told)
    shown = sorted(support, key=lambda label: (-support[label], label))[:MOST_SHOWN]
    known = set(report.labels)
    pairs = Counter((label, said if said in known else None) for label, said, _ in told)
    return {
        "shown": shown,
        "confusion": _folded(shown, pairs),
        "pairs": [[*pair, count] for pair, count in pairs.most_common()],
    }


def _folded(shown: Sequence[str], pairs: Mapping[tuple[str, str | None], int]) -> list[list[int]]:
    """Add up what is not shown by itself: one more row, one more column before “no label”."""
    places, rest = {label: place for place, label in enumerate(shown)}, len(shown)
    table = [[0] * (rest + 2) for _ in range(rest + 1)]
    for (label, said), count in pairs.items():
        column = rest + 1 if said is None else places.get(said, rest)
        table[places.get(label, rest)][column] += count
    return table
