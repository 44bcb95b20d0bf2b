"""Why a grade is what it is: sentences that a row keeps, and each reader gets translated."""

from django.utils.translation import gettext_noop

from apps.core.sentences import Sentence
from apps.core.storable import storable

MOST_CHARACTERS = 80
CUT = "…"

WORDS = {
    "same": gettext_noop("The same text."),
    "differs": gettext_noop(
        "Differs from character %(place)s on: “%(answer)s” instead of “%(expected)s”."
    ),
    "ends_early": gettext_noop("Ends after %(place)s characters; “%(expected)s” is missing."),
    "goes_on": gettext_noop("Goes on after the expected text: “%(answer)s”."),
    "contains": gettext_noop("Contains “%(text)s”."),
    "contains_all": gettext_noop("Contains all of %(count)s texts."),
    "lacks": gettext_noop("“%(text)s” is missing."),
    "lacks_any": gettext_noop("Contains none of %(count)s texts."),
    "lacks_some": gettext_noop("%(found)s of %(count)s texts are there; “%(text)s” is missing."),
    "unwanted": gettext_noop("Contains “%(text)s”, which it must not."),
    "nothing_unwanted": gettext_noop("Contains nothing that it must not."),
    "pattern_found": gettext_noop("The pattern fits: “%(text)s”."),
    "pattern_missing": gettext_noop("The pattern fits nowhere."),
    "pattern_not_whole": gettext_noop("The pattern does not fit the whole answer."),
    "pattern_unwanted": gettext_noop("The pattern fits “%(text)s”, which it must not."),
    "pattern_absent": gettext_noop("The pattern fits nowhere, as it should."),
    "pattern_cut": gettext_noop(
        "Only the first %(limit)s characters were searched, and the pattern fits nowhere."
    ),
    "group_same": gettext_noop("The pattern picks “%(answer)s”, as expected."),
    "group_differs": gettext_noop("The pattern picks “%(answer)s” instead of “%(expected)s”."),
    "json_valid": gettext_noop("Valid JSON."),
    "json_invalid": gettext_noop("No valid JSON at line %(line)s, column %(column)s."),
    "json_fenced": gettext_noop(
        "The JSON stands in a code fence; its reader would have to take it out."
    ),
    "json_root": gettext_noop("The JSON is of type %(found)s instead of %(wanted)s."),
    "json_deep": gettext_noop("The JSON is nested deeper than %(limit)s levels."),
    "json_long": gettext_noop(
        "The answer is longer than the %(limit)s characters that are read as JSON."
    ),
    "expected_no_json": gettext_noop("The expected answer of this row is no JSON."),
    "schema_met": gettext_noop("Fits the schema."),
    "schema_missing": gettext_noop("“%(name)s” is missing at %(path)s."),
    "schema_extra": gettext_noop("“%(name)s” is not allowed at %(path)s."),
    "schema_type": gettext_noop("%(path)s is not of type %(wanted)s."),
    "schema_rule": gettext_noop("%(path)s breaks the rule “%(rule)s”: %(wanted)s."),
    "schema_endless": gettext_noop("The schema asks for too much work for one answer."),
    "schema_lost": gettext_noop("The schema refers to something that is not there."),
    "fields_same": gettext_noop("Every field is as expected; %(count)s compared."),
    "fields_differ": gettext_noop(
        "%(found)s of %(count)s fields are as expected; "
        "%(path)s is %(answer)s instead of %(expected)s."
    ),
    "fields_none": gettext_noop("The expected answer of this row has no field to compare."),
    "number_same": gettext_noop("Reads %(answer)s, as expected."),
    "number_near": gettext_noop("Reads %(answer)s, within the tolerance of %(expected)s."),
    "number_differs": gettext_noop("Reads %(answer)s instead of %(expected)s."),
    "number_percent": gettext_noop("Reads %(answer)s as the same share as %(expected)s."),
    "number_unit": gettext_noop(
        "Reads %(answer)s, but the unit is “%(found)s” instead of “%(wanted)s”."
    ),
    "number_missing": gettext_noop("There is no number in the answer."),
    "number_several": gettext_noop("There are %(count)s numbers in the answer; one was asked for."),
    "expected_no_number": gettext_noop("There is no number in the expected answer of this row."),
    "similar": gettext_noop("Alike to %(percent)s %%."),
    "similar_cut": gettext_noop("Alike to %(percent)s %% in the first %(limit)s characters."),
    "label_same": gettext_noop("The label is “%(answer)s”, as expected."),
    "label_differs": gettext_noop("The label is “%(answer)s” instead of “%(expected)s”."),
    "label_missing": gettext_noop("No label is found in the answer."),
    "expected_no_label": gettext_noop("The expected answer of this row is none of the labels."),
    "judged": gettext_noop("The judge says: %(reason)s"),
    "judge_unreadable": gettext_noop("The judge did not reply in the form that it was asked for."),
    "judge_undecided": gettext_noop(
        "The judge contradicts itself when answer and reference change places."
    ),
    "near": gettext_noop("Alike in meaning: %(cosine)s, where 1 is the same."),
    "vectors_unreadable": gettext_noop(
        "The model that compares meanings did not send two vectors that can be compared."
    ),
    "nothing_answered": gettext_noop("The answer is empty."),
    "no_own_grader": gettext_noop("This question has no grader of its own."),
    "nothing_expected": gettext_noop("This row has no expected answer."),
    "asked_elsewhere": gettext_noop("Not graded yet."),
    "grader_problem": gettext_noop("The grader is not complete: %(message)s"),
    "trouble": gettext_noop("This answer could not be graded."),
}


def because(code: str, **values: object) -> Sentence:
    """Return a sentence. Values are shortened: those of answers are hostile, and may be long."""
    facts = {name: _plain(value) for name, value in values.items()}
    return Sentence(
        WORDS[code], **{name: facts[name] for name in facts if f"%({name})" in WORDS[code]}
    )


def _plain(value: object) -> int | float | str:
    return value if isinstance(value, int | float) else shortened(value)


def shortened(value: object) -> str:
    """Return a text in one line, cut; without what a database cannot keep."""
    text = " ".join(storable(str(value)[: 4 * MOST_CHARACTERS]).split())
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + CUT
