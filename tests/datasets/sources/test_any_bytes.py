"""Whatever bytes come in: rows, or one clear failure. Never an exception, never a lost row."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.datasets.check.failures import FAILURES
from apps.datasets.sources import json_list
from tests.datasets.sources.conftest import LIMIT, Read
from tests.datasets.sources.workbooks import workbook

KNOWN = workbook(One=[["question", "answer"], ["Hi", "Hello"]])
QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return tmp_path_factory.mktemp("any")


def read(folder: Path, content: bytes, filename: str = "") -> Read:
    path = folder / "any.source"
    path.write_bytes(content)
    return Read(path, filename, None, LIMIT)


pieces = st.sampled_from(
    [b'"', b",", b";", b"\t", b"\n", b"\r", b"[", b"]", b"{", b"}", b":", b"a", b"\\", b"\xff",
     b"\0", b'{"a": 1}', b'"x"', b"messages", b"\xef\xbb\xbf", b"\xff\xfe", b"question,answer\n"]
)  # fmt: skip
hostile = st.one_of(
    st.binary(max_size=200),
    st.lists(pieces, max_size=30).map(b"".join),
    st.integers(0, len(KNOWN)).map(lambda cut: KNOWN[:cut]),
)


@QUICK
@given(content=hostile, ending=st.sampled_from(["", ".csv", ".jsonl", ".txt", ".xlsx"]))
def test_any_bytes_give_rows_or_one_clear_failure(folder, content, ending):
    for packed in (content, gzip.compress(content)):
        result = read(folder, packed, f"a{ending}")
        if result.failure:
            assert result.failure in FAILURES
            assert "\\u0000" not in json.dumps(result.params)  # no database takes that
        json.dumps(result.layout.as_json())


letters = st.characters(exclude_categories=["Cc", "Cs"], include_characters="\r\n\t")
texts = st.text(letters, min_size=1, max_size=12)
pairs = st.lists(st.tuples(texts, texts), min_size=1, max_size=6)


@QUICK
@given(pairs=pairs, delimiter=st.sampled_from(",;\t|"), codec=st.sampled_from(["utf-8", "utf-16"]))
def test_what_a_table_holds_comes_out_as_it_was(folder, pairs, delimiter, codec):
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("question", "answer"), *pairs])
    name = "a.tsv" if delimiter == "\t" else "a.csv"
    assert read(folder, target.getvalue().encode(codec), name).said == pairs


@QUICK
@given(pairs=pairs, indent=st.sampled_from([None, 0, 2]), plain=st.booleans())
def test_what_a_json_list_holds_comes_out_as_it_was(folder, pairs, indent, plain):
    rows = [{"question": question, "answer": answer} for question, answer in pairs]
    content = json.dumps(rows, indent=indent, ensure_ascii=plain).encode()
    assert read(folder, content, "a.json").said == pairs


@QUICK
@given(size=st.integers(1, 40), nested=st.integers(0, 9))
def test_examples_are_cut_the_same_wherever_a_block_ends(size, nested):
    deep = b'{"a":' * nested + b"1" + b"}" * nested
    rows = [b'{"x": "]},\\" {["}', deep, b"[1, [2]]", b'"text, \\\\"', b"-1.5"]
    content = b' {"v": [], "data": [' + b" , ".join(rows) + b'], "w": "]"} '
    whole = list(json_list.lines(io.BytesIO(content), "data"))
    original, json_list.BLOCK_BYTES = json_list.BLOCK_BYTES, size
    try:
        assert list(json_list.lines(io.BytesIO(content), "data")) == whole == rows
    finally:
        json_list.BLOCK_BYTES = original
