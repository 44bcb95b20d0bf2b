"""What of a run is looked at: which grader, which model, in which order. Read from an address."""

from dataclasses import dataclass

from django.http import QueryDict

from apps.evals.models import Run
from apps.evals.results.class_figures import BETAS
from apps.evals.results.slice_rows import SORTS


@dataclass(frozen=True, slots=True)
class Look:
    """The choices of a reader; nonsense in an address is as if it were not there."""

    grader: int
    candidate: int
    sort: str
    beta: str

    @property
    def next_effect(self) -> str:
        """The order that another press on the column of differences gives."""
        return "-effect" if self.sort == "effect" else "effect"


def look_of(query: QueryDict, run: Run, candidates: int) -> Look:
    """Read the choices from an address."""
    sort, beta = query.get("sort", ""), query.get("beta", "")
    return Look(
        grader=number(query.get("grader", ""), 0, max(0, len(run.suite.graders) - 1)),
        candidate=number(query.get("candidate", ""), 1, max(1, candidates - 1)),
        sort=sort if sort in SORTS else SORTS[0],
        beta=beta if beta in BETAS else BETAS[0],
    )


def number(text: str, low: int, high: int) -> int:
    """Return the number that a text holds, within these ends; the lower one for anything else."""
    found = int(text) if text.isdecimal() and text.isascii() and len(text) < 6 else low
    return min(max(found, low), high)
