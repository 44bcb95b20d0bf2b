"""What a grader would say to one answer: our own evaluation, before anything is paid for (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.jobs.graders.formula import FormulaRefused, read_formula
from apps.jobs.graders.shape import MULTI, Kind, Metric, Operation
from apps.jobs.graders.similarity import MAX_CHARACTERS, MEASURES
from apps.jobs.graders.templates import Missing, Template


@dataclass(frozen=True, slots=True)
class Grade:
    """A score; None where there is none, and `trouble` says why, for people."""

    name: str
    score: float | None
    trouble: str = ""
    input: str = ""
    reference: str = ""
    parts: "tuple[Grade, ...]" = ()


def grade(grader: Mapping[str, Any], item: Mapping[str, Any], output_text: str) -> Grade:
    """Grade one answer to one row. The grader has no problems (`shape.problems`)."""
    if grader["type"] != MULTI:
        return _single(grader, item, output_text)
    named = {name: _single(part, item, output_text) for name, part in grader["graders"].items()}
    return _together(grader, named)


def _together(grader: Mapping[str, Any], named: dict[str, Grade]) -> Grade:
    parts = tuple(named.values())
    formula = read_formula(grader["calculate_output"])
    scores = {name: each.score for name, each in named.items() if each.score is not None}
    if unscored := sorted(formula.names.difference(scores)):
        words = _("“%(name)s” has no score.") % {"name": unscored[0]}
        return Grade(grader["name"], None, words, parts=parts)
    try:
        return Grade(grader["name"], formula.value(scores), parts=parts)
    except FormulaRefused as refusal:
        return Grade(grader["name"], None, str(refusal), parts=parts)


def _single(grader: Mapping[str, Any], item: Mapping[str, Any], output_text: str) -> Grade:
    name = grader["name"]
    try:
        ours = Template(grader["input"]).filled(item, output_text)
        theirs = Template(grader["reference"]).filled(item, output_text)
    except Missing as missing:
        words = _("This row has nothing at “%(path)s”.")
        return Grade(name, None, words % {"path": str(missing)[:80]})
    if grader["type"] == Kind.STRING_CHECK:
        return Grade(name, float(_compared(grader["operation"], ours, theirs)), "", ours, theirs)
    return _measured(name, grader["evaluation_metric"], ours, theirs)


def _compared(operation: str, text: str, reference: str) -> bool:
    if operation == Operation.LIKE:
        return reference in text
    if operation == Operation.ILIKE:
        return reference.casefold() in text.casefold()
    return (text == reference) == (operation == Operation.EQ)


def _measured(name: str, metric: str, text: str, reference: str) -> Grade:
    if metric not in MEASURES:
        words = _("“%(metric)s” is measured by the provider only.")
        return Grade(name, None, words % {"metric": Metric(metric).label}, text, reference)
    if max(len(text), len(reference)) > MAX_CHARACTERS:
        words = _("These texts are too long to be compared here.")
        return Grade(name, None, words, text, reference)
    return Grade(name, MEASURES[metric](text, reference), "", text, reference)
