"""Reads the beginning of a file and says how it is written. Whatever comes, it never raises."""

import re
import zipfile
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from apps.datasets.check.failures import failure_words
from apps.datasets.check.findings import near_miss
from apps.datasets.check.kinds import CHAT_KEYS, PAIR_KEYS, PREFERENCE_KEYS, format_of
from apps.datasets.sources import delimited, encodings, json_list, parquet, workbook
from apps.datasets.sources.layout import MOST_COLUMNS, SAMPLE_ROWS, Layout, Table, is_plain
from apps.datasets.sources.mapping import guess
from apps.datasets.sources.packing import head_of, is_packed, unpacked_file
from apps.datasets.sources.unreadable import Unreadable

HEAD_BYTES = 1024 * 1024
MOST_RECORDS = 100
LOOKED_AT = 200  # lines
ZIP = b"PK\x03\x04"
WORKBOOK_PART = b"xl/work"  # begins the name of a part of every spreadsheet
WORKBOOK_ENDINGS = (".xlsx", ".xlsm")
PARQUET = b"PAR1"
MAGIC = (
    (b"\x1f\x8b", "packed_twice"),
    (b"%PDF-", "pdf"),
    (b"\xd0\xcf\x11\xe0", "old_office"),
    (b"BZh", "other_archive"),
    (b"\xfd7zXZ", "other_archive"),
    (b"7z\xbc\xaf", "other_archive"),
    (b"Rar!", "other_archive"),
    (b"\x28\xb5\x2f\xfd", "other_archive"),
    (b"\x89PNG", "binary"),
    (b"\xff\xd8\xff", "binary"),
)
HTML = re.compile(r"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
MOST_CONTROL = 0.02
ROW_KEYS = {*CHAT_KEYS, *PAIR_KEYS, *PREFERENCE_KEYS}  # no examples are listed under these
LINE_BREAK = re.compile(r"\r\n|\n|\r")
JSON_ENDINGS = (".jsonl", ".ndjson", ".json")
TABLE_ENDINGS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}


def refusals() -> dict[str, str]:
    """Return what a browser can refuse by itself: endings, first bytes (hex), and the words."""
    signs = dict.fromkeys((".docx", ".xls", ".ods", ".odt"), "old_office") | {".zip": "zip"}
    signs |= {magic.hex(): failure for magic, failure in MAGIC if failure != "packed_twice"}
    return {sign: failure_words(failure, {}) for sign, failure in signs.items()}


def look(path: Path, filename: str = "", *, limit: int = 1 << 40) -> Layout:
    """Recognise a file by its bytes; the ending of its name only settles what they leave open."""
    try:
        ending = Path(filename.lower().removesuffix(".gz")).suffix
        layout = _look(path, ending, limit)
    except Unreadable as exc:
        return Layout(failure=exc.code, params=exc.params)
    except FileNotFoundError:
        return Layout(failure="gone")
    short = [table.with_short_cells() for table in layout.tables]
    return replace(layout, is_packed=is_packed(path), tables=short)


def _look(path: Path, ending: str, limit: int) -> Layout:
    head, is_whole = head_of(path, HEAD_BYTES, limit)
    if head.startswith(ZIP):
        is_workbook = ending in WORKBOOK_ENDINGS or WORKBOOK_PART in head
        return _zipped(path, limit, broken="damaged_workbook" if is_workbook else "zip")
    if head.startswith(PARQUET):
        with unpacked_file(path, limit) as plain:
            table, count = parquet.table(plain)
        return Layout("parquet", tables=[table], row_guess=count)
    if failure := next((name for magic, name in MAGIC if head.startswith(magic)), ""):
        raise Unreadable(failure)
    if head[257:262] == b"ustar":
        raise Unreadable("other_archive")
    encoding = encodings.encoding_of(path, head, limit)
    text = head.decode(encoding, "replace")
    layout = _text(_without_cut_line(text, is_whole=is_whole), ending, is_whole=is_whole)
    old_lines = "\r" in text and "\n" not in text
    return replace(layout, encoding=encoding, old_lines=old_lines)


def _zipped(path: Path, limit: int, *, broken: str) -> Layout:
    with unpacked_file(path, limit) as plain:
        try:
            names = zipfile.ZipFile(plain).namelist()
        except (zipfile.BadZipFile, OSError, ValueError) as exc:
            raise Unreadable(broken) from exc
        if any(name.startswith("xl/") for name in names):
            tables = workbook.tables(plain, limit)
            return Layout("xlsx", tables=tables) if tables else Layout(failure="empty")
    if any(name.startswith(("word/", "ppt/")) or name == "mimetype" for name in names):
        raise Unreadable("old_office")
    files = [name for name in names if not name.endswith("/")]
    if len(files) != 1 or "/" in files[0]:
        raise Unreadable("zip_folder", count=len(files))
    raise Unreadable("zip")


def _without_cut_line(text: str, *, is_whole: bool) -> str:
    """Leave out the last line of a head when the head ends in the middle of it."""
    end = -1 if is_whole else text.rfind("\n")
    return text if end < 0 else text[: end + 1]


def _text(text: str, ending: str, *, is_whole: bool) -> Layout:
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return Layout(failure="empty") if is_whole else Layout("jsonl")
    if HTML.match(text):
        raise Unreadable("html")
    beginning = text[:4096]
    if len(CONTROL.findall(beginning)) > max(8, MOST_CONTROL * len(beginning)):
        raise Unreadable("binary")
    return _json(text, is_whole=is_whole) or _table_or_lines(text, ending, is_whole=is_whole)


def _json(text: str, *, is_whole: bool) -> Layout | None:
    """Tell the kinds of JSON apart; None when the text is none of them."""
    lines = [line for line in islice(LINE_BREAK.split(text), LOOKED_AT) if line.strip()]
    values = [json_list.value_of(line.encode("utf-8", "replace")) for line in lines]
    objects = [value for value in values if isinstance(value, dict)]
    is_one_line, start = len(lines) == 1, text.lstrip()[0]
    if isinstance(values[0], list) and not is_one_line:
        return Layout("jsonl")
    if start != "[" and _are_rows(values, objects) and not (is_one_line and _held(objects[0])):
        return _records("jsonl", objects)
    if start not in "[{":
        return None
    head = text.encode("utf-8", "replace")
    if is_one_line and not is_whole and json_list.first_key(head) in ROW_KEYS:
        return Layout("jsonl")  # its first row, with an image perhaps, is longer than the head
    return _one_json(head, start)


def _are_rows(values: list[Any], objects: list[dict[str, Any]]) -> bool:
    """True for one object per line: in the first line, or in most where that one is broken."""
    return isinstance(values[0], dict) or 2 * len(objects) > len(values)


def _held(value: dict[str, Any]) -> bool:
    """True for an object around a list of examples, rather than an example."""
    lists = (v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict))
    return not format_of(value) and any(True for _ in lists)


def _one_json(head: bytes, start: str) -> Layout:
    shape = json_list.LIST if start == "[" else json_list.ROWS
    if start == "{":
        key = json_list.held_key(head)
        shape = json_list.ROWS if not key or key in ROW_KEYS else key
    lines = json_list.first_lines(head, shape, MOST_RECORDS)
    values = (json_list.value_of(line) for line in lines)
    objects = [value for value in values if isinstance(value, dict)]
    return replace(_records("json", objects), key=shape)


def _records(form: str, objects: list[dict[str, Any]]) -> Layout:
    """Objects that are examples already stay as they are; others become columns to choose from."""
    known = objects[:MOST_RECORDS]
    if not known or any(format_of(row) for row in known):
        return Layout(form)
    columns = list(dict.fromkeys(key for row in known for key in row if is_plain(key)))
    columns = columns[:MOST_COLUMNS]
    rows = [[row.get(name) for name in columns] for row in known[:SAMPLE_ROWS]]
    table = Table(columns, rows)
    asks = guess(table).is_complete or not _has_slips(columns)
    return Layout(form, tables=[table]) if asks else Layout(form)


def _has_slips(columns: list[str]) -> bool:
    """True for names that were meant to be those of an example; the check says which."""
    return any(near_miss(name, tuple(ROW_KEYS)) for name in columns)


def _table_or_lines(text: str, ending: str, *, is_whole: bool) -> Layout:
    prefers = TABLE_ENDINGS.get(ending, ",")
    dialect = delimited.dialect_of(text, is_whole=is_whole, prefers=prefers)
    if ending in TABLE_ENDINGS or _is_surely_a_table(text, dialect, ending):
        delimiter = dialect.delimiter if dialect.is_table else prefers
        form = "tsv" if delimiter == "\t" else "csv"
        table = delimited.table(text, delimiter, dialect.escape)
        return Layout(form, delimiter=delimiter, escape=dialect.escape, tables=[table])
    if ending in JSON_ENDINGS:
        return Layout("jsonl")
    lines = [line for line in islice(LINE_BREAK.split(text), 50) if line.strip()]
    return Layout("txt", tables=[Table(["text"], [[line] for line in lines[:SAMPLE_ROWS]])])


def _is_surely_a_table(text: str, dialect: delimited.Dialect, ending: str) -> bool:
    """Ordinary sentences have commas too: without a telling name, all rows must agree."""
    if not dialect.is_table or text.count("\n") + text.count("\r") < 1:
        return False
    table = delimited.table(text, dialect.delimiter, dialect.escape)
    return dialect.share == 1.0 and table.has_header and len(table.rows) > 0
