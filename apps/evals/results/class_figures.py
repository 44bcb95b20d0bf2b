"""Classification as pages and files show it, also by the names of OpenAI's old files (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

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
    lines: Sequence[ClassLine]  # of very many labels, those of the most frequent
    columns: Sequence[str]
    confusion: Sequence[tuple[str, Sequence["Cell"]]]  # label, how often it was called what
    bins: Sequence["BinShown"]
    beta: str

    @property
    def accuracy(self) -> float:
        return 100 * float(self.told["accuracy"])

    @property
    def rest(self) -> int:
        """How many labels are not shown by themselves."""
        return len(self.told["labels"]) - len(self.lines)

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
    return [_classes(each, candidates[each["position"]], beta) for each in told]


def _classes(told: Mapping[str, Any], candidate: Candidate, beta: str) -> Classes:
    labels = told.get("shown") or told["labels"]
    figures = {each["label"]: each for each in told["classes"]}
    columns = [*labels, *([_("the rest")] if "shown" in told else [])]
    return Classes(
        candidate=candidate,
        told=told,
        lines=[ClassLine(figures[label], f_of(figures[label], beta)) for label in labels],
        columns=columns,
        confusion=[
            (label, _cells(place if place < len(labels) else None, counts))
            for place, (label, counts) in enumerate(zip(columns, told["confusion"], strict=True))
        ],
        bins=[BinShown(**bin_) for bin_ in (told.get("calibration") or {}).get("bins", [])],
        beta=beta,
    )


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
        **{f"classification/f{float(beta)}": f_of(figures, beta) for beta in sorted(BETAS)},
        "classification/auroc": figures.get("auroc"),
        "classification/auprc": figures.get("auprc"),
    }


def f_of(figures: Mapping[str, Any], beta: str) -> float | None:
    value: float | None = figures["f1"] if beta == "1" else figures.get("f_beta", {}).get(beta)
    return value


def _cells(place: int | None, counts: Sequence[int]) -> list[Cell]:
    """Return the cells of a row; the rest has no place: it may be mixed up within itself."""
    total = max(1, sum(counts))
    return [
        Cell(count, is_right=number == place, shade=-(-4 * count // total))
        for number, count in enumerate(counts)
    ]
