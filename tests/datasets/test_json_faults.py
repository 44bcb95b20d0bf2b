"""A line that is no JSON is told what is wrong with it in words for people."""

import pytest

from apps.datasets.check.examples import read_example
from apps.datasets.rulebook import RULES, words

REASONS = {
    "{'a': 1}": "texts stand in single quotes, as Python prints them",
    """{"a": 'x'}""": "texts stand in single quotes, as Python prints them",
    '{"a": None}': "JSON says null, true and false, not None, True and False",
    '{"a": 1,}': "there is a comma before the closing }",
    '{"a": [1, 2, ]}': "there is a comma before the closing ]",
    '{"a": 1},': "there is a comma after the object",
    '{"a": 1} {"b": 2}': "a second object stands on the same line",
    '{"a": "say "yes" to it"}': "a quotation mark inside a text ends it",
    '{"a": “x”}': "a text stands in curly quotes",
    '{"a": 1, // one': "there is a comment",
    '{"a":': "the line ends before the object does",
    "User: hello": "this does not begin like JSON",
    '{"a" 1}': "a colon is missing",
    '{"a": 1 "b": 2}': "a comma is missing",
}


@pytest.mark.parametrize(("line", "reason"), REASONS.items(), ids=list(REASONS.values()))
def test_the_reason_is_what_stands_there(line, reason):
    (finding,) = read_example(line.encode()).findings
    assert finding.code == "invalid_json"
    assert words.message(finding.code, finding.params).startswith(f"Not valid JSON: {reason}")


def test_every_rule_says_what_to_do():
    assert [code for code, rule in RULES.items() if not str(rule.hint)] == []


def test_large_numbers_are_written_so_that_they_can_be_read():
    said = words.message("too_many_tokens", {"tokens": 1_000_037, "limit": 65_536})
    assert said.startswith("This row has 1,000,037 tokens; OpenAI cuts rows at 65,536")


@pytest.mark.parametrize("role", ['"asistant"', '"User"', "5", "null"])
def test_a_role_that_is_a_slip_is_not_told_as_a_missing_message_too(role):
    said = '{"messages": [{"role": "%s", "content": "a"}, {"role": %s, "content": "b"}]}'
    for other in ("user", "assistant"):
        (finding,) = read_example((said % (other, role)).encode(), expected="chat").findings
        assert finding.path == "messages[1].role"


def test_a_weight_is_quoted_as_it_stands_in_the_file():
    answer = '{"role": "assistant", "content": "b", "weight": true}'
    line = f'{{"messages": [{{"role": "user", "content": "a"}}, {answer}]}}'
    (finding,) = read_example(line.encode(), expected="chat").findings
    assert "The weight is true" in words.message(finding.code, finding.params)


def test_languages_are_named_in_the_language_of_the_reader():
    shares = {"languages": "de 40.0 %, la 2.0 %", "sample": 40}
    assert "German 40.0 %, la 2.0 %" in words.message("several_languages", shares)
    said = words.message("other_language", {"asked": "zh", "answered": "fr"})
    assert "“Simplified Chinese”, the answer in “French”" in said
