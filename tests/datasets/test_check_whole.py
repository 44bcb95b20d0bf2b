"""Rules for a file as a whole: content that breaks each of them, and content that does not."""

import pytest

from apps.datasets.check import file
from tests.datasets.rule_cases.files import FILE_CASES, TASKS, FileCase, written
from tests.datasets.rule_cases.rows import ANSWER, USER, chat, compared, task
from tests.datasets.test_check_file import Checked
from tests.factories import chat_file


def compared_file(**changes: object) -> bytes:
    answers = (f"answer {number}" for number in range(12))
    rows = (compared(preferred_output=[{**ANSWER, "content": text}]) for text in answers)
    return written(*[{**row, **changes} for row in rows])


@pytest.mark.parametrize("case", FILE_CASES, ids=[case.code for case in FILE_CASES])
def test_what_concerns_the_whole_file_is_found_when_it_is_so(case: FileCase, tmp_path, monkeypatch):
    monkeypatch.setattr("apps.datasets.check.gathered.MAX_ROW_BYTES", 140_000)
    monkeypatch.setattr(file, "MAX_COPIES_LISTED", 5)
    monkeypatch.setattr(file, "MAX_REMARKS_LISTED", 5)
    monkeypatch.setattr(file, "MAX_LISTED", 60)
    good, bad = (Checked(content, tmp_path) for content in (case.good, case.bad))
    assert (case.row, case.code) in _found(bad)
    assert case.code not in {code for _, code in _found(good)}
    rows_with = {group["code"]: group["rows"] for group in bad.report.groups}
    assert bool(rows_with[case.code]) == bool(case.row)  # the file as a whole is no row


def _found(checked: Checked) -> list[tuple[int, str]]:
    return [(row, code) for row, _, code, *_ in checked.problems]


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (compared_file(), "preference"),
        (written(*TASKS), "reinforcement"),
        (written(chat(USER)) + chat_file(), "chat"),
        (chat_file(3) + compared_file(), "preference"),
        (written({"prompt": "x", "completion": "y"}) + chat_file(1), "prompt_completion"),
    ],
)
def test_the_kind_of_a_file_is_that_of_most_of_its_first_rows(content, form, tmp_path):
    assert Checked(content, tmp_path).report.format == form


def test_tokens_of_every_kind_are_counted(tmp_path):
    """3 and the role per message, 3 per row, and every text: `Hi`, `Hello`, `What?` with 2."""
    rows = {
        "chat": (chat(USER, ANSWER), 4 + 1 + 4 + 1 + 3, 1),
        "prompt_completion": ({"prompt": "Hi", "completion": "Hello"}, 2, 1),
        "preference": (compared(), 3 * 4 + 1 + 1 + 2 + 3, 3),
        "reinforcement": (task(), 4 + 1 + 3, 0),
    }
    for kind, (row, total, answers) in rows.items():
        tokens = Checked(written(row), tmp_path).report.statistics["tokens"]["o200k_base"]
        assert (kind, tokens["total"], tokens["assistant_total"]) == (kind, total, answers)
