"""Regular expressions by RE2: linear in the answer, whatever the pattern.

A backtracking engine, Python's or one with a timeout, is either hung by `(a+)+$` or gives another
verdict on a slower machine. RE2 has neither; it has no lookaround and no back-references instead.
Where its automaton outgrows its memory, time is linear in pattern size times text; so the text is
cut where that product is too large.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from apps.evals.graders.texts import normal
from apps.evals.graders.types import Grade, Grading, Options, Problem

MOST_PATTERN = 1_000
MOST_MEMORY = 8 << 20
MOST_SEARCHED = 100_000
MOST_STEPS = 200_000_000  # instructions times characters: four seconds at the very worst
UNKNOWN = ("invalid perl operator", "invalid escape sequence")


def regex(options: Options) -> Grading:
    """The pattern fits somewhere, fits the whole, fits nowhere, or picks what is expected."""
    pattern = compiled(options["pattern"], ignores_case=options["ignore_case"])
    limit = searched(pattern)

    def grading(expected: str, answer: str) -> Grade:
        text = answer.strip()
        search = pattern.fullmatch if options["mode"] == "whole" else pattern.search
        found = search(text[:limit])
        if found is None or (len(text) > limit and options["mode"] == "whole"):
            return _not_found(options["mode"], limit if len(text) > limit else None)
        if options["mode"] == "nowhere":
            return Grade.wrong("pattern_unwanted", text=found.group(0))
        if options["mode"] == "picks":
            return _picked(found.group(1) or "", expected)
        return Grade.right("pattern_found", text=found.group(0))

    return grading


def regex_problems(options: Options) -> Iterator[Problem]:
    """Say what RE2 says about a pattern."""
    try:
        pattern = compiled(options["pattern"], ignores_case=options["ignore_case"])
    except ValueError as refusal:
        yield Problem("pattern", str(refusal))
        return
    if options["mode"] == "picks" and pattern.groups != 1:
        yield Problem("pattern", _("Put what is compared in one pair of parentheses."))


@lru_cache(maxsize=256)
def compiled(pattern: str, *, ignores_case: bool = False) -> Any:
    """Return a pattern of RE2; raises ValueError with words for people."""
    import re2

    options = re2.Options()
    options.max_mem, options.log_errors = MOST_MEMORY, False
    options.case_sensitive = not ignores_case
    try:
        found = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise ValueError(_said(error)) from None
    if found.programsize * MOST_PATTERN > MOST_STEPS:
        raise ValueError(_("This pattern repeats too much."))
    return found


def searched(pattern: Any) -> int:
    """Return how many characters of an answer this pattern is tried on."""
    return min(MOST_SEARCHED, MOST_STEPS // max(1, int(pattern.programsize)))


def _said(error: Exception) -> str:
    raw = error.args[0] if error.args else ""
    said = raw.decode(errors="replace") if isinstance(raw, bytes) else str(error)
    if said.startswith(UNKNOWN):
        words = _("“%(part)s” is not known here: patterns have no lookaround or back-references.")
        return words % {"part": said.rpartition(": ")[2][:40]}
    return _("This is no pattern: %(said)s.") % {"said": said[:100]}


def _not_found(mode: str, limit: int | None) -> Grade:
    if limit is not None:
        said = Grade.right if mode == "nowhere" else Grade.wrong
        return said("pattern_cut", limit=limit)
    if mode == "nowhere":
        return Grade.right("pattern_absent")
    return Grade.wrong("pattern_not_whole" if mode == "whole" else "pattern_missing")


def _picked(picked: str, expected: str) -> Grade:
    looks = {"ignore_case": True}
    if normal(picked, looks) == normal(expected, looks):
        return Grade.right("group_same", answer=picked)
    return Grade.wrong("group_differs", answer=picked, expected=expected)
