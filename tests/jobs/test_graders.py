"""Graders: their shape, their formula, and what they say; figures of the usual libraries."""

import pytest

from apps.jobs.graders import formula, grading, shape, similarity, templates

CAT = ("the cat sat on the mat", "the cat is on the mat")
FERRY = (
    "The ferry leaves at eight, from the old harbour.",
    "At eight the ferry leaves the harbour.",
)


def exact(**fields):
    return {
        "type": "string_check",
        "name": "exact",
        "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}",
        "operation": "eq",
        **fields,
    }


def similar(**fields):
    return {
        "type": "text_similarity",
        "name": "similar",
        "input": "{{ sample.output_text }}",
        "reference": "{{item.answer}}",
        "evaluation_metric": "fuzzy_match",
        **fields,
    }


def both(formula_text="0.75 * exact + 0.25 * similar", **graders):
    parts = graders or {"exact": exact(), "similar": similar()}
    return {"type": "multi", "name": "both", "graders": parts, "calculate_output": formula_text}


@pytest.mark.parametrize(  # rapidfuzz 3, NLTK 3.10 (smoothing method 2), rouge-score 0.1.2
    ("metric", "texts", "score"),
    [
        ("fuzzy_match", CAT, 0.9302325581395349),
        ("fuzzy_match", ("kitten", "sitting"), 0.6153846153846154),
        ("fuzzy_match", ("", ""), 1.0),
        ("fuzzy_match", ("abc", ""), 0.0),
        ("bleu", CAT, 0.48549177170732344),
        ("bleu", FERRY, 0.20492938431708815),
        ("bleu", ("Paris", "paris"), 0.0),
        ("bleu", ("ferry", "ferry"), 0.5946035575013605),
        ("gleu", CAT, 0.5),
        ("gleu", FERRY, 0.16666666666666666),
        ("rouge_1", CAT, 0.8333333333333334),
        ("rouge_2", FERRY, 0.42857142857142855),
        ("rouge_5", CAT, 0.0),
        ("rouge_l", FERRY, 0.625),
        ("rouge_l", ("", ""), 0.0),
    ],
)
def test_similarity_is_that_of_the_usual_libraries(metric, texts, score):
    assert similarity.MEASURES[metric](*texts) == pytest.approx(score, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a", 0.5),
        ("0.8 * a + 0.2 * b", 0.45),
        ("2 ^ 3 ^ 2", 512),
        ("-2 ^ 2", -4),
        ("10 - 2 - 3", 5),
        ("12 / 2 / 3", 2),
        ("(a + b) / 2", 0.375),
        ("min(a, b, 1e-1)", 0.1),
        ("max(a, 1)", 1),
        ("floor(1.7) + ceil(1.2) + abs(-1) + sqrt(4) + exp(0) + log(1)", 7),
    ],
)
def test_a_formula_has_the_value_that_mathematics_gives_it(text, value):
    assert formula.read_formula(text).value({"a": 0.5, "b": 0.25}) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "ends too early"),
        ("a +", "ends too early"),
        ("a b", "“b” is not understood"),
        ("a * (b", "ends too early"),
        ("a.__class__", "“.” is not understood"),
        ("a ** b", "“*” is not understood"),
        ("__import__(a)", "no function “__import__”"),
        ("min(a)", "wrong number of values"),
        ("sqrt(a, b)", "wrong number of values"),
        ("(" * 50 + "a" + ")" * 50, "nested too deeply"),
        ("a" + "^a" * 200, "nested too deeply"),
        ("-" * 200 + "a", "nested too deeply"),
        ("a" + "+a" * 250, "longer than 500"),
        ("ä", "“ä” is not understood"),
    ],
)
def test_what_is_no_formula_is_refused_in_words(text, words):
    with pytest.raises(formula.FormulaRefused, match=words.replace("*", r"\*").replace(".", r"\.")):
        formula.read_formula(text)


@pytest.mark.parametrize(
    "text", ["1 / a", "log(a)", "sqrt(a - 1)", "10 ^ 10 ^ 10", "1e999", "exp(999)"]
)
def test_a_formula_without_a_value_says_so(text):
    with pytest.raises(formula.FormulaRefused):
        formula.read_formula(text).value({"a": 0.0})


def test_a_template_reads_what_is_deep_in_a_row():
    row = {"answer": {"words": ["yes", "no"], "count": 2}}
    template = templates.Template(
        "{{item.answer.words[1]}}/{{ item.answer.count }}/{{item.answer.words}}"
    )
    assert template.filled(row, "") == 'no/2/["yes", "no"]'
    assert template.keys == ["answer", "answer", "answer"]


def test_an_answer_that_looks_like_a_template_is_not_filled_in_again():
    template = templates.Template("{{sample.output_text}} {{item.answer}}")
    assert template.filled({"answer": "x"}, "{{item.answer}}") == "{{item.answer}} x"


@pytest.mark.parametrize(
    ("grader", "field", "words"),
    [
        (exact(type="python"), "type", "Code of yours is never run"),
        (exact(type="score_model"), "type", "Code of yours is never run"),
        (exact(operation="regex"), "operation", "Choose one of these"),
        (exact(name="two words"), "name", "letters, digits"),
        (exact(name="max"), "name", "letters, digits"),
        (exact(input=""), "input", "Enter what to compare"),
        (exact(input="{{item.answer}}"), "input", "never reads the model's answer"),
        (
            exact(reference="{{item.anwser}}"),
            "reference",
            "no key “anwser”. They have: answer, topic",
        ),
        (exact(reference="{{sample.output_json.x}}"), "reference", "cannot be filled in"),
        (exact(reference="{{item.answer"), "reference", "needs its"),
        (exact(reference="x" * 10_001), "reference", "at most 10000"),
        (exact(source="import os"), "type", "“source” is no part"),
        (similar(evaluation_metric="vibes"), "evaluation_metric", "Choose one of these"),
        (both("exact + other"), "calculate_output", "no grader “other”"),
        (both("1"), "calculate_output", "at least one grader"),
        (both(""), "calculate_output", "Enter a formula"),
        (both(exact=exact()), "graders", "from 2 to 8"),
        (both(exact=exact(), inner=both()), "type", "Code of yours is never run"),
        ({}, "type", "Code of yours is never run"),
    ],
)
def test_what_is_wrong_with_a_grader_is_said_at_its_part(grader, field, words):
    (problem, *_others) = shape.problems(grader, ["answer", "topic"])
    assert problem.field == field
    assert words in problem.message


def test_graders_without_problems_have_none():
    for grader in (exact(), similar(), both(), both(shape.mean_of(["exact", "similar"]))):
        assert list(shape.problems(grader, ["answer"])) == []


@pytest.mark.parametrize(
    ("operation", "answer", "score"),
    [
        ("eq", "Paris", 1.0),
        ("eq", "paris", 0.0),
        ("ne", "paris", 1.0),
        ("like", "It is Paris.", 1.0),
        ("like", "It is paris.", 0.0),
        ("ilike", "It is PARIS.", 1.0),
        ("ilike", "It is Rome.", 0.0),
    ],
)
def test_a_string_check_says_0_or_1(operation, answer, score):
    assert grading.grade(exact(operation=operation), {"answer": "Paris"}, answer).score == score


def test_several_graders_are_put_together_by_their_formula():
    outcome = grading.grade(both(), {"answer": "Paris"}, "paris")
    assert outcome.score == pytest.approx(0.25 * 0.8)
    assert [(part.name, part.score) for part in outcome.parts] == [("exact", 0.0), ("similar", 0.8)]


@pytest.mark.parametrize(
    ("grader", "words"),
    [
        (exact(reference="{{item.answer.deep}}"), "nothing at “item.answer.deep”"),
        (similar(evaluation_metric="cosine"), "by the provider only"),
        (both("exact / 0"), "divides by zero"),
        (
            both("similar", exact=exact(), similar=similar(evaluation_metric="meteor")),
            "has no score",
        ),
    ],
)
def test_a_grade_that_cannot_be_given_is_missing_with_its_reason(grader, words):
    outcome = grading.grade(grader, {"answer": "Paris"}, "Paris")
    assert outcome.score is None
    assert words in outcome.trouble


def test_texts_too_long_to_compare_here_are_not_compared():
    outcome = grading.grade(similar(), {"answer": "x"}, "x" * 20_001)
    assert (outcome.score, outcome.trouble) == (
        None,
        "These texts are too long to be compared here.",
    )
