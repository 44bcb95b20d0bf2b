"""Every format in, the same two conversations out."""

import gzip
import json
import zipfile
from io import BytesIO

import polars
import pytest

from apps.datasets.check.failures import failure_words
from apps.datasets.sources import looking
from tests.datasets.sources.workbooks import workbook
from tests.factories import chat_file, chat_row

QUESTION, ANSWER = "Où est le café?", 'Là: "à gauche",\r\nou ici; ça va.'
SAID = [(QUESTION, ANSWER), ("Zwölf?", "Yes; 2")]
PAIRS = [{"question": question, "answer": answer} for question, answer in SAID]
JSON_ROWS = json.dumps(PAIRS, ensure_ascii=False)
MESSAGES = [
    [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    for question, answer in SAID
]


def table(delimiter: str, *, header: bool = True) -> str:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    rows = [("question", "answer"), *SAID] if header else SAID
    return "".join(delimiter.join(map(cell, row)) + "\r\n" for row in rows)


def parquet(rows: list[dict[str, object]]) -> bytes:
    target = BytesIO()
    polars.DataFrame(rows).write_parquet(target)
    return target.getvalue()


FILES = {
    "csv": ("data.csv", table(",").encode(), "csv"),
    "csv without its ending": ("data", table(",").encode(), "csv"),
    "csv called jsonl": ("data.jsonl", table(",").encode(), "csv"),
    "csv with a mark": ("data.csv", table(",").encode("utf-8-sig"), "csv"),
    "csv of Excel": ("data.csv", b"sep=;\r\n" + table(";").encode("cp1252"), "csv"),
    "semicolons": ("data.csv", table(";").encode(), "csv"),
    "bars": ("data.csv", table("|").encode(), "csv"),
    "tabs": ("data.tsv", table("\t").encode(), "tsv"),
    "UTF-16": ("data.csv", table(";").encode("utf-16"), "csv"),
    "UTF-16, big end first": ("data.csv", b"\xfe\xff" + table("\t").encode("utf-16-be"), "tsv"),
    "UTF-16 without a mark": ("data.csv", table(",").encode("utf-16-le"), "csv"),
    "Windows-1252": ("data.csv", table(";").encode("cp1252"), "csv"),
    "JSON list": ("data.json", JSON_ROWS.encode(), "json"),
    "JSON list with a mark": ("data.json", JSON_ROWS.encode("utf-8-sig"), "json"),
    "JSON list in UTF-16": ("data.json", JSON_ROWS.encode("utf-16"), "json"),
    "indented": ("data.json", json.dumps(PAIRS, indent=2).encode(), "json"),
    "list in an object": (
        "data.json",
        json.dumps({"version": 1, "tags": ["x"], "data": PAIRS, "end": {}}).encode(),
        "json",
    ),
    "compact list in an object": (
        "data.json",
        ('{\n "data": [\n' + ",\n".join(map(json.dumps, PAIRS)) + "\n]\n}").encode(),
        "json",
    ),
    "list with lonely commas": (
        "data.json", ("[\n" + "\n,\n".join(map(json.dumps, PAIRS)) + "\n]").encode(), "json",
    ),
    "objects in a row": (
        "data.json", "\n".join(json.dumps(pair, indent=1) for pair in PAIRS).encode(), "json",
    ),
    "JSONL called json": ("a.json", "\n".join(map(json.dumps, PAIRS)).encode(), "jsonl"),
    "JSON called jsonl": ("a.jsonl", json.dumps(PAIRS).encode(), "json"),
    "JSONL in Windows-1252": (
        "a.jsonl",
        "".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in PAIRS).encode("cp1252"),
        "jsonl",
    ),
    "spreadsheet": (
        "a.xlsx",
        workbook(First=[[None, None], ["question", "answer"], *map(list, SAID)], Second=[["x"]]),
        "xlsx",
    ),
    "Parquet": ("a.parquet", parquet(PAIRS), "parquet"),
    "nested Parquet": ("a.parquet", parquet([{"messages": m} for m in MESSAGES]), "parquet"),
    "conversations in cells": (
        "a.csv",
        'id,chat\n' + "".join(
            f'{n},"{json.dumps(m).replace(chr(34), chr(34) * 2)}"\n'
            for n, m in enumerate(MESSAGES)
        ),
        "csv",
    ),
    "ShareGPT": (
        "a.json",
        json.dumps([
            {"id": "x", "conversations": [
                {"from": "human", "value": question}, {"from": "gpt", "value": answer},
            ]}
            for question, answer in SAID
        ]).encode(),
        "json",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_every_format_gives_the_same_rows(read, name, packed):
    filename, content, form = FILES[name]
    content = content.encode() if isinstance(content, str) else content
    result = read(gzip.compress(content), f"{filename}.gz") if packed else read(content, filename)
    assert (result.failure, result.layout.format) == ("", form)
    assert result.said == SAID
    assert result.count == 2
    assert result.layout.is_packed is packed
    assert not result.layout.is_as_stored


@pytest.mark.parametrize("content", [chat_file(), b"\xef\xbb\xbf" + chat_file()])
@pytest.mark.parametrize("filename", ["train.jsonl", "train.json", "train.txt", ""])
def test_jsonl_in_utf8_stays_as_it_is(read, content, filename):
    layout = read(content, filename).layout
    assert (layout.format, layout.is_as_stored) == ("jsonl", True)


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(chat_row("x" * 3_000)).encode() + b"\n" + chat_file(),
        b"{broken\n" + chat_file(),
        b'["not", "an object"]\n' + chat_file(),
        b'{"mesages": []}\n' * 3,
    ],
    ids=["a first row longer than the head", "a broken first row", "a list first", "a slip"],
)
def test_what_is_wrong_in_jsonl_is_left_to_the_check(read, content, monkeypatch):
    monkeypatch.setattr(looking, "HEAD_BYTES", 2_000)
    assert read(content, "a.jsonl").layout.is_as_stored


def test_packed_jsonl_keeps_every_byte(read):
    content = chat_file() + b'{"prompt": "\xff"}'
    result = read(gzip.compress(content), "train.jsonl.gz")
    assert b"\n".join(result.lines) == content


def test_examples_in_a_json_list_keep_their_bytes(read):
    rows = [b'{"messages":[], "x":1.10, "x":123456789012345678901}', b'{"a": NaN}', b'"text"']
    content = b"[\n" + b",\n".join([json.dumps(chat_row()).encode(), *rows]) + b"]"
    assert read(content).lines[1:] == rows


def test_one_text_per_line(read):
    result = read(b"Once upon a time,\n\n  there was; a king.\r\nThe end", "story.txt")
    assert result.layout.format == "txt"
    assert [row["completion"] for row in result.rows] == [
        "Once upon a time,", "  there was; a king.", "The end",
    ]  # fmt: skip


def test_lines_that_end_as_on_an_old_mac(read):
    assert read(table(",").replace("\r\n", "\r").encode(), "a.csv").rows
    result = read(chat_file().replace(b"\n", b"\r"), "a.jsonl")
    assert b"\n".join(result.lines) + b"\n" == chat_file()


def test_cells_stay_texts_and_empty_cells_are_missing(read):
    result = read(b"id,question,answer\n1,007 ,\n2,,1.50\n,,\n", "a.csv")
    assert [row["messages"] for row in result.rows] == [
        [{"role": "user", "content": "007 "}],
        [{"role": "assistant", "content": "1.50"}],
    ]


def test_cells_beyond_the_last_column_are_kept_for_the_check_to_find(read):
    result = read(b"question,answer\nHi,Hello, friend\nHo,Hey\n", "a.csv")
    assert [row.get("extra_cells") for row in result.rows] == [[" friend"], None]


def test_a_table_without_names_gets_numbers(read):
    result = read(table(",", header=False).encode(), "a.csv")
    assert result.layout.tables[0].columns == ["column 1", "column 2"]
    assert result.said == SAID


def test_quotes_that_are_escaped_with_a_backslash(read):
    content = b'question,answer\n"Say \\"hi, you\\"","Hi, you"\n"A","B"\n'
    assert read(content, "a.csv").said == [('Say "hi, you"', "Hi, you"), ("A", "B")]


def zipped(*names: str) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (gzip.compress(b""), "empty"),
        (zipped("train.jsonl"), "zip"),
        (zipped("data/a.jsonl", "data/b.jsonl"), "zip_folder"),
        (zipped("word/document.xml"), "old_office"),
        (zipped("xl/workbook.xml"), "broken_workbook"),
        (b"PK\x03\x04broken", "zip"),
        (zipped("xl/workbook.xml")[:-30], "damaged_workbook"),
        (b"%PDF-1.7\n", "pdf"),
        (b"PAR1\x15", "broken_parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old_office"),
        (b"<!DOCTYPE html><html></html>", "html"),
        (b"\x00\x01\x02\x03" * 100, "binary"),
        (bytes(range(256)) * 20, "binary"),
        (b"\x1f\x8b\x08rest", "broken_gzip"),
        (gzip.compress(chat_file())[:-20], "broken_gzip"),
        (gzip.compress(gzip.compress(chat_file())), "packed_twice"),
        (json.dumps([chat_row(), chat_row()]).encode()[:-30], "json_ends_early"),
        (b'[{"messages": []}, {"messages": [}]', "json_broken"),
        (b'[{"messages": [', "json_ends_at_once"),
        (b'[{"messages": [}]', "json_broken_at_once"),
        (json.dumps({"train": [{"a": 1}], "test": [{"a": 1}]}).encode(), "several_lists"),
    ],
)
def test_what_cannot_be_read_gets_one_clear_sentence(read, content, failure):
    result = read(content)
    assert result.failure == failure
    assert failure_words(result.failure, result.params) != failure
    assert "%" not in failure_words(result.failure, result.params)


def test_a_cut_off_file_that_is_called_xlsx_is_no_archive_to_unpack(read):
    assert read(b"PK\x03\x04broken", "a.xlsx").failure == "damaged_workbook"
    assert (
        read(workbook(Data=[["question", "answer"]] * 9)[:-40], "a").failure == "damaged_workbook"
    )


def test_a_quotation_mark_that_is_never_closed_is_named_with_its_line(read):
    result = read(b'question,answer\nHi,"Hello,\nyou"\nWho?,"Me\nLast,line\n', "a.csv")
    assert (result.failure, result.params) == ("open_quote", {"line": 4})


def test_a_byte_that_does_not_fit_is_named_with_its_offset(read):
    before = "question,answer\n" + "Où?,Là\n" * 50
    content = before.encode() + b"caf\xe9,x\n" + "Où?,Là\n".encode() * 50
    result = read(content, "a.csv")
    assert result.failure == "bad_bytes"
    offset = len(before.encode()) + 3
    assert result.params == {"encoding": "UTF-8", "byte": "0xE9", "offset": offset, "line": 52}


def test_odd_bytes_behind_a_long_stretch_of_ascii_still_tell_the_encoding(read, monkeypatch):
    monkeypatch.setattr(looking, "HEAD_BYTES", 1_000)
    content = b"question,answer\n" + b"Hi,Hello\n" * 1_000 + "Où,Là\n".encode("cp1252")
    result = read(content, "a.csv")
    assert (result.layout.encoding, result.said[-1]) == ("cp1252", ("Où", "Là"))


def test_a_file_that_unpacks_to_far_too_much_is_not_unpacked(read, tmp_path):
    bomb = gzip.compress(b'{"a": 1}\n' * 3_000_000)
    assert len(bomb) < 100_000
    result = read(bomb, "a.jsonl.gz", limit=20 * 1024 * 1024)
    assert (result.failure, result.params) == ("unpacks_too_large", {"limit": 20})
    rows = [["question", "answer"], *([["x" * 1000, "y" * 1000]] * 2_000)]
    assert read(workbook(Bomb=rows), limit=1024 * 1024).failure == "unpacks_too_large"
    assert [path.name for path in tmp_path.iterdir()] == ["upload.source"]


def test_a_first_row_longer_than_the_beginning_is_a_row_all_the_same(tmp_path):
    path = tmp_path / "vision.jsonl"
    path.write_text(json.dumps(chat_row("A" * (looking.HEAD_BYTES + 1))) + "\n")
    assert looking.look(path).format == "jsonl"
    path.write_text(json.dumps({"data": [chat_row("A" * 600_000), chat_row("B" * 600_000)]}))
    assert looking.look(path).format == "json"
