"""Graders: a good and a bad answer for each, and why."""

import pytest

from apps.evals.graders import KINDS, Kind, check, grade, label_of

SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "pattern": "^[A-Z]"},
        "visitors": {"type": "integer", "minimum": 0},
        "tags": {"type": "array", "items": {"enum": ["old", "new"]}, "uniqueItems": True},
    },
    "required": ["city"],
    "additionalProperties": False,
}
ORDER = '{"customer": {"name": "Ann", "vip": true}, "items": [{"price": 5}], "note": null}'
CITIES = ["Very good", "good", "bad"]

# kind, fields, expected, answer, score, passed, why
TABLE = [
    ("exact", {}, "Paris", " Paris\n", 1, True, "The same text."),
    (
        "exact",
        {},
        "Paris",
        "paris",
        0,
        False,
        "Differs from character 1 on: “paris” instead of “Paris”.",
    ),
    ("exact", {}, "Paris", "Par", 0, False, "Ends after 3 characters; “is” is missing."),
    (
        "exact",
        {},
        "Paris",
        "Paris, France",
        0,
        False,
        "Goes on after the expected text: “, France”.",
    ),
    (
        "exact",
        {"trim": False},
        "Paris",
        "Paris\n",
        0,
        False,
        "Goes on after the expected text: “”.",
    ),
    ("normalised", {}, "Straße  ﬁn", "STRASSE\u00a0FIN", 1, True, "The same text."),
    (
        "normalised",
        {"ignore_case": False},
        "Paris",
        "PARIS",
        0,
        False,
        "from character 2 on: “ARIS”",
    ),
    ("normalised", {}, "No.", "no", 0, False, "Ends after 2 characters; “.” is missing."),
    ("normalised", {"ignore_punctuation": True}, "Yes, 1！", "yes 1", 1, True, "The same text."),
    ("contains", {}, "Paris", "It is PARIS.", 1, True, "Contains “Paris”."),
    ("contains", {}, "Paris", "It is Rome.", 0, False, "“Paris” is missing."),
    ("contains", {"ignore_case": False}, "Paris", "It is PARIS.", 0, False, "“Paris” is missing."),
    ("contains", {"texts": ["a", "b"]}, "", "b a", 1, True, "Contains all of 2 texts."),
    (
        "contains",
        {"texts": ["a", "z"]},
        "",
        "b a",
        0.5,
        False,
        "1 of 2 texts are there; “z” is missing.",
    ),
    ("contains", {"texts": ["y", "a"], "mode": "any"}, "", "b a", 1, True, "Contains “a”."),
    (
        "contains",
        {"texts": ["y", "z"], "mode": "any"},
        "",
        "b a",
        0,
        False,
        "Contains none of 2 texts.",
    ),
    (
        "contains",
        {"texts": ["sorry"], "mode": "none"},
        "",
        "Sure.",
        1,
        True,
        "nothing that it must not",
    ),
    ("contains", {"texts": ["sorry"], "mode": "none"}, "", "Sorry.", 0, False, "which it must not"),
    ("regex", {"pattern": r"\d{3}"}, "", "It is 123.", 1, True, "The pattern fits: “123”."),
    ("regex", {"pattern": r"\d{3}"}, "", "It is 12.", 0, False, "The pattern fits nowhere."),
    ("regex", {"pattern": "paris", "ignore_case": True}, "", "Paris", 1, True, "fits: “Paris”"),
    ("regex", {"pattern": r"\d+", "mode": "whole"}, "", " 12 ", 1, True, "fits: “12”"),
    (
        "regex",
        {"pattern": r"\d+", "mode": "whole"},
        "",
        "12 km",
        0,
        False,
        "does not fit the whole",
    ),
    ("regex", {"pattern": "(?i)sorry", "mode": "nowhere"}, "", "Sure", 1, True, "as it should"),
    ("regex", {"pattern": "(?i)sorry", "mode": "nowhere"}, "", "Sorry!", 0, False, "fits “Sorry”"),
    (
        "regex",
        {"pattern": "Answer: (.*)", "mode": "picks"},
        "B",
        "Hm.\nAnswer: b",
        1,
        True,
        "picks “b”",
    ),
    (
        "regex",
        {"pattern": "Answer: (.*)", "mode": "picks"},
        "B",
        "Answer: C",
        0,
        False,
        "“C” instead of “B”",
    ),
    ("json_valid", {}, "", '{"a": [1, null]}', 1, True, "Valid JSON."),
    ("json_valid", {}, "", '{"a":\n b}', 0, False, "No valid JSON at line 2, column 2."),
    ("json_valid", {}, "", "NaN", 0, False, "No valid JSON at line 1, column 1."),
    ("json_valid", {}, "", "```json\n{}\n```", 0, False, "stands in a code fence"),
    ("json_valid", {"allow_fence": True}, "", "```json\n{}\n```", 1, True, "Valid JSON."),
    ("json_valid", {"root": "object"}, "", "{}", 1, True, "Valid JSON."),
    ("json_valid", {"root": "object"}, "", "[1]", 0, False, "type array instead of object"),
    (
        "json_schema",
        {"schema": SCHEMA},
        "",
        '{"city": "Rome", "tags": ["old"]}',
        1,
        True,
        "Fits the schema.",
    ),
    ("json_schema", {"schema": SCHEMA}, "", "{}", 0, False, "“city” is missing at the answer."),
    (
        "json_schema",
        {"schema": SCHEMA},
        "",
        '{"city": "rome"}',
        0,
        False,
        'city breaks the rule “pattern”: "^[A-Z]".',
    ),
    (
        "json_schema",
        {"schema": SCHEMA},
        "",
        '{"city": "R", "visitors": 1.5}',
        0,
        False,
        "visitors is not of type integer.",
    ),
    (
        "json_schema",
        {"schema": SCHEMA},
        "",
        '{"city": "R", "visitors": -1}',
        0,
        False,
        "“minimum”: 0.",
    ),
    (
        "json_schema",
        {"schema": SCHEMA},
        "",
        '{"city": "R", "tags": ["odd"]}',
        0,
        False,
        "tags[0] breaks the rule “enum”",
    ),
    (
        "json_schema",
        {"schema": SCHEMA},
        "",
        '{"city": "R", "tags": ["old", "old"]}',
        0,
        False,
        "“uniqueItems”",
    ),
    (
        "json_schema",
        {"schema": SCHEMA},
        "",
        '{"city": "R", "mayor": 1}',
        0,
        False,
        "“mayor” is not allowed at the answer.",
    ),
    ("json_schema", {"schema": SCHEMA}, "", "Rome", 0, False, "No valid JSON at line 1, column 1."),
    ("json_fields", {}, ORDER, ORDER, 1, True, "Every field is as expected; 4 compared."),
    (
        "json_fields",
        {},
        ORDER,
        '{"customer": {"name": "Bob", "vip": 1}, "items": [{"price": 5.0}]}',
        0.5,
        False,
        '2 of 4 fields are as expected; customer.name is "Bob" instead of "Ann".',
    ),
    (
        "json_fields",
        {"fields": ["items[0].price"]},
        ORDER,
        '{"items": [{"price": 5.0}]}',
        1,
        True,
        "1 compared",
    ),
    (
        "json_fields",
        {"fields": ["customer.name", '["note"]']},
        ORDER,
        '{"customer": {"name": "ANN"}}',
        0.5,
        False,
        "1 of 2",
    ),
    (
        "json_fields",
        {"fields": ["customer.name"], "ignore_case": True},
        ORDER,
        '{"customer": {"name": " ann"}}',
        1,
        True,
        "",
    ),
    ("json_fields", {"tolerance": 0.1}, '{"a": 0.3}', '{"a": 0.39}', 1, True, ""),
    (
        "json_fields",
        {"tolerance": 0.1},
        '{"a": 0.3}',
        '{"a": 0.41}',
        0,
        False,
        "a is 0.41 instead of 0.3",
    ),
    ("json_fields", {}, ORDER, "no JSON", 0, False, "No valid JSON at line 1, column 1."),
    ("json_fields", {}, "no JSON", "{}", None, None, "The expected answer of this row is no JSON."),
    ("json_fields", {"fields": ["total"]}, ORDER, "{}", None, None, "has no field to compare"),
    ("number", {}, "42", "The answer is 42.", 1, True, "Reads 42, as expected."),
    ("number", {}, "42", "It is 41.", 0, False, "Reads 41 instead of 42."),
    ("number", {}, "1234.5", "$1,234.50", 1, True, "Reads $1,234.50 (= 1234.5), as expected."),
    ("number", {}, "1234.5", "1.234,5 €", 1, True, "(= 1234.5)"),
    ("number", {}, "1234567", "1'234'567", 1, True, ""),
    ("number", {}, "1234567", "1\u202f234\u00a0567 Ft", 1, True, ""),
    ("number", {}, "-3", "−３", 1, True, ""),
    ("number", {"decimal": ","}, "1,234", "1,234", 1, True, "Reads 1,234 (= 1.234), as expected."),
    ("number", {"decimal": "."}, "15", "1,5", 0, False, "There is no number in the answer."),
    ("number", {"tolerance": 0.5}, "10", "10.5", 1, True, "within the tolerance of 10"),
    ("number", {"tolerance": 0.5}, "10", "10.51", 0, False, "Reads 10.51 instead of 10."),
    (
        "number",
        {"tolerance": 0.01, "tolerance_of": "expected"},
        "200",
        "202",
        1,
        True,
        "within the tolerance",
    ),
    ("number", {"tolerance": 0.01, "tolerance_of": "expected"}, "200", "202.1", 0, False, ""),
    ("number", {}, "0.12", "12 %", 1, True, "Reads 12 % as the same share as 0.12."),
    ("number", {}, "12", "12%", 1, True, "as expected"),
    ("number", {}, "12 %", "1.2", 0, False, "Reads 1.2 instead of 12 %."),
    ("number", {"unit": "same"}, "5 km", "about 5 KM away", 1, True, ""),
    ("number", {"unit": "same"}, "5 km", "5 m", 0, False, "the unit is “m” instead of “km”"),
    ("number", {"take": "first"}, "3", "3 of 7", 1, True, ""),
    ("number", {"take": "only"}, "3", "3 of 7", 0, False, "There are 2 numbers in the answer"),
    ("number", {}, "1e3", "1000", 1, True, ""),
    ("number", {}, "3", "I do not know.", 0, False, "There is no number in the answer."),
    ("number", {}, "none", "3", None, None, "There is no number in the expected answer"),
    (
        "similarity",
        {},
        "the cat is on the mat",
        "the cat sat on the mat",
        0.9302325581395349,
        True,
        "Alike to 93.0 %.",
    ),
    ("similarity", {}, "kitten", "sitting", 0.6153846153846154, False, "Alike to 61.5 %."),
    (
        "similarity",
        {"threshold": None},
        "kitten",
        "sitting",
        0.6153846153846154,
        None,
        "Alike to 61.5 %.",
    ),
    (
        "label",
        {},
        "positive",
        "**Positive**\nBecause …",
        1,
        True,
        "The label is “positive”, as expected.",
    ),
    ("label", {}, "positive", "negative", 0, False, "“negative” instead of “positive”"),
    ("label", {"take": "first_word"}, "positive", "Positive, since …", 1, True, ""),
    ("label", {"take": "first_word"}, "positive", "Rather positive", 0, False, "“rather”"),
    (
        "label",
        {"labels": CITIES},
        "good",
        "Very good indeed",
        0,
        False,
        "“Very good” instead of “good”",
    ),
    ("label", {"labels": CITIES}, "bad", "Bad: it broke", 1, True, "The label is “bad”"),
    (
        "label",
        {"labels": CITIES},
        "bad",
        "badly made",
        0,
        False,
        "No label is found in the answer.",
    ),
    ("label", {"labels": ["正面", "负面"]}, "正面", "正面评价", 1, True, ""),
    ("label", {"labels": CITIES}, "ugly", "bad", None, None, "none of the labels"),
    ("judge", {"rubric": "Is it polite?", "model": "m"}, "", "Hi", None, None, "Not graded yet."),
    ("human", {}, "", "Hi", None, None, "Not graded yet."),
]


@pytest.mark.parametrize(("kind", "fields", "expected", "answer", "score", "passed", "why"), TABLE)
def test_an_answer_is_graded(kind, fields, expected, answer, score, passed, why):
    grader = {"kind": kind, **fields}
    assert check(grader) == []
    found = grade(grader, expected=expected, answer=answer)
    assert (found.score, found.passed) == (pytest.approx(score), passed), found.why
    assert why in found.why


def test_every_kind_has_a_good_and_a_bad_answer():
    asked_elsewhere = {Kind.JUDGE, Kind.HUMAN}
    for kind in set(KINDS) - asked_elsewhere:
        assert {True, False} <= {row[5] for row in TABLE if row[0] == kind}, kind


# What scikit-learn is to classes, these are to texts: rapidfuzz 3.14, rouge-score 0.1.2,
# sacreBLEU 2.6 (eff:yes|tok:13a|smooth:exp, and tok:zh), chrF2.
FERRY = (
    "At eight the ferry leaves the harbour.",
    "The ferry leaves at eight, from the old harbour.",
)


@pytest.mark.parametrize(
    ("metric", "texts", "score"),
    [
        ("rouge_l", FERRY, 0.625),
        ("rouge_l", ("猫坐在垫子上", "猫在垫子上"), 2 * 5 / 11),
        ("rouge_l", ("...", "?"), 0),
        ("bleu", ("the cat sat on the mat", "the cat sat on the mat"), 1),
        ("bleu", ("猫坐在垫子上", "猫坐在垫子上"), 1),
        ("bleu", ("Paris", ""), 0),
        ("chrf", ("Größe", "Größe"), 1),
    ],
)
def test_similarity_is_that_of_the_usual_libraries(metric, texts, score):
    expected, answer = texts
    found = grade({"kind": "similarity", "metric": metric}, expected=expected, answer=answer)
    assert found.score == pytest.approx(score)


def test_bleu_and_chrf_are_sacrebleus():
    import sacrebleu

    expected, answer = FERRY
    bleu = sacrebleu.sentence_bleu(answer, [expected], use_effective_order=True).score
    chrf = sacrebleu.sentence_chrf(answer, [expected]).score
    for metric, theirs in (("bleu", bleu), ("chrf", chrf)):
        ours = grade({"kind": "similarity", "metric": metric}, expected=expected, answer=answer)
        assert ours.score == pytest.approx(theirs / 100)
        assert 0.1 < ours.score < 0.7


@pytest.mark.parametrize(
    "kind", ["exact", "normalised", "contains", "json_fields", "number", "similarity", "label"]
)
def test_a_row_that_expects_nothing_has_no_grade(kind):
    found = grade({"kind": kind}, expected=" \n", answer="")
    assert (found.score, found.passed) == (None, None)
    assert found.why == "This row has no expected answer."


def test_the_label_of_an_answer_is_known_to_the_confusion_matrix():
    grader = {"kind": "label", "labels": CITIES}
    assert label_of(grader, " *very GOOD*, thanks") == "Very good"
    assert label_of(grader, "I cannot say") is None


BAD = [
    ({}, "kind", "Choose one of these: exact, normalised"),
    ({"kind": "python"}, "kind", "Choose one of these"),
    ({"kind": ["exact"]}, "kind", "Choose one of these"),
    ({"kind": "exact", "trim": 1}, "trim", "Choose yes or no."),
    ({"kind": "exact", "code": "x"}, "code", "This is no field of this grader."),
    ({"kind": "exact", "name": ""}, "name", "Enter a text."),
    ({"kind": "exact", "name": "a" * 201}, "name", "Use at most 200 characters."),
    ({"kind": "exact", "name": "\ud800"}, "name", "characters that cannot be kept"),
    ({"kind": "contains", "texts": "a"}, "texts", "Enter a list of texts."),
    ({"kind": "contains", "texts": ["a", "a"]}, "texts", "Enter each text once."),
    ({"kind": "contains", "texts": ["a", " "]}, "texts", "Enter a text."),
    ({"kind": "contains", "texts": [str(n) for n in range(101)]}, "texts", "at most 100 texts"),
    ({"kind": "contains", "mode": "some"}, "mode", "Choose one of these: all, any, none."),
    ({"kind": "regex"}, "pattern", "Enter a text."),
    ({"kind": "regex", "pattern": "("}, "pattern", "This is no pattern: missing ): (."),
    ({"kind": "regex", "pattern": "(?=a)"}, "pattern", "“(?=” is not known here"),
    ({"kind": "regex", "pattern": r"(a)\1"}, "pattern", "no lookaround or back-references"),
    ({"kind": "regex", "pattern": "a" * 1001}, "pattern", "at most 1000 characters"),
    ({"kind": "regex", "pattern": "(((a{100}){100}){100})"}, "pattern", "This is no pattern"),
    ({"kind": "regex", "pattern": "a", "mode": "picks"}, "pattern", "one pair of parentheses"),
    ({"kind": "json_schema"}, "schema", "Enter a JSON Schema: an object."),
    ({"kind": "json_schema", "schema": {"type": "text"}}, "schema.type", "not allowed in a schema"),
    ({"kind": "json_schema", "schema": {"pattern": "(?=a)"}}, "schema", "not known here"),
    (
        {"kind": "json_schema", "schema": {"items": {"$ref": "http://a.test/"}}},
        "schema.items",
        "begin with #",
    ),
    ({"kind": "json_schema", "schema": {"$schema": "http://a.test/"}}, "schema.$schema", "draft 7"),
    (
        {"kind": "json_schema", "schema": {"enum": ["a" * 30_000]}},
        "schema",
        "at most 20000 characters",
    ),
    ({"kind": "json_fields", "fields": ["a", ".b"]}, "fields[1]", "Write a path such as total"),
    ({"kind": "number", "tolerance": -1}, "tolerance", "Enter a number of at least 0."),
    ({"kind": "number", "tolerance": float("nan")}, "tolerance", "at least 0"),
    ({"kind": "number", "tolerance": True}, "tolerance", "Enter a number."),
    ({"kind": "number", "tolerance": None}, "tolerance", "Enter a number."),
    ({"kind": "similarity", "threshold": 1.5}, "threshold", "Enter a number from 0 to 1."),
    ({"kind": "similarity", "metric": "meteor"}, "metric", "fuzzy, rouge_l, bleu, chrf"),
    ({"kind": "judge", "model": "m"}, "rubric", "Enter a text."),
]


@pytest.mark.parametrize(("grader", "path", "words"), BAD)
def test_what_is_wrong_with_a_grader_is_said_where_it_is(grader, path, words):
    problems = check(grader)
    assert [problem.path for problem in problems] == [path]
    assert words in problems[0].message
    found = grade(grader, expected="a", answer="a")
    assert (found.score, found.passed) == (None, None)


def test_what_is_no_grader_at_all_is_said_too():
    assert [problem.path for problem in check(["exact"])] == ["kind"]
    assert grade(None, expected="a", answer="a").score is None


def test_a_percent_sign_in_an_answer_is_no_placeholder():
    found = grade({"kind": "exact"}, expected="%(x)s", answer="100 %d")
    assert found.why == "Differs from character 1 on: “100 %d” instead of “%(x)s”."


def test_a_reason_is_kept_as_a_sentence_of_any_language():
    from apps.core.sentences import kept, read

    found = grade({"kind": "contains"}, expected="a\0b\nc" * 100, answer="x" * 1000)
    assert len(found.why) < 200
    assert "\0" not in found.why
    assert read(kept(found.why)) == found.why
