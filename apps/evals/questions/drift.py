"""The drift card: a small fixed set that shows what tuning made a model forget."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from apps.evals.graders import Kind
from apps.evals.models import Suite
from apps.evals.questions.authoring import Material
from apps.evals.questions.cases import Question
from apps.evals.questions.grader_words import OWN_WORDS

FILE = Path(__file__).parent.parent / "data" / "drift.toml"
GRADERS = [{"kind": str(Kind.CASE)}]


def material() -> Material:
    """Return the questions of the card, each with a grader of its own."""
    told = _told()
    found = [_question(each, told["graders"]) for each in told["questions"]]
    name = _("Drift card, version %(version)d") % {"version": version()}
    return Material(Suite.Kind.DRIFT, found, name, field="")


def version() -> int:
    """Return the version of the card that new suites get."""
    return int(_told()["version"])


def _question(told: Mapping[str, Any], graders: Mapping[str, Any]) -> Question:
    system = [{"role": "system", "content": told["system"]}] if "system" in told else []
    grader = told["grader"]
    return Question(
        messages=[*system, {"role": "user", "content": told["ask"]}],
        expected=told.get("expected", ""),
        grader=_shared(grader, graders) if isinstance(grader, str) else grader,
        slices={"topic": told["topic"]},
    )


def _shared(name: str, graders: Mapping[str, Any]) -> dict[str, Any]:
    """Return a grader that several questions have, with the name that its words go by."""
    return {"name": name if name in OWN_WORDS else "language", **graders[name]}


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text())
