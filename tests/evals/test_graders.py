"""Graders: a good and a bad answer for each, and why."""

import pytest

from apps.evals.graders import KINDS, PURE, Kind, check, grade, label_of
from tests.evals.grader_cases import BAD, CITIES, TABLE


@pytest.mark.parametrize(("kind", "fields", "expected", "answer", "score", "passed", "why"), TABLE)
def test_an_answer_is_graded(kind, fields, expected, answer, score, passed, why):
    grader = {"kind": kind, **fields}
    assert check(grader) == []
    found = grade(grader, expected=expected, answer=answer)
    assert (found.score, found.passed) == (pytest.approx(score), passed), found.why
    assert why in found.why


def test_every_kind_has_a_good_and_a_bad_answer():
    asked_elsewhere = {Kind.JUDGE, Kind.HUMAN, Kind.EMBEDDING, Kind.CASE}
    assert set(KINDS) - asked_elsewhere == PURE
    for kind in PURE:
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
