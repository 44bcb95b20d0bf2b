"""The rulebook is whole: every rule has a golden case, a manual entry and a repair that exists."""

from pathlib import Path

import pytest

from apps.datasets.check.failures import FAILURES
from apps.datasets.recipes.steps import STEPS
from apps.datasets.rulebook import RULES
from tests.datasets.manual import MANUAL, rule_tables
from tests.datasets.rule_cases import CASES
from tests.datasets.test_check_whole import FILE_CASES


def test_every_rule_has_a_golden_case():
    assert {case.code for case in (*CASES, *FILE_CASES)} == set(RULES)


def test_the_manual_says_what_the_rulebook_says():
    """Run `python -m tests.datasets.manual` after changing a rule."""
    assert rule_tables() in MANUAL.read_text()


def test_the_manual_explains_every_file_that_cannot_be_checked():
    manual = Path("docs/datasets.md").read_text()
    assert [code for code in FAILURES if f"`{code}`" not in manual] == []


@pytest.mark.parametrize("code", RULES)
def test_a_repair_is_a_step_of_recipes(code):
    assert RULES[code].repair in {"", *STEPS}


@pytest.mark.parametrize("code", RULES)
def test_a_rule_says_in_whole_sentences_what_is_wrong_and_where_that_comes_from(code):
    rule = RULES[code]
    assert str(rule.message).endswith(".")
    assert not str(rule.title).endswith(".")
    assert rule.source
