"""Classification as pages and files show it, also by the names of OpenAI's old files (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.evals.models import Candidate

BETAS = ("1", "0.5", "2")  # equal weight, more weight on precision, more on recall


@dataclass(frozen=True, slots=True)
class ClassLine:
    """The figures of one label."""

    figures: Mapping[str, Any]
    f: float | None  # of the chosen beta


@dataclass(frozen=True, slots=True)
class Classes:
    """How well one model puts rows into classes. `told`: what the run keeps."""

    candidate: Candidate
    told: Mapping[str, Any]
    lines: Sequence[ClassLine]
    confusion: Sequence[tuple[str, Sequence["Cell"]]]  # label, how often it was called what
    bins: Sequence["BinShown"]
    beta: str

    @property
    def accuracy(self) -> float:
        return 100 * float(self.told["accuracy"])

    @property
    def key(self) -> str:
        return f"{self.told['grader']}-{self.candidate.position}"


@dataclass(frozen=True, slots=True)
class Cell:
    """How often one label was taken for another. Shade: 0 to 4, of all rows of the label."""

    count: int
    is_right: bool
    shade: int


@dataclass(frozen=True, slots=True)
class BinShown:
    """Answers that a model was about as sure of."""

    low: float
    high: float
    rows: int
    confidence: float
    accuracy: float

    @property
    def confidence_percent(self) -> float:
        return 100 * self.confidence

    @property
    def accuracy_percent(self) -> float:
        return 100 * self.accuracy


def shown(
    told: Sequence[Mapping[str, Any]], candidates: Sequence[Candidate], beta: str = "1"
) -> list[Classes]:
    """Return every report with the F of this beta."""
    beta = beta if beta in BETAS else BETAS[0]
    return [
        Classes(
            candidate=candidates[each["position"]],
            told=each,
            lines=[ClassLine(figures, _f(figures, beta)) for figures in each["classes"]],
            confusion=list(
                zip(each["labels"], map(_cells, range(999), each["confusion"]), strict=False)
            ),
            bins=[BinShown(**bin_) for bin_ in (each.get("calibration") or {}).get("bins", [])],
            beta=beta,
        )
        for each in told
    ]


def old_metrics(told: Mapping[str, Any], positive: str | None = None) -> dict[str, float | None]:
    """Return the figures by the names of `classification/*` in OpenAI's old result files.

    For two labels those of the positive one (the last by the alphabet if none is named), for more
    the accuracy and the weighted F1, as there.
    """
    found: dict[str, float | None] = {
        "classification/accuracy": told["accuracy"],
        "classification/weighted_f1_score": told["weighted_f1"],
    }
    if len(told["labels"]) != 2:
        return found
    wanted = positive if positive in told["labels"] else told["labels"][-1]
    figures = next(each for each in told["classes"] if each["label"] == wanted)
    return {
        **found,
        "classification/precision": figures["precision"],
        "classification/recall": figures["recall"],
        **{f"classification/f{float(beta)}": _f(figures, beta) for beta in sorted(BETAS)},
        "classification/auroc": figures.get("auroc"),
        "classification/auprc": figures.get("auprc"),
    }


def _f(figures: Mapping[str, Any], beta: str) -> float | None:
    value: float | None = figures["f1"] if beta == "1" else figures.get("f_beta", {}).get(beta)
    return value


def _cells(place: int, counts: Sequence[int]) -> list[Cell]:
    total = max(1, sum(counts))
    return [
        Cell(count, is_right=number == place, shade=-(-4 * count // total))
        for number, count in enumerate(counts)
    ]
