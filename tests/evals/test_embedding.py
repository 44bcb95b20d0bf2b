"""Texts that mean the same, by the vectors of a model; and questions with a grader of their own."""

import math

import pytest

from apps.evals.graders import check, embedding, for_case, grade

NEAR = {"kind": "embedding", "connection": "c", "model": "m"}


@pytest.mark.parametrize(
    ("grader", "vectors", "score", "passed", "why"),
    [
        (NEAR, [[1, 0], [2, 0]], 1, True, "Alike in meaning: 1.0"),
        (NEAR, [[3, 4], [4, 3]], 0.96, True, "0.96"),
        (NEAR, [[1, 0], [1, 1]], math.sqrt(0.5), False, "0.707, where 1 is the same"),
        (NEAR, [[1, 0], [-1, 0]], 0, False, "-1"),
        ({**NEAR, "threshold": 0.7}, [[1, 0], [1, 1]], math.sqrt(0.5), True, "0.707"),
        ({**NEAR, "threshold": None}, [[1, 0], [1, 1]], math.sqrt(0.5), None, "0.707"),
        (NEAR, [[1, 0], [0, 0]], None, None, "did not send two vectors"),
        (NEAR, [[1, 0], [1]], None, None, "did not send two vectors"),
        (NEAR, [[1, 0], [math.nan, 1]], None, None, "did not send two vectors"),
        (NEAR, [[1e308, 1e308], [1e308, 1e308]], None, None, "did not send two vectors"),
        (NEAR, [[1, 0]], None, None, "did not send two vectors"),
        (NEAR, [], None, None, "did not send two vectors"),
    ],
)
def test_vectors_are_read(grader, vectors, score, passed, why):
    assert check(grader) == []
    found = embedding.read(grader, vectors)
    assert found.score == (None if score is None else pytest.approx(score))
    assert found.passed is passed
    assert why in found.why


def test_an_empty_text_is_never_sent():
    assert embedding.texts(expected="Hello", answer="Hi") == ["Hello", "Hi"]
    for expected, answer, passed in (("Hello", " \n", False), ("", "Hi", None)):
        assert embedding.texts(expected=expected, answer=answer) == []
        assert embedding.unasked(expected=expected).passed is passed


def test_a_question_has_a_grader_of_its_own_where_the_suite_says_so():
    own = {"kind": "number"}
    assert for_case({"kind": "case"}, own) == own
    assert for_case({"kind": "exact"}, own) == {"kind": "exact"}
    found = grade(for_case({"kind": "case"}, own), expected="7", answer="It is 7.")
    assert found.passed is True
    assert grade(for_case({"kind": "case"}, None), expected="7", answer="7").passed is None
