"""Questions of evals and saved cases as prompts: what fills the composer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.core.typed import uuid_of, whole_of
from apps.datasets.rows import calls
from apps.datasets.rows.questions import Question
from apps.evals.models import Case, Run, SavedCase
from apps.playground.data import rows
from apps.playground.data.rows import Loaded

NAMES = ("data", "row", "saved", "run", "question")  # in addresses and forms


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedCase(Loaded):
    """A question that stands in no dataset any more, or never did."""

    title: str
    address: str
    key: Mapping[str, Any]  # what the composer sends to name it


def loaded(membership: Membership, query: Mapping[str, str]) -> Loaded | None:
    """Return what an address or a form names: a row, a saved case, or a question of a run."""
    if query.get("data"):
        return rows.loaded(membership, query["data"], query.get("row", ""))
    if query.get("saved"):
        return _saved(membership, query["saved"])
    if query.get("run"):
        return _asked(membership, query["run"], query.get("question", ""))
    return None


def _saved(membership: Membership, public_id: str) -> LoadedCase | None:
    wanted = uuid_of(public_id)
    mine = SavedCase.objects.visible_to(membership)
    case = mine.filter(public_id=wanted).first() if wanted else None
    if case is None:
        return None
    return LoadedCase(
        title=_("Saved case of “%(collection)s”") % {"collection": case.collection},
        address=reverse("evals:case", args=[case.public_id]),
        key={"saved": case.public_id},
        **_facts(case),
    )


def _asked(membership: Membership, public_id: str, position: str) -> LoadedCase | None:
    wanted, number = uuid_of(public_id), whole_of(position)
    run = Run.objects.visible_to(membership).filter(public_id=wanted).first() if wanted else None
    case = Case.objects.filter(suite=run.suite_id, position=number).first() if run else None
    if run is None or case is None:
        return None
    told = {"number": intcomma(number), "name": run}
    return LoadedCase(
        title=_("Question %(number)s of %(name)s") % told,
        address=reverse("evals:row", args=[run.public_id, number]),
        key={"run": run.public_id, "question": number},
        **_facts(case),
    )


def _facts(case: Case | SavedCase) -> dict[str, Any]:
    """Return what the composer holds of a case; nothing where nobody asks."""
    if not any(message.get("role") == "user" for message in case.messages):
        return {"notes": (rows.Note.ASKS_NOTHING,)}
    tools = case.tools if isinstance(case, Case) else []
    is_call = bool(calls.in_text(case.expected))
    return rows.facts_of(Question(case.messages, case.expected, tools, calls_tool=is_call))
