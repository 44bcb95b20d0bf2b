"""How questions, answers and graders are shown. Everything in them was written by somebody else."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.evals import reviewing
from apps.evals.asking import judges
from apps.evals.models import Run, Score
from apps.evals.questions import slices
from apps.evals.questions.grader_words import name_of, own_words_of, words_of
from apps.evals.results.slice_rows import VALUES
from apps.evals.reviewing import Desk
from apps.evals.statistics import Comparison
from apps.evals.statistics.verdicts import effect_text, interval_text

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

register = template.Library()
LONGEST = 3_000  # characters of a text on a page
KIND_WORDS: dict[str, "StrPromise"] = {
    "": _("All"),
    "fixed": _("Fixed"),
    "broken": _("Broken"),
    "right": _("Both right"),
    "wrong": _("Both wrong"),
}
ROLES: dict[str, "StrPromise"] = {
    "system": _("System prompt"),
    "developer": _("System prompt"),
    "user": _("User"),
    "assistant": _("Assistant"),
    "tool": _("Tool"),
}
DEGREES: dict[str, "StrPromise"] = {  # where a question is more than right or wrong
    "": _("All"),
    "fixed": _("Better"),
    "broken": _("Worse"),
    "right": _("The same, mostly right"),
    "wrong": _("The same, mostly wrong"),
}
KIND_WORDS_ALONE: dict[str, "StrPromise"] = {  # of one model
    "": _("All"),
    "wrong": _("Wrong"),
    "right": _("Right"),
}
DEGREES_ALONE: dict[str, "StrPromise"] = {
    "": _("All"),
    "wrong": _("Mostly wrong"),
    "right": _("Mostly right"),
}
SETTINGS: dict[str, "StrPromise"] = {
    "temperature": _("a temperature"),
    "max_tokens": _("a longest answer"),
    "seed": _("a seed"),
    "logprobs": _("probabilities of words"),
    "tools": _("tools"),
}


@register.filter
def last_question(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return the last thing that a user says."""
    return cut_text(slices.last_question(messages)) or "–"


@register.filter
def cut_text(text: str) -> str:
    """Return the beginning of a long text."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


@register.filter
def as_said(messages: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return who says what; what is no text as JSON."""
    return [(_role(message), _said(message)) for message in messages]


@register.filter
def own_grader_words(grader: Mapping[str, Any]) -> str:
    """Say when an answer to one question is right, by the grader of that question."""
    return own_words_of(grader)


@register.filter
def grader_words(grader: Mapping[str, Any]) -> str:
    """Say when an answer is right."""
    return words_of(grader)


@register.filter
def grader_name(grader: Mapping[str, Any]) -> str:
    """Return what a grader is called."""
    return name_of(grader)


@register.filter
def slice_value(value: str, name: str) -> str:
    """Return the words of a part of the questions, as tables call it."""
    return str(VALUES.get((name, value), value))


@register.filter
def kinds(counts: Mapping[str, int], is_graded: object) -> list[tuple[str, "StrPromise", int]]:
    """Return the kinds of rows with their words, and how many there are of each."""
    if "fixed" in counts:
        words = DEGREES if is_graded else KIND_WORDS
    else:
        words = DEGREES_ALONE if is_graded else KIND_WORDS_ALONE
    return [(kind, words[kind], counts[kind or "all"]) for kind in words]


@register.filter
def at(values: Sequence[Any], place: int) -> Any:
    """Return what stands at a place of a sequence, None beyond its end."""
    return values[place] if 0 <= place < len(values) else None


@register.filter
def svg(number: float) -> str:
    """Write a number as SVG reads it, in every language."""
    return f"{number:.2f}"


@register.filter
def percent(share: float | str | None) -> str:
    """Show a share; a dash where there is none."""
    if share is None or isinstance(share, str):  # what a template does not find is ""
        return "–"
    return f"{floatformat(100 * share, -1)} %"


@register.filter
def moment(text: str | None) -> str:
    """Show a moment that was written down for programs; a dash where there is none."""
    if not text:
        return "–"
    at = datetime.fromisoformat(text).astimezone(UTC)
    return gettext("%(moment)s UTC") % {"moment": f"{at:%Y-%m-%d %H:%M}"}


@register.filter
def effect(comparison: Comparison) -> str:
    """Show a difference with its sign and unit."""
    return effect_text(comparison)


@register.filter
def interval(comparison: Comparison) -> str:
    """Show where the difference lies with 95 % confidence."""
    return interval_text(comparison)


def _role(message: Mapping[str, Any]) -> str:
    role = str(message.get("role", "–"))
    return str(ROLES.get(role, role))


def _said(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str) and set(message) <= {"role", "content", "name"}:
        return content
    rest = {name: told for name, told in message.items() if name != "role" and told is not None}
    return json.dumps(rest, ensure_ascii=False, indent=1)


@register.filter
def desks(run: Run, user: User) -> list[Desk]:
    """Return what people can vote on in a run."""
    return [Desk(run, place, user) for place in reviewing.places(run)]


@register.filter
def settings_names(names: Sequence[str]) -> str:
    """Return what people call these parameters of a request."""
    return ", ".join(str(SETTINGS.get(name, name)) for name in names)


@register.filter
def whole(number: float) -> int:
    """Return an estimate without figures that nobody can know."""
    count = round(number)
    return count if count < 1_000 else round(count, 2 - len(str(count)))


@register.filter
def has_failed_scores(run: Run) -> bool:
    """Say whether a judge or a model of vectors has given no word that can be read."""
    scores = Score.objects.filter(answer__run=run, status=Score.Status.FAILED)
    return bool(judges.connections(run)) and scores.exists()


@register.filter
def settings_words(run: Run) -> str:
    """Say with which settings all models of a run are asked."""
    degrees = "" if run.temperature is None else f"{run.temperature:.2g}"
    parts = (
        (run.samples > 1, _("%(value)s answers to each question"), run.samples),
        (degrees, _("temperature %(value)s"), number_format(degrees)),
        (run.max_tokens, _("at most %(value)s tokens"), intcomma(run.max_tokens or 0)),
        (run.seed is not None, _("seed %(value)s"), run.seed),
    )
    return " · ".join(words % {"value": value} for is_told, words, value in parts if is_told)


@register.filter
def rests_until(run: Run) -> datetime | None:
    """Return when a run goes on that waits for its providers; None while it moves."""
    is_resting = run.ended_at is None and run.lease_until is None
    soon = timezone.now() + timedelta(seconds=5)
    return run.next_look_at if is_resting and run.next_look_at > soon else None
