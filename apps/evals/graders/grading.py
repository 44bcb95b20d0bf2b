"""The two doors: check a grader, grade an answer."""

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from apps.evals.graders import texts
from apps.evals.graders.fields import text
from apps.evals.graders.kinds import KINDS, Description, Kind
from apps.evals.graders.types import Grade, Grading, Options, Problem

logger = logging.getLogger(__name__)
LONGEST_NAME = 200
COMMON = ("kind", "name")


def check(grader: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a grader, at which path; nothing when it can be used."""
    kind = grader.get("kind") if isinstance(grader, Mapping) else None
    if not isinstance(kind, str) or kind not in set(Kind):
        words = _("Choose one of these: %(known)s.") % {"known": ", ".join(Kind)}
        return [Problem("kind", words)]
    known = KINDS[Kind(kind)]
    found = [Problem(name, words) for name, words in _field_problems(grader, known) if words]
    return found or list(known.problems(_options(grader, known)))


def for_case(grader: Mapping[str, Any], own: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the grader of one question: its own, where the suite's grader says so."""
    return own if own is not None and grader.get("kind") == Kind.CASE else grader


def grade(grader: Mapping[str, Any], *, expected: str, answer: str) -> Grade:
    """Grade one answer. Never raises and always ends; a judge's or a person's grade is None."""
    try:
        return _grade(grader, _clean(expected), _clean(answer))
    except Exception:
        # One strange row must not stop a run of thousands; the log says which grader it was.
        logger.exception("This grader could not grade an answer: %.200r", grader)
        return Grade.none("trouble")


def needs_expected(grader: Mapping[str, Any]) -> bool:
    """Say whether nothing can be graded without an expected answer."""
    known = KINDS[Kind(grader["kind"])]
    return known.needs_expected(_options(grader, known))


def label_of(grader: Mapping[str, Any], text_of_answer: str) -> str | None:
    """Return the label that a label grader reads in an answer, for the confusion matrix."""
    options = _options(grader, KINDS[Kind.LABEL])
    return texts.read_label(options, _clean(text_of_answer))


def _grade(grader: Mapping[str, Any], expected: str, answer: str) -> Grade:
    import orjson

    prepared = _prepared(orjson.dumps(dict(grader), option=orjson.OPT_SORT_KEYS))
    if isinstance(prepared, Grade):
        return prepared
    grading, needs_expected = prepared
    if needs_expected and not expected.strip():
        return Grade.none("nothing_expected")
    return grading(expected, answer)


@lru_cache(maxsize=256)
def _prepared(dumped: bytes) -> tuple[Grading, bool] | Grade:
    """Return how a grader grades, or the grade of each answer where it cannot.

    A run asks thousands of times: patterns and schemas are compiled once.
    """
    import orjson

    grader = orjson.loads(dumped)
    if problems := check(grader):
        return Grade.none("grader_problem", message=problems[0].message)
    known = KINDS[Kind(grader["kind"])]
    options = _options(grader, known)
    if grader["kind"] == Kind.CASE:
        return Grade.none("no_own_grader")
    if known.prepare is None:
        return Grade.none("asked_elsewhere")
    return known.prepare(options), known.needs_expected(options)


def _options(grader: Mapping[str, Any], known: Description) -> Options:
    """Return every field of a kind, as given or as it is when left out."""
    return {name: grader.get(name, field.default) for name, field in known.fields.items()}


def _field_problems(grader: Mapping[str, Any], known: Description) -> list[tuple[str, str]]:
    found = [
        (str(name)[:80], _("This is no field of this grader."))
        for name in grader
        if name not in known.fields and name not in COMMON
    ]
    if "name" in grader:
        found.append(("name", text(LONGEST_NAME).check(grader["name"])))
    for name, field in known.fields.items():
        if name in grader or field.is_required:
            found.append((name, field.check(grader.get(name))))
    return found


def _clean(words: str) -> str:
    """Replace halves of surrogate pairs: no text can be encoded with them."""
    return words if words.isascii() else words.encode("utf-8", "replace").decode()
