"""What the fields of graders are called on a form, and what they mean."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from apps.evals.graders import Kind

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    Words = tuple[StrPromise, StrPromise | str]

RUBRIC = _(
    "Pass the answer if it is correct, answers what was asked, and leaves out nothing that "
    "matters. Facts must agree with the reference; other words are fine.\n"
    "Fail it if anything in it is false or made up, if it misses the question, or if it refuses "
    "without need."
)
# kind → groups of the choice on the form
GROUPS: "tuple[tuple[StrPromise, tuple[Kind, ...]], ...]" = (
    (
        _("Text"),
        (Kind.NORMALISED, Kind.EXACT, Kind.CONTAINS, Kind.LABEL, Kind.REGEX, Kind.SIMILARITY),
    ),
    (
        _("Numbers and JSON"),
        (Kind.NUMBER, Kind.JSON_FIELDS, Kind.JSON_SCHEMA, Kind.JSON_VALID),
    ),
    (_("Judged by a model or by people"), (Kind.EMBEDDING, Kind.JUDGE, Kind.HUMAN)),
)
ABOUT: "dict[Kind, StrPromise]" = {
    Kind.EXACT: _("For codes and labels, where every letter counts."),
    Kind.NORMALISED: _(
        "For short answers. Spaces do not count, and signs that look the same are the same."
    ),
    Kind.CONTAINS: _("For longer answers that must name something, or must not."),
    Kind.LABEL: _(
        "For classification. What follows the label does not count. The run also shows precision, "
        "recall and which label was taken for which."
    ),
    Kind.REGEX: _(
        "For answers of a certain form. Patterns are RE2: as in most languages, without lookaround "
        "and back-references."
    ),
    Kind.SIMILARITY: _("For free text, as a rough measure. Other words for the same score low."),
    Kind.EMBEDDING: _(
        "For free text in any words. A model turns both texts into vectors; this costs a little "
        "for every answer. Texts that contradict each other can still be near."
    ),
    Kind.NUMBER: _(
        "For quantities. Thousand separators, units and percent signs in an answer are understood."
    ),
    Kind.JSON_FIELDS: _(
        "For extraction: the expected answer is JSON, and each field is compared. The score is the "
        "share of fields that are right."
    ),
    Kind.JSON_SCHEMA: _("For structured output: form alone, not whether the values are right."),
    Kind.JSON_VALID: _("For structured output that only has to be readable."),
    Kind.JUDGE: _(
        "For free text that only a reader can judge. It costs two questions for every answer: the "
        "judge sees answer and reference in either order, and where it contradicts itself there is "
        "no grade. Let people vote on some answers, too: the run then says how often both agree."
    ),
    Kind.HUMAN: _(
        "People of the workspace vote on the page of the run, without seeing which model answered. "
        "The majority counts."
    ),
    Kind.CASE: _("Each question has a grader of its own, as it stood in the suite."),
}
# field, or kind.field where the same name means something else
FIELDS: "dict[str, Words]" = {
    "trim": (_("Spaces before and after do not count"), ""),
    "ignore_case": (_("Capital and small letters are the same"), ""),
    "ignore_punctuation": (_("Punctuation does not count"), ""),
    "contains.texts": (
        _("Texts"),
        _("One per line. Left empty, the expected answer of each question is looked for."),
    ),
    "contains.mode": (_("The answer contains"), ""),
    "pattern": (_("Pattern"), _("Such as \\b\\d{3}-\\d{4}\\b.")),
    "regex.mode": (_("The pattern"), ""),
    "root": (_("It is"), ""),
    "allow_fence": (
        _("It may stand in a code fence"),
        _("Your program would have to take the fence away."),
    ),
    "schema": (_("JSON Schema"), _("Draft 2020-12 or draft 7. References stay within the schema.")),
    "fields": (
        _("Fields"),
        _("One per line, such as customer.name or items[0].price. Left empty, all of them."),
    ),
    "json_fields.tolerance": (
        _("Tolerance of numbers"),
        _("How far a number may be off. 0: not at all."),
    ),
    "tolerance": (_("Tolerance"), _("How far the number may be off. 0: not at all.")),
    "tolerance_of": (_("The tolerance is"), ""),
    "number.take": (_("Where an answer has several numbers"), ""),
    "decimal": (_("Decimal sign"), ""),
    "unit": (_("Units"), ""),
    "metric": (_("Measured by"), ""),
    "threshold": (
        _("Right from"),
        _("From 0 to 1. Left empty, there is a score but neither right nor wrong."),
    ),
    "labels": (
        _("Labels"),
        _("One per line. Left empty, the first line or word is taken for the label."),
    ),
    "label.take": (_("Without a list, the label is"), ""),
    "rubric": (_("Rubric"), _("What makes an answer good, and what makes it bad. Name the worst.")),
    "connection": (_("Connection"), ""),
    "judge.model": (
        _("Judge"),
        _("Take a model that is stronger than those it judges, and none of them."),
    ),
    "embedding.model": (_("Model that makes vectors"), _("Such as text-embedding-3-small.")),
    "scale": (_("It says"), ""),
    "images": (
        _("It sees the images of a question"),
        _("Take this off where the model takes text only: it would refuse what holds images."),
    ),
    "instructions": (
        _("What the voters should look at"),
        _("They see the question, the expected answer and this."),
    ),
}
CHOICES: "dict[str, StrPromise | str]" = {
    "contains.mode.all": _("all of them"),
    "contains.mode.any": _("at least one of them"),
    "contains.mode.none": _("none of them"),
    "regex.mode.somewhere": _("fits somewhere in the answer"),
    "regex.mode.whole": _("fits the whole answer"),
    "regex.mode.nowhere": _("must fit nowhere"),
    "regex.mode.picks": _("picks what is compared with the expected answer, in parentheses"),
    "root.any": _("any JSON"),
    "root.object": _("an object, {…}"),
    "root.array": _("an array, […]"),
    "tolerance_of.absolute": _("in its own unit"),
    "tolerance_of.expected": _("a share of it: 0.05 is 5 %"),
    "number.take.last": _("the last one counts"),
    "number.take.first": _("the first one counts"),
    "number.take.only": _("the answer is wrong"),
    "decimal.auto": _("found out from each number"),
    "decimal..": _("point: 1,234.5"),
    "decimal.,": _("comma: 1.234,5"),
    "unit.ignore": _("do not count"),
    "unit.same": _("have to be the expected one"),
    "metric.fuzzy": _("fuzzy ratio: common characters, in order"),
    "metric.rouge_l": _("ROUGE-L: common words, in order"),
    "metric.bleu": _("BLEU: common runs of words, for translations"),
    "metric.chrf": _("chrF: common runs of characters, in any language"),
    "label.take.first_line": _("the first line"),
    "label.take.first_word": _("the first word"),
    "scale.pass_fail": _("pass or fail"),
    "scale.1_to_5": _("1 to 5; from 4 on the answer is right"),
}


def field_words(kind: Kind, field: str) -> "Words":
    """Return what a field is called, and what it means."""
    return FIELDS.get(f"{kind}.{field}") or FIELDS[field]


def choice_words(kind: Kind, field: str, choice: str) -> "StrPromise | str":
    """Return what a choice is called."""
    return CHOICES.get(f"{kind}.{field}.{choice}") or CHOICES[f"{field}.{choice}"]
