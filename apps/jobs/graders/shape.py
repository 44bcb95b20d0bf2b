"""What a grader may be: OpenAI's shape, without the kinds that run code or ask a model (pure)."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.jobs.graders.formula import FUNCTIONS, FormulaRefused, read_formula
from apps.jobs.graders.templates import Template

MAX_GRADERS = 8
MAX_TEXT = 10_000
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class Kind(models.TextChoices):
    STRING_CHECK = "string_check", gettext_lazy("Compare exactly")
    TEXT_SIMILARITY = "text_similarity", gettext_lazy("Measure similarity")


class Operation(models.TextChoices):
    EQ = "eq", gettext_lazy("is the same as")
    NE = "ne", gettext_lazy("is not the same as")
    LIKE = "like", gettext_lazy("contains")
    ILIKE = "ilike", gettext_lazy("contains, whatever the case")


class Metric(models.TextChoices):
    FUZZY_MATCH = "fuzzy_match", gettext_lazy("Characters in common (fuzzy match)")
    BLEU = "bleu", "BLEU"
    GLEU = "gleu", "GLEU"
    METEOR = "meteor", "METEOR"
    COSINE = "cosine", gettext_lazy("Meaning (cosine of embeddings)")
    ROUGE_1 = "rouge_1", "ROUGE-1"
    ROUGE_2 = "rouge_2", "ROUGE-2"
    ROUGE_3 = "rouge_3", "ROUGE-3"
    ROUGE_4 = "rouge_4", "ROUGE-4"
    ROUGE_5 = "rouge_5", "ROUGE-5"
    ROUGE_L = "rouge_l", "ROUGE-L"


MULTI = "multi"
EXACT_KEYS = {"type", "name", "input", "reference", "operation"}
SIMILAR_KEYS = {"type", "name", "input", "reference", "evaluation_metric"}
MULTI_KEYS = {"type", "name", "graders", "calculate_output"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one part of a grader. `field` is its name in the shape."""

    field: str
    message: str
    grader: str = ""  # which of several


def problems(grader: Mapping[str, Any], keys: Collection[str] | None = None) -> Iterator[Problem]:
    """Say what is wrong with a grader. `keys`: those of the rows, where they are known."""
    if grader.get("type") != MULTI:
        yield from single_problems(grader, keys)
        return
    parts = grader.get("graders")
    if not isinstance(parts, dict) or not 2 <= len(parts) <= MAX_GRADERS:
        words = _("Several graders are from 2 to %(limit)d.")
        yield Problem("graders", words % {"limit": MAX_GRADERS})
        return
    for name, part in parts.items():
        found = single_problems(part, keys) if isinstance(part, dict) else iter([_unknown()])
        for problem in found:
            yield Problem(problem.field, problem.message, str(name))
    yield from _foreign_keys(grader, MULTI_KEYS)
    if words := formula_problem(grader.get("calculate_output"), parts):
        yield Problem("calculate_output", words)


def single_problems(
    grader: Mapping[str, Any], keys: Collection[str] | None = None
) -> Iterator[Problem]:
    """Say what is wrong with one grader that stands alone or within several."""
    kind = grader.get("type")
    if kind not in Kind.values:
        yield _unknown()
        return
    if not NAME.fullmatch(str(grader.get("name", ""))) or grader["name"] in FUNCTIONS:
        words = _("Use letters, digits and _ for the name; it is a word of the formula.")
        yield Problem("name", words)
    if kind == Kind.STRING_CHECK:
        yield from _foreign_keys(grader, EXACT_KEYS)
        yield from _choice(grader, "operation", Operation.values)
    else:
        yield from _foreign_keys(grader, SIMILAR_KEYS)
        yield from _choice(grader, "evaluation_metric", Metric.values)
    for field in ("input", "reference"):
        if problem := text_problem(grader.get(field), keys):
            yield Problem(field, problem)
    texts = [Template(str(grader.get(field, ""))) for field in ("input", "reference")]
    if not any(text.reads_the_answer for text in texts):
        words = _("It never reads the model's answer: use {{sample.output_text}} in one of both.")
        yield Problem("input", words)


def text_problem(text: object, keys: Collection[str] | None = None) -> str:
    """Say what is wrong with a template; empty when it can be filled in."""
    if not isinstance(text, str) or not text.strip():
        return _("Enter what to compare.")
    if len(text) > MAX_TEXT:
        return _("Use at most %(limit)d characters.") % {"limit": MAX_TEXT}
    template = Template(text)
    if template.has_loose_braces:
        return _("Every {{ needs its }}.")
    if template.unknown:
        words = _("“%(name)s” cannot be filled in. Use sample.output_text, or item. and a key.")
        return words % {"name": template.unknown[0][:80]}
    missing = [key for key in template.keys if keys is not None and key not in keys]
    if missing:
        words = _("The rows have no key “%(key)s”. They have: %(known)s.")
        return words % {"key": missing[0][:80], "known": ", ".join(keys or ()) or "–"}
    return ""


def formula_problem(text: object, names: Collection[str]) -> str:
    """Say what is wrong with the formula of these graders."""
    if not isinstance(text, str) or not text.strip():
        return _("Enter a formula of the graders' names.")
    try:
        formula = read_formula(text)
    except FormulaRefused as refusal:
        return str(refusal)
    if unknown := sorted(formula.names.difference(names)):
        words = _("There is no grader “%(name)s”. There are: %(known)s.")
        return words % {"name": unknown[0], "known": ", ".join(names)}
    return "" if formula.names else _("Use at least one grader in the formula.")


def mean_of(names: Collection[str]) -> str:
    """Return the formula that weighs all graders alike."""
    return f"({' + '.join(names)}) / {len(names)}"


def _choice(grader: Mapping[str, Any], field: str, known: Collection[str]) -> Iterator[Problem]:
    if grader.get(field) not in known:
        yield Problem(field, _("Choose one of these: %(known)s.") % {"known": ", ".join(known)})


def _foreign_keys(grader: Mapping[str, Any], known: Collection[str]) -> Iterator[Problem]:
    for key in grader:
        if key not in known:
            yield Problem(
                "type", _("“%(key)s” is no part of this grader.") % {"key": str(key)[:80]}
            )


def _unknown() -> Problem:
    known = ", ".join((*Kind.values, MULTI))
    words = _("Retune takes graders of these kinds: %(known)s. Code of yours is never run.")
    return Problem("type", words % {"known": known})
