"""Every rule of quality, through the check and the examination: a file that breaks it, and not."""

from io import BytesIO
from pathlib import Path

import pytest

from apps.datasets.check.tokens import DEFAULT_ENCODING
from apps.datasets.quality.examine import examine
from apps.datasets.recipes.engine import run
from apps.datasets.recipes.repairs import repairs_for
from apps.datasets.rulebook import RULES
from tests.datasets.rule_cases.files import FileCase
from tests.datasets.rule_cases.quality import QUALITY_CASES
from tests.datasets.test_check_file import Checked


@pytest.mark.parametrize("case", QUALITY_CASES, ids=[case.code for case in QUALITY_CASES])
def test_poor_quality_is_found_where_it_is_and_nowhere_else(case: FileCase, tmp_path):
    assert (case.row, case.code) in found_in(case.bad, tmp_path)
    assert case.code not in {code for _, code in found_in(case.good, tmp_path)}


REPAIRED = [case for case in QUALITY_CASES if RULES[case.code].repair]


@pytest.mark.parametrize("case", REPAIRED, ids=[case.code for case in REPAIRED])
def test_what_is_suggested_puts_the_golden_case_right(case: FileCase, tmp_path):
    group = {"code": case.code, "problems": 1, "rows": 1}
    (repair,) = repairs_for([group], system_prompt="Be kind.")
    source, target = tmp_path / "rows.jsonl", BytesIO()
    source.write_bytes(case.bad)
    run([repair.step], [source], target)
    after = target.getvalue()
    assert after.count(b"\n") in {case.bad.count(b"\n"), case.bad.count(b"\n") - 1}
    assert case.code not in {code for _, code in found_in(after, tmp_path)}


def found_in(content: bytes, folder: Path) -> list[tuple[int, str]]:
    """Check and examine a file as a worker does."""
    tokens = Checked(content, folder).report.statistics["tokens"][DEFAULT_ENCODING]
    examination = examine(
        folder / "file.jsonl",
        row_count=content.count(b"\n"),
        over_limit=tokens["over_limit"],
        limit=tokens["limit"],
        on_progress=lambda _: None,
        process_count=0,
    )
    return [(place.row + 1, place.code) for place in examination.places]
