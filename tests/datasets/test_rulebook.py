"""The rulebook is whole: every rule has a golden case, a manual entry and a repair that exists."""

import json
from io import BytesIO
from typing import Any

import pytest

from apps.datasets.check.examples import read_example
from apps.datasets.recipes.engine import run
from apps.datasets.recipes.repairs import recipe_for, repairs_for
from apps.datasets.recipes.steps import STEPS
from apps.datasets.rulebook import RULES, Severity, quality
from tests.datasets.manual import MANUAL, rule_tables
from tests.datasets.rule_cases.files import FILE_CASES
from tests.datasets.rule_cases.quality import QUALITY_CASES
from tests.datasets.rule_cases.rows import CASES, Case


def test_every_rule_has_a_golden_case():
    assert {case.code for case in (*CASES, *FILE_CASES)} == set(RULES) - set(quality.RULES)
    assert {case.code for case in QUALITY_CASES} == set(quality.RULES)


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


REPAIRED = [case for case in CASES if RULES[case.code].repair]


@pytest.mark.parametrize("case", REPAIRED, ids=[f"{n}-{c.code}" for n, c in enumerate(REPAIRED)])
def test_what_is_suggested_for_a_rule_puts_its_golden_case_right(case: Case, tmp_path):
    """The row is repaired or, when that fails and it must be fixed, gone; good rows stay."""
    path = tmp_path / "rows.jsonl"
    good, bad = (_line(row) for row in (case.good, case.bad))
    path.write_bytes(good * 3 + bad)
    group = {"code": case.code, "problems": 1, "rows": 1}
    (repair,) = repairs_for([group], system_prompt="Be kind.")
    must_be_fixed = RULES[case.code].severity == Severity.ERROR
    target = BytesIO()
    run(recipe_for([group]) if must_be_fixed else [repair.step], [path], target)
    after = target.getvalue().splitlines()
    found = [f.code for line in after for f in read_example(line, expected=case.kind).findings]
    assert case.code not in found
    assert len(after) in (3, 4)


def _line(row: Any) -> bytes:
    return (row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n"
