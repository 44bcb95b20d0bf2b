"""Texts and graders that mean harm: grading ends, and never raises."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.evals.graders import check, grade, schemas
from apps.evals.graders.reasons import because

SECONDS = 20  # hung would be hours; how fast a busy machine is, is not tested

LONG = "a" * 3_000_000
CATASTROPHES = [
    ("(a+)+$", "a" * 50_000 + "!"),
    ("(a|a)+$", "a" * 50_000 + "!"),
    ("(a|aa)+$", "a" * 50_000 + "!"),
    (r"(.*)*=", "a" * 50_000),
    (r"(\w+\s?)+$", "word " * 10_000 + "!"),
    ("(x+x+)+y", "x" * 50_000),
    ("(a|b)*a(a|b){18}c", "abbab" * 10_000),
]
GRADERS = [
    {"kind": "exact"},
    {"kind": "normalised", "ignore_punctuation": True},
    {"kind": "contains"},
    {"kind": "regex", "pattern": "(a+)+$"},
    {"kind": "json_valid"},
    {"kind": "json_schema", "schema": {"items": {"type": "object", "uniqueItems": True}}},
    {"kind": "json_fields"},
    {"kind": "number"},
    {"kind": "label", "take": "first_word"},
    *({"kind": "similarity", "metric": metric} for metric in ("fuzzy", "rouge_l", "bleu", "chrf")),
]


def ends(grader, *, expected="", answer=""):
    began = time.monotonic()
    found = grade(grader, expected=expected, answer=answer)
    assert time.monotonic() - began < SECONDS
    assert found.why != "This answer could not be graded."
    return found


@pytest.mark.parametrize(("pattern", "text"), CATASTROPHES)
def test_no_pattern_hangs(pattern, text):
    assert ends({"kind": "regex", "pattern": pattern}, answer=text).passed is False


@pytest.mark.parametrize("grader", GRADERS, ids=str)
def test_no_long_answer_hangs(grader):
    ends(grader, expected='{"a": 1}', answer=LONG)


@pytest.mark.parametrize(
    "answer", ["[" * 900 + "]" * 900, "[" * 100_000, '{"a":' * 60 + "1" + "}" * 60]
)
def test_deep_json_is_refused(answer):
    for kind in ({"kind": "json_valid"}, {"kind": "json_schema", "schema": {}}):
        assert ends(kind, answer=answer).passed is False


def tree(depth):
    return json.loads('{"x":' * depth + "1" + "}" * depth)


TWICE = {"properties": {"x": {"$ref": "#"}}}
ENDLESS = [
    ({"allOf": [TWICE, TWICE]}, tree(40)),
    ({"$ref": "#"}, 1),
    ({"items": {"enum": list(range(3000))}}, [2999] * 3000),
    (
        {"properties": {str(n): {} for n in range(300)}, "additionalProperties": {"$ref": "#"}},
        {f"k{n}": {} for n in range(300)},
    ),
]


MANY = list(range(20_000))
NAMED = {str(number): 1 for number in range(5_000)}
FEW = {str(number): 1 for number in range(900)}
# Each part of these is done soon, and counts for little: only all of it together is too much.
COSTLY = [
    ({"allOf": [{"items": {}}] * 2}, MANY),
    ({"allOf": [{"contains": {}}] * 2}, MANY),
    ({"allOf": [{"uniqueItems": True}] * 40}, MANY),
    ({"allOf": [{"propertyNames": {}}] * 5}, NAMED),
    ({"allOf": [{"additionalProperties": {}}] * 5}, NAMED),
    ({"items": {}, "unevaluatedItems": False}, MANY),
    ({"additionalProperties": {}, "unevaluatedProperties": {}}, NAMED),
    ({"not": {"anyOf": [{"not": {}}] * 600}}, ["a" * 50_000]),
    ({"items": {"dependentRequired": {"1": list(FEW)}}}, [FEW] * 30),
]


@pytest.mark.parametrize(("schema", "value"), [*ENDLESS, *COSTLY])
def test_no_schema_goes_on_for_ever(schema, value):
    assert check({"kind": "json_schema", "schema": schema}) == []
    options = {"schema": schema, "allow_fence": False}
    found = schemas.json_schema(options, most_steps=20_000)("", json.dumps(value))
    assert (found.score, found.why) == (None, because("schema_endless"))


def test_items_that_cannot_be_sorted_are_compared_at_once():
    many = json.dumps([{"a": n} for n in range(20_000)])
    assert ends({"kind": "json_schema", "schema": {"uniqueItems": True}}, answer=many).passed
    same = '[{"a": 1}, {"a": 1.0}]'
    assert not ends({"kind": "json_schema", "schema": {"uniqueItems": True}}, answer=same).passed


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^(a+)+$"}, "a" * 30_000 + "!"),
        ({"patternProperties": {"^(a+)+$": False}, "minProperties": 2}, {"a" * 30_000 + "!": 1}),
        (
            {"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False},
            {"a" * 30_000 + "!": 1},
        ),
    ],
)
def test_patterns_of_schemas_run_in_re2_too(schema, value):
    assert ends({"kind": "json_schema", "schema": schema}, answer=json.dumps(value)).passed is False


def test_a_schema_never_asks_the_network(monkeypatch):
    def refuse(*_args, **_options):
        raise AssertionError("the network was asked")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    monkeypatch.setattr(schemas, "_words_for", lambda *_args, **_options: iter(()))
    schema = {"properties": {"a": {"$ref": "http://a.test/schema"}, "b": {"$ref": "#/$defs/no"}}}
    for answer in ('{"a": 1}', '{"b": 1}'):
        found = ends({"kind": "json_schema", "schema": {**schema, "title": answer}}, answer=answer)
        assert found.why == "The schema refers to something that is not there."


def test_a_draft_named_at_the_top_keeps_the_bounds():
    for draft in schemas.DRAFTS:
        schema = {"$schema": draft, "properties": {"x": {"$ref": "#"}}, "pattern": "^(a+)+$"}
        answer = json.dumps({"x": {"x": "a" * 30_000 + "!"}})
        found = ends({"kind": "json_schema", "schema": schema}, answer=answer)
        assert "x.x breaks the rule “pattern”" in found.why


def test_a_schema_may_have_fields_with_the_names_of_rules():
    names = ("$schema", "$ref", "pattern", "patternProperties", "unevaluatedItems")
    schema = {
        "properties": {name: {"type": "string"} for name in names},
        "const": {"$ref": "http://a.test/", "pattern": "(?=a)"},
    }
    assert check({"kind": "json_schema", "schema": schema}) == []


anything = st.text(max_size=60) | st.text(
    st.sampled_from("0123456789.,'_-+%$€eE {}[]\":`n\ud800\0")
)
patterns = st.text(st.sampled_from("ab()[]{}*+?|\\.^$1,"), max_size=20).map(
    lambda pattern: {"kind": "regex", "pattern": pattern}
)


@given(st.sampled_from(GRADERS) | patterns, anything, anything)
@settings(max_examples=120, deadline=None, database=None)
def test_whatever_the_texts_hold_there_is_a_grade(grader, expected, answer):
    found = ends(grader, expected=expected, answer=answer)
    assert found.score is None or 0 <= found.score <= 1
    assert found.score is not None or found.passed is None
    assert found.why
    found.why.encode()


@given(anything)
@settings(max_examples=50, deadline=None, database=None)
def test_a_text_is_like_itself(text):
    for grader in GRADERS[:3]:
        assert ends(grader, expected=text, answer=text).passed in (True, None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values)
@settings(max_examples=50, deadline=None, database=None)
def test_json_has_the_fields_of_itself(value):
    text = json.dumps(value)
    assert ends({"kind": "json_fields"}, expected=text, answer=text).passed
