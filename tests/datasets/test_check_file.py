"""Whole files: any bytes in, a report out."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.datasets.check import file, gathered, pieces
from apps.datasets.check.file import Report
from apps.datasets.check.spool import Spool
from apps.datasets.rulebook.words import message
from tests.factories import chat_file, chat_row

LIMITS = {"o200k_base": 65_536, "bytes": 512}


class Checked:
    """A report together with its problems and its index."""

    def __init__(self, content: bytes, folder: Path, *, processes: int = 0) -> None:
        path = folder / "file.jsonl"
        path.write_bytes(content)
        with Spool(folder) as spool, (folder / "file.idx").open("wb") as index:
            self.report: Report = file.check_file(
                path,
                encodings=("o200k_base", "bytes"),
                limits=LIMITS,
                spool=spool,
                index=index,
                on_progress=lambda _: None,
                process_count=processes,
            )
            self.problems = list(spool.records())
        self.index = np.fromfile(folder / "file.idx", np.uint64).tolist()

    @property
    def found(self) -> list[tuple[int, str]]:
        return [(row, code) for row, _, code, *_ in self.problems if row]


@pytest.fixture
def check(tmp_path):
    return lambda content, **options: Checked(content, tmp_path, **options)


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + chat_file(),
        chat_file().replace(b"\n", b"\r\n"),
        chat_file() + b"\n\n  \n",
        chat_file().rstrip(b"\n"),
    ],
    ids=["byte order mark", "Windows line ends", "empty lines at the end", "no last line end"],
)
def test_what_does_not_matter_is_no_problem(check, content):
    checked = check(content)
    assert (checked.report.progress.rows, checked.found) == (12, [])


@pytest.mark.parametrize("content", [b"", b" \n\n", b"\xef\xbb\xbf\n", b"\n" * 60_000])
def test_a_file_without_a_row_gets_one_clear_sentence(check, content, monkeypatch):
    monkeypatch.setattr(file, "MAX_LISTED", 50_000)
    checked = check(content)
    assert (checked.report.failure, checked.problems) == ("empty", [])


def test_nothing_stops_at_the_first_error(check):
    rows = chat_file(20).splitlines()
    rows[2], rows[9], rows[15] = b"{", b"", b'{"messages": []}'
    checked = check(b"\n".join(rows))
    expected = [(3, "invalid_json"), (10, "blank_line"), (16, "empty_list")]
    assert checked.found == expected
    assert checked.report.progress.error_rows == 3
    assert checked.report.has_errors


def test_empty_lines_before_a_piece_ends_count_once_a_row_follows(check, monkeypatch):
    monkeypatch.setattr("apps.datasets.check.pieces.PIECE_BYTES", 1)
    checked = check(b"\n\n".join([*chat_file(3).splitlines(), b""]))
    assert checked.found == [(2, "blank_line"), (4, "blank_line")]
    assert checked.report.progress.rows == 5


def test_a_row_after_very_many_empty_lines_is_found(check, monkeypatch):
    monkeypatch.setattr(file, "MAX_LISTED", 50_000)
    count = 100_000
    checked = check(chat_file(1) + b"\n" * count + chat_file(1))
    report = checked.report
    assert (report.progress.rows, report.progress.error_rows) == (count + 2, count)
    assert report.progress.problems > file.MAX_LISTED == len(checked.found)


def test_a_piece_of_very_short_rows_is_small(tmp_path):
    path = tmp_path / "short.jsonl"
    path.write_bytes(b"{}\n" * 25_000)
    cuts = pieces.cut(path, encodings=("bytes",), expected="", fast=False)
    rows = [len(piece.work().starts) for piece in cuts]
    assert rows == [10_000, 10_000, 5_000]


def test_a_file_of_more_rows_than_can_be_checked_gets_one_sentence(check, monkeypatch):
    monkeypatch.setattr(file, "MAX_ROWS", 11)
    assert check(chat_file(11)).report.failure == ""
    assert check(chat_file(12)).report.failure == "too_many_rows"


def test_one_byte_that_is_not_utf8_is_a_problem_of_its_row(check):
    rows = chat_file(20).splitlines()
    rows[4] = b'{"prompt": "\xff"}'
    checked = check(b"\n".join(rows))
    ((row, _, code, _, params),) = [problem for problem in checked.problems if problem[0]]
    assert (row, code, params) == (5, "not_utf8", {"byte": "0xFF", "offset": 13})


def test_rows_that_say_the_same_are_copies_whatever_their_spacing(check):
    row = chat_row()
    spaced = json.dumps(row, indent=None, separators=(" ,  ", ":  ")).encode()
    turned = json.dumps({"messages": [dict(reversed(m.items())) for m in row["messages"]]}).encode()
    content = chat_file(10) + lines(row) + spaced + b"\n" + turned + b"\n"
    checked = check(content)
    assert checked.report.statistics["exact_duplicates"] == 2
    assert not checked.report.has_errors


def test_each_copy_names_the_row_that_it_repeats(check):
    rows = chat_file(40).splitlines()
    rows[39] = rows[24] = rows[11]
    checked = check(b"\n".join(rows))
    copies = [(row, params["original"]) for row, _, code, _, params in checked.problems if row]
    assert copies == [(25, 12), (40, 12)]
    assert message("exact_copy", {"original": 12}) == "This row is the same as row 12."


def test_when_more_rows_are_copies_than_are_listed_the_report_says_so(check, monkeypatch):
    monkeypatch.setattr(file, "MAX_COPIES_LISTED", 3)
    checked = check(chat_file(10) * 2)
    assert checked.found == [(row, "exact_copy") for row in (11, 12, 13)]
    of_the_file = {code: params for row, _, code, _, params in checked.problems if not row}
    assert of_the_file["exact_duplicates"] == {"count": 10}
    assert of_the_file["more_copies"] == {"count": 7, "limit": 3}


def test_rows_that_cannot_be_read_are_no_copies_of_each_other(check):
    checked = check(b'{"prompt"\n' * 12)
    assert checked.report.statistics["exact_duplicates"] == 0


def test_a_row_longer_than_a_model_can_read_must_be_fixed(check):
    checked = check(chat_file(10) + lines(chat_row("Hi", "no" + " no" * 70_000)))
    assert checked.found == [(11, "too_many_tokens")]


def test_a_line_too_large_to_read_costs_no_memory_and_hides_nothing(check, monkeypatch):
    for module in (gathered, pieces):
        monkeypatch.setattr(module, "MAX_ROW_BYTES", 1_000)
    content = chat_file(10) + lines(chat_row("x" * 5_000)) + lines(chat_row("x" * 999)) + b"{"
    checked = check(content)
    assert checked.found == [(11, "row_too_large"), (12, "row_too_large"), (13, "invalid_json")]


def test_figures_are_those_of_the_rows(check):
    checked = check(lines(*[chat_row("Hi", "a" * size) for size in range(100)][1:]))
    figures = checked.report.statistics["tokens"]["bytes"]
    base = len("You are kind." + "Hi") + 2 * 3
    assert (figures["min"], figures["median"], figures["max"]) == (base + 1, base + 50, base + 99)
    assert figures["p95"] == base + 95
    assert figures["total"] == 99 * base + sum(range(100))
    assert sum(figures["histogram"]["counts"]) == checked.report.statistics["rows"] == 99
    assert figures["over_limit"] == 0


def test_the_commonest_system_prompt_is_kept(check):
    rows = [chat_row() for _ in range(12)]
    rows[3]["messages"][0]["content"] = "You are cross."
    assert check(lines(*rows)).report.system_prompt == "You are kind."


def test_checking_processes_find_what_one_process_finds(check, monkeypatch):
    monkeypatch.setattr("apps.datasets.check.pieces.PIECE_BYTES", 500)
    rows = chat_file(60).splitlines()
    rows[7], rows[44] = b"{", b'{"messages": []}'
    alone = check(b"\n".join(rows), processes=0)
    together = check(b"\n".join(rows), processes=2)
    assert (together.found, together.index) == (alone.found, alone.index)
    assert together.report == alone.report


def test_more_problems_than_are_listed_are_counted_and_said(check, monkeypatch):
    monkeypatch.setattr(file, "MAX_LISTED", 5)
    checked = check(b"nonsense\n" * 21)
    assert len(checked.found) == 5
    assert checked.report.progress.error_rows == 21
    assert [code for row, _, code, *_ in checked.problems if not row] == ["more_problems"]


words = st.text(st.characters(codec="utf-8"), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(["role", "content", "name", "weight", "tool_calls", "tool_call_id", "x"])
messages = st.dictionaries(
    keys, values | st.sampled_from(["user", "assistant", "tool"]), max_size=4
)
conversations = st.lists(messages, max_size=4) | values
rows = st.one_of(
    st.fixed_dictionaries({"messages": conversations}, optional={"tools": values, "x": values}),
    st.fixed_dictionaries({"prompt": values}, optional={"completion": values}),
    st.fixed_dictionaries(
        {"input": st.fixed_dictionaries({"messages": conversations}) | values},
        optional={"preferred_output": conversations, "non_preferred_completion": conversations},
    ),
)
line = st.one_of(
    st.binary(max_size=40),
    rows.map(lambda row: json.dumps(row).encode()),
    values.map(lambda value: json.dumps(value).encode()),
    st.just(chat_file(1).strip()),
)


@settings(max_examples=150, deadline=None)
@given(content=st.one_of(st.binary(max_size=300), st.lists(line, max_size=8).map(b"\n".join)))
def test_any_bytes_in_give_a_report_out(tmp_path_factory, content):
    checked = Checked(content, tmp_path_factory.mktemp("any"))
    report = checked.report
    if report.failure:
        return
    wanted = len(content.rstrip(b"\n").split(b"\n"))
    assert report.progress.rows <= wanted
    assert len(checked.index) == report.progress.rows + 1
    assert report.progress.problems == len(checked.problems)
    errors = {row for row, _, _, severity, _ in checked.problems if severity == "error"}
    assert report.progress.error_rows == len(errors)
    assert all(0 <= row <= report.progress.rows for row, *_ in checked.problems)
    json.dumps(report.statistics)
