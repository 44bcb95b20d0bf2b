"""Rules for a file as a whole: content that breaks each of them, and content that does not."""

import json
from typing import NamedTuple

import pytest

from apps.datasets.check import file
from tests.datasets.rule_cases import ANSWER, USER, chat, compared, task
from tests.datasets.test_check_file import Checked
from tests.factories import chat_file, chat_row


class FileCase(NamedTuple):
    code: str
    row: int
    bad: bytes
    good: bytes


def written(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def compared_file(**changes: object) -> bytes:
    answers = (f"answer {number}" for number in range(12))
    rows = (compared(preferred_output=[{**ANSWER, "content": text}]) for text in answers)
    return written(*[{**row, **changes} for row in rows])


TASKS = [task(reference=str(number)) for number in range(12)]
SYSTEM = {"role": "system", "content": "Be kind."}
WITH_SYSTEM = [chat(SYSTEM, USER, {**ANSWER, "content": str(n)}) for n in range(12)]
FILE_CASES = [
    FileCase("blank_line", 13, chat_file() + b"\n" + written(chat_row("Last")), chat_file()),
    FileCase("row_too_large", 13, chat_file() + b"[" * 150_000 + b"\n", chat_file() + b"\n"),
    FileCase("too_many_tokens", 13, chat_file() + written(chat_row("a " * 66_000)), chat_file()),
    FileCase("too_few_examples", 0, chat_file(9), chat_file(10)),
    FileCase("missing_system", 0, written(*WITH_SYSTEM, chat(USER, ANSWER)), written(*WITH_SYSTEM)),
    FileCase("exact_duplicates", 0, chat_file() + chat_file(1), chat_file()),
    FileCase("exact_copy", 13, chat_file() + chat_file(1), chat_file()),
    FileCase("more_copies", 0, chat_file() + chat_file(8), chat_file() + chat_file(3)),
    FileCase("more_problems", 0, b"nonsense\n" * 70, chat_file()),
    FileCase(
        "more_remarks",
        0,
        written(*[chat_row("Hi", f" {n}") for n in range(12)]),
        written(*[chat_row("Hi", f" {n}") for n in range(3)]),
    ),
    FileCase("more_in_row", 1, written({"messages": [{}] * 99}), chat_file()),
    FileCase("byte_order_mark", 0, b"\xef\xbb\xbf" + chat_file(), chat_file()),
    FileCase("blank_lines_at_end", 0, chat_file() + b"\n  \n", chat_file()),
    FileCase("grader_key_missing", 0, written(*TASKS, task(other="x")), written(*TASKS)),
]


@pytest.mark.parametrize("case", FILE_CASES, ids=[case.code for case in FILE_CASES])
def test_what_concerns_the_whole_file_is_found_when_it_is_so(case: FileCase, tmp_path, monkeypatch):
    monkeypatch.setattr("apps.datasets.check.pieces.MAX_ROW_BYTES", 140_000)
    monkeypatch.setattr(file, "MAX_COPIES_LISTED", 5)
    monkeypatch.setattr(file, "MAX_REMARKS_LISTED", 5)
    monkeypatch.setattr(file, "MAX_LISTED", 60)
    bad, good = (_found(content, tmp_path) for content in (case.bad, case.good))
    assert (case.row, case.code) in bad
    assert case.code not in {code for _, code in good}


def _found(content: bytes, folder) -> list[tuple[int, str]]:
    return [(row, code) for row, _, code, *_ in Checked(content, folder).problems]


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
