"""The parts that questions fall into."""

import pytest

from apps.evals.questions import slices

LABEL = [{"kind": "exact"}, {"kind": "label", "labels": ["good", "bad"]}]


def asked(text):
    return [{"role": "system", "content": "x " * 500}, {"role": "user", "content": text}]


@pytest.mark.parametrize(
    ("question", "length"),
    [
        ("", "short"),
        ("w " * 20, "short"),
        ("w " * 21, "medium"),
        ("w " * 100, "medium"),
        ("w " * 101, "long"),
        ("字" * 40, "short"),
        ("字" * 41, "medium"),
        ("字" * 201, "long"),
    ],
)
def test_length_goes_by_the_words_of_the_last_question(question, length):
    assert slices.of_question(asked(question), "", []) == {"length": length}


def test_a_label_grader_says_which_label_is_expected():
    found = slices.of_question(asked("Hi"), "Good, since …", LABEL)
    assert found["label"] == "good"
    assert "label" not in slices.of_question(asked("Hi"), "ugly", LABEL)
    assert "label" not in slices.of_question(asked("Hi"), "good", LABEL[:1])


def test_what_a_row_says_of_itself_is_a_part_if_it_is_short():
    told = {"team": "North", "long": "x" * 61, "list": [1], "none": None, "vip": True}
    found = slices.of_question(asked("Hi"), "", [], told)
    assert found == {"length": "short", "metadata.team": "North", "metadata.vip": "True"}


def test_a_question_in_parts_is_read_and_another_shape_is_no_error():
    parts = [{"type": "text", "text": "a"}, {"type": "image_url"}, 7, {"text": 1}]
    assert slices.last_question(asked(parts)) == "a"
    assert slices.last_question(asked(None)) == ""
    assert slices.last_question([]) == ""


def test_a_short_question_is_in_no_language_that_is_sure():
    assert slices.language_of("Ja?") == "unsure"
    assert slices.language_of("Wann fährt die nächste Fähre nach Norden ab?") == "de"
