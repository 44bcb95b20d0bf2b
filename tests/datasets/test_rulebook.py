"""The rulebook is whole: every rule has a golden case, a manual entry and a repair that exists."""

import pytest

from apps.datasets.recipes.steps import STEPS
from apps.datasets.rulebook import RULES, quality
from tests.datasets.manual import MANUAL, rule_tables
from tests.datasets.rule_cases import CASES
from tests.datasets.test_check_whole import FILE_CASES


def test_every_rule_of_the_check_has_a_golden_case():
    """Those of the examination have theirs in tests/datasets/quality."""
    assert {case.code for case in (*CASES, *FILE_CASES)} == set(RULES) - set(quality.RULES)


def test_the_manual_says_what_the_rulebook_says():
    """Run `python -m tests.datasets.manual` after changing a rule."""
    assert rule_tables() in MANUAL.read_text()


@pytest.mark.parametrize("code", RULES)
def test_a_repair_is_a_step_of_recipes(code):
    assert RULES[code].repair in {"", *STEPS}


@pytest.mark.parametrize("code", RULES)
def test_a_rule_says_in_whole_sentences_what_is_wrong_and_where_that_comes_from(code):
    rule = RULES[code]
    assert str(rule.message).endswith(".")
    assert not str(rule.title).endswith(".")
    assert rule.source
