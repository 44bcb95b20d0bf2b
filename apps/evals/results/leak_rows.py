"""What is known of each model's training data, as the page of a run says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.evals.models import Candidate, Run
from apps.evals.verdicts.lineage import TRAINED, UNTRAINED


@dataclass(frozen=True, slots=True)
class LeakRow:
    """One model: what it was trained on, and how many of the questions were in it."""

    candidate: Candidate
    words: str
    count: int
    first: int | None  # one of these questions, to look at


def rows(run: Run, candidates: Sequence[Candidate]) -> list[LeakRow]:
    """Return one line for each model of a judged run."""
    told = run.result.get("leaks", {})
    return [_row(each, candidates, told.get("cases", 0)) for each in told.get("models", [])]


def _row(told: dict[str, Any], candidates: Sequence[Candidate], cases: int) -> LeakRow:
    count = len(told["questions"])
    first = told["questions"][0] if count else None
    return LeakRow(candidates[told["position"]], _words(told, count, cases), count, first)


def _words(told: dict[str, Any], count: int, cases: int) -> str:
    if told["status"] == UNTRAINED:
        return _("Not trained here: there is no training data to compare with.")
    data = ", ".join(each["title"] for each in told["data"])
    if told["status"] != TRAINED and not data:
        return _("Its training data is not known here, so nobody can tell what it has seen.")
    words = {"count": count, "rows": cases, "data": data, "same": told["with_answer"]}
    found = ngettext(
        "%(count)d of %(rows)d questions was in %(data)s (%(same)d with the same answer).",
        "%(count)d of %(rows)d questions were in %(data)s (%(same)d with the same answer).",
        count,
    )
    said = found % words if count else _("None of %(rows)d questions was in %(data)s.") % words
    if told["status"] == TRAINED:
        return said
    return f"{said} {_('A part of its training data is not known here.')}"
