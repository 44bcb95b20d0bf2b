"""The rulebook is whole: every rule has a golden case, a manual entry and a repair that exists."""

from apps.datasets.rulebook import RULES
from tests.datasets.rule_cases import CASES

# Codes that no single row can have: tests/datasets/test_check_file.py has their cases.
OF_FILES = {
    "blank_line", "row_too_large", "too_many_tokens", "too_few_examples", "exact_duplicates",
    "exact_copy", "more_copies", "more_problems", "more_in_row", "missing_system",
    "byte_order_mark", "blank_lines_at_end", "grader_key_missing",
}  # fmt: skip


def test_every_rule_has_a_golden_case():
    assert {case.code for case in CASES} | OF_FILES == set(RULES)
