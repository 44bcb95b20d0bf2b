"""Labels: which are taken for which, and the figures of each.

Per class this gives what `classification/*` of OpenAI's old result files gave: precision, recall, F
of any beta, AUROC and AUPRC of the positive class, and weighted F1 of all.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from apps.evals.statistics.calibration import Calibration, calibration
from apps.evals.statistics.passes import proportion
from apps.evals.statistics.types import Interval

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Codes = npt.NDArray[np.int64]
    Shares = npt.NDArray[np.float64]

MOST_LABELS = 1_000
LEAST_PROBABILITY = 1e-9

Probabilities = Sequence[Mapping[str, float] | None]


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class against the rest. None: undefined, such as the precision of what was never said."""

    label: str
    support: int  # rows that should have it
    predicted: int  # rows that got it
    precision: float | None
    recall: float | None
    f1: float | None
    f_beta: Mapping[float, float | None] = field(default_factory=dict)
    auroc: float | None = None
    auprc: float | None = None  # average precision


@dataclass(frozen=True, slots=True)
class ClassReport:
    """How well rows are put into classes.

    `confusion[i][j]`: rows of label i that were called label j; its last column holds answers that
    are no label at all. `scored_rows` have probabilities: AUROC, AUPRC and calibration are theirs.
    """

    labels: tuple[str, ...]
    rows: int
    accuracy: Interval
    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[ClassScore, ...]
    macro_f1: float | None
    weighted_f1: float | None
    auroc: float | None = None  # mean of the classes, each against the rest
    auprc: float | None = None
    calibration: Calibration | None = None
    scored_rows: int = 0

    def of(self, label: str) -> ClassScore | None:
        """Return the figures of one class: of the positive one, for two classes."""
        return next((each for each in self.classes if each.label == label), None)


def classification(
    expected: Sequence[str],
    predicted: Sequence[str | None],
    *,
    probabilities: Probabilities | None = None,
    betas: Sequence[float] = (),
) -> ClassReport | None:
    """Judge predicted labels; an answer that is no label (or None) is a miss, never left out.

    `probabilities`: for each row what each label got, such as exp(logprob) of first tokens; they
    are made to sum to 1. Returns None without rows, or with more than 1,000 labels: no classes.
    """
    labels = tuple(sorted(set(expected)))
    if not labels or len(labels) > MOST_LABELS:
        return None
    codes = {label: code for code, label in enumerate(labels)}
    pairs = list(zip(expected, predicted, strict=True))
    truth, said = _coded(codes, [pair[0] for pair in pairs]), _coded(codes, predicted)
    scored, shares = _shares(codes, probabilities, len(pairs))
    classes = _classes(labels, truth, said, betas, truth[scored], shares)
    hits = int((truth == said).sum())
    accuracy = proportion(hits, len(pairs))
    assert accuracy is not None  # noqa: S101 (there are rows)
    return ClassReport(
        labels=labels,
        rows=len(pairs),
        accuracy=accuracy,
        confusion=_confusion(truth, said, len(labels)),
        classes=classes,
        macro_f1=_mean([each.f1 for each in classes]),
        weighted_f1=_mean([each.f1 for each in classes], [each.support for each in classes]),
        auroc=_mean([each.auroc for each in classes]),
        auprc=_mean([each.auprc for each in classes]),
        calibration=calibration(truth[scored], shares),
        scored_rows=len(scored),
    )


def _coded(codes: Mapping[str, int], labels: Sequence[str | None]) -> "Codes":
    """Return numbers for labels; what is no label gets the one after the last."""
    import numpy as np

    other = len(codes)
    return np.array([codes.get(label or "", other) for label in labels], dtype=np.int64)


def _shares(
    codes: Mapping[str, int], probabilities: Probabilities | None, rows: int
) -> tuple[list[int], "Shares"]:
    """Return which rows have probabilities, and these: a column for each label, summing to 1."""
    import numpy as np

    if probabilities is None:
        return [], np.zeros((0, len(codes)))
    if len(probabilities) != rows:
        raise ValueError("there are probabilities for each row, or none")
    table = [[(row or {}).get(label, 0.0) for label in codes] for row in probabilities]
    known = [place for place, row in enumerate(table) if _is_usable(row)]
    found = np.array([table[place] for place in known], dtype=np.float64)
    found = found.reshape(-1, len(codes))
    return known, found / found.sum(axis=1, keepdims=True)


def _is_usable(row: Sequence[float]) -> bool:
    return all(map(math.isfinite, row)) and min(row) >= 0 and sum(row) > LEAST_PROBABILITY


def _classes(
    labels: Sequence[str],
    truth: "Codes",
    said: "Codes",
    betas: Sequence[float],
    scored_truth: "Codes",
    shares: "Shares",
) -> tuple[ClassScore, ...]:
    by_beta = {beta: _precision_recall_f(truth, said, len(labels), beta) for beta in (1.0, *betas)}
    precision, recall, f1, support = by_beta[1.0]
    return tuple(
        ClassScore(
            label=label,
            support=int(support[code]),
            predicted=int((said == code).sum()),
            precision=_known(precision[code]),
            recall=_known(recall[code]),
            f1=_known(f1[code]),
            f_beta={beta: _known(by_beta[beta][2][code]) for beta in betas},
            auroc=_ranked("roc_auc_score", scored_truth == code, shares[:, code]),
            auprc=_ranked("average_precision_score", scored_truth == code, shares[:, code]),
        )
        for code, label in enumerate(labels)
    )


def _precision_recall_f(truth: "Codes", said: "Codes", count: int, beta: float) -> Any:
    from sklearn.metrics import precision_recall_fscore_support

    return precision_recall_fscore_support(
        truth, said, beta=beta, labels=range(count), average=None, zero_division=math.nan
    )


def _ranked(measure: str, is_class: Any, shares: Any) -> float | None:
    """Return AUROC or average precision; None where all rows, or none, are of the class."""
    from sklearn import metrics

    if not is_class.any() or is_class.all():
        return None
    return float(getattr(metrics, measure)(is_class, shares))


def _confusion(truth: "Codes", said: "Codes", count: int) -> tuple[tuple[int, ...], ...]:
    from sklearn.metrics import confusion_matrix

    table = confusion_matrix(truth, said, labels=range(count + 1))
    return tuple(tuple(int(number) for number in row) for row in table[:count])


def _known(number: Any) -> float | None:
    return float(number) if math.isfinite(number) else None


def _mean(values: Sequence[float | None], weights: Sequence[float] | None = None) -> float | None:
    """Return the mean of what is defined, None of nothing."""
    weights = weights or [1.0] * len(values)
    known = [
        (value, weight) for value, weight in zip(values, weights, strict=True) if value is not None
    ]
    total = math.fsum(weight for _, weight in known)
    return math.fsum(value * weight for value, weight in known) / total if total else None
