"""What people call the graders, and when each says that an answer is right."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.evals.graders import Kind

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LONGEST = 160  # characters of a text that somebody typed
MOST_LISTED = 8

KIND_WORDS: "dict[str, StrPromise]" = {
    Kind.NORMALISED: gettext_lazy("is the expected answer, apart from looks"),
    Kind.EXACT: gettext_lazy("is the expected answer, letter by letter"),
    Kind.CONTAINS: gettext_lazy("contains the expected answer, or texts that you list"),
    Kind.LABEL: gettext_lazy("begins with the expected label"),
    Kind.REGEX: gettext_lazy("fits a pattern"),
    Kind.SIMILARITY: gettext_lazy("is written much like the expected answer"),
    Kind.EMBEDDING: gettext_lazy("means much the same as the expected answer"),
    Kind.NUMBER: gettext_lazy("gives the expected number"),
    Kind.JSON_FIELDS: gettext_lazy("has the expected values in its JSON fields"),
    Kind.JSON_SCHEMA: gettext_lazy("is JSON that fits a schema"),
    Kind.JSON_VALID: gettext_lazy("is valid JSON"),
    Kind.JUDGE: gettext_lazy("satisfies a model that judges by your rubric"),
    Kind.HUMAN: gettext_lazy("satisfies people who vote"),
    Kind.CASE: gettext_lazy("does what its question asks for"),
}
KIND_NAMES: "dict[str, StrPromise]" = {
    Kind.NORMALISED: gettext_lazy("match"),
    Kind.EXACT: gettext_lazy("exact match"),
    Kind.CONTAINS: gettext_lazy("contains"),
    Kind.LABEL: gettext_lazy("label"),
    Kind.REGEX: gettext_lazy("pattern"),
    Kind.SIMILARITY: gettext_lazy("similarity"),
    Kind.EMBEDDING: gettext_lazy("meaning"),
    Kind.NUMBER: gettext_lazy("number"),
    Kind.JSON_FIELDS: gettext_lazy("JSON fields"),
    Kind.JSON_SCHEMA: gettext_lazy("JSON schema"),
    Kind.JSON_VALID: gettext_lazy("valid JSON"),
    Kind.JUDGE: gettext_lazy("judge"),
    Kind.HUMAN: gettext_lazy("people"),
    Kind.CASE: gettext_lazy("task done"),
}
METRIC_NAMES: "dict[str, StrPromise | str]" = {
    "fuzzy": gettext_lazy("fuzzy ratio"),
    "rouge_l": "ROUGE-L",
    "bleu": "BLEU",
    "chrf": "chrF",
}

# Names of graders of single questions, on the drift card: its patterns say nothing to people.
OWN_WORDS: "dict[str, StrPromise]" = {
    "refuses": gettext_lazy("refuses: it has some of the usual words of a refusal"),
    "answers": gettext_lazy("answers: it has none of the usual words of a refusal"),
    "language": gettext_lazy("is in the language asked for, by its script or small words"),
}

Grader = Mapping[str, Any]


def name_of(grader: Grader) -> str:
    """Return the name of a grader: its own, else that of its kind."""
    return str(grader.get("name") or KIND_NAMES.get(grader["kind"], grader["kind"]))


def words_of(grader: Grader) -> str:
    """Say when an answer is right, with what was chosen."""
    special = WORDS.get(grader["kind"])
    told = special(grader) if special else ""
    return told or str(KIND_WORDS.get(grader["kind"], grader["kind"]))


def own_words_of(grader: Grader) -> str:
    """Say when an answer to one question is right, by the grader of that question."""
    return str(OWN_WORDS.get(grader.get("name", "")) or words_of(grader))


def _normalised(grader: Grader) -> str:
    if not grader.get("ignore_case", True):
        return _("is the expected answer, but for spaces")
    if not grader.get("ignore_punctuation"):
        return _("is the expected answer, but for case and spaces")
    return _("is the expected answer, but for case, spaces and punctuation")


def _contains(grader: Grader) -> str:
    texts = grader.get("texts")
    if not texts:
        words = {"none": _("does not contain the expected answer")}
        return words.get(grader.get("mode", "all"), _("contains the expected answer"))
    words = {
        "all": _("contains all of these: %(texts)s"),
        "any": _("contains one of these: %(texts)s"),
        "none": _("contains none of these: %(texts)s"),
    }
    return words[grader.get("mode", "all")] % {"texts": _listed(texts)}


def _regex(grader: Grader) -> str:
    words = {
        "somewhere": _("has something that fits the pattern %(pattern)s"),
        "whole": _("fits the pattern %(pattern)s as a whole"),
        "nowhere": _("has nothing that fits the pattern %(pattern)s"),
        "picks": _("has the expected answer where the pattern %(pattern)s says"),
    }
    return words[grader.get("mode", "somewhere")] % {"pattern": _cut(grader.get("pattern", ""))}


def _similarity(grader: Grader) -> str:
    metric = grader.get("metric", "fuzzy")
    facts = {
        "metric": METRIC_NAMES.get(metric, metric),
        "threshold": grader.get("threshold", 0.8),
    }
    if facts["threshold"] is None:
        return _("is written like the expected answer, by a score of %(metric)s") % facts
    return _("is written like the expected answer: %(metric)s of at least %(threshold)g") % facts


def _embedding(grader: Grader) -> str:
    facts = {"model": grader.get("model", "–"), "threshold": grader.get("threshold", 0.8)}
    if facts["threshold"] is None:
        return _("means the same as the expected answer, by a score of %(model)s") % facts
    return (
        _("means the same as the expected answer: cosine of at least %(threshold)g by %(model)s")
        % facts
    )


def _number(grader: Grader) -> str:
    tolerance = grader.get("tolerance", 0)
    if not tolerance:
        return ""
    if grader.get("tolerance_of") == "expected":
        return _("gives the expected number, give or take %(percent)g %% of it") % {
            "percent": 100 * tolerance
        }
    return _("gives the expected number, give or take %(tolerance)g") % {"tolerance": tolerance}


def _json_fields(grader: Grader) -> str:
    if not grader.get("fields"):
        return ""
    words = _("has the expected values in these JSON fields: %(fields)s")
    return words % {"fields": _listed(grader["fields"])}


def _json_valid(grader: Grader) -> str:
    words = {"object": _("is a JSON object"), "array": _("is a JSON array")}
    return words.get(grader.get("root", "any"), "")


def _label(grader: Grader) -> str:
    if not grader.get("labels"):
        return ""
    words = _("begins with the expected one of these labels: %(labels)s")
    return words % {"labels": _listed(grader["labels"])}


def _judge(grader: Grader) -> str:
    facts = {"model": grader.get("model", "–"), "rubric": _cut(grader.get("rubric", ""))}
    return _("satisfies %(model)s, which judges by this rubric: %(rubric)s") % facts


def _human(grader: Grader) -> str:
    if not grader.get("instructions"):
        return ""
    words = _("satisfies people who vote by this: %(instructions)s")
    return words % {"instructions": _cut(grader["instructions"])}


WORDS: dict[str, Callable[[Grader], str]] = {
    Kind.NORMALISED: _normalised,
    Kind.CONTAINS: _contains,
    Kind.REGEX: _regex,
    Kind.SIMILARITY: _similarity,
    Kind.EMBEDDING: _embedding,
    Kind.NUMBER: _number,
    Kind.JSON_FIELDS: _json_fields,
    Kind.JSON_VALID: _json_valid,
    Kind.LABEL: _label,
    Kind.JUDGE: _judge,
    Kind.HUMAN: _human,
}


def _listed(texts: Sequence[str]) -> str:
    shown = ", ".join(f"“{_cut(text)}”" for text in texts[:MOST_LISTED])
    return f"{shown}, …" if len(texts) > MOST_LISTED else shown


def _cut(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(LONGEST)
