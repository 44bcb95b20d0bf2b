"""The rulebook is whole: every rule has a golden case, a manual entry and a repair that exists."""

from apps.datasets.rulebook import RULES
from tests.datasets.rule_cases import CASES
from tests.datasets.test_check_whole import FILE_CASES


def test_every_rule_has_a_golden_case():
    assert {case.code for case in (*CASES, *FILE_CASES)} == set(RULES)
