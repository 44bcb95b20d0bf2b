"""The columns beside a file say of each row what can be worked out from the row again."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from apps.datasets import columns
from apps.datasets.check import digests, features, pieces
from apps.datasets.check.file import check_file
from apps.datasets.check.spool import Spool

WORDS = ("yes", "No", "Straße", "天气", "😀", "İ", "a  b", "", "\n", "long " * 30)


def random_row(chance: random.Random) -> bytes:
    kind = chance.randrange(8)
    said = " ".join(chance.choices(WORDS, k=chance.randint(1, 4)))
    if kind == 0:
        return chance.choice((b"", b"  ", b"{", b"[1]", b'"x"', b"\xff\xfe", b'{"a":1}'))
    if kind == 1:
        return orjson.dumps({"messages": chance.choice((None, 3, [], [1], [{"role": "user"}]))})
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": said + "?"},
        {"role": "assistant", "content": chance.choice(WORDS[:5])},
    ]
    if kind == 2:
        messages[1]["weight"] = chance.choice((0, 1, 7))
        messages = messages * 2
    if kind == 3:
        messages.insert(0, {"role": "system", "content": said + "!"})
    if kind == 4:
        messages[0]["name"] = "Ann"
    row: dict[str, Any] = {"messages": messages}
    return json.dumps(row, ensure_ascii=chance.random() < 0.5).encode()


def checked(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 2_000)  # many pieces of a small file
    with (
        Spool(path.parent) as spool,
        path.with_suffix(".idx").open("wb") as index,
        columns.writing(path, attempt=1) as files,
    ):
        report = check_file(
            path,
            encodings=("o200k_base",),
            limits={},
            spool=spool,
            index=index,
            columns=files,
            on_progress=lambda _: None,
            process_count=0,
        )
    return report.progress.rows


def object_in(line: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def test_columns_say_what_the_rows_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    lines = [random_row(chance) for _ in range(300)] + [b'{"prompt":"q","completion":"A"}']
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n\n \n")
    rows = checked(path, monkeypatch)
    found = columns.read(path)
    assert found is not None
    assert len(found) == rows == len(lines)
    for index, line in enumerate(lines):
        data = object_in(line)
        assert found.digest[index] == (digests.exact(data) if data else 0), line
        assert found.loose[index] == digests.loose(data), line
        assert found.question[index] == digests.question(data), line
        assert found.label[index] == digests.label(data), line
        messages = data.get("messages")
        assert found.messages[index] == (len(messages) if isinstance(messages, list) else 0), line
        flags = int(found.flags[index])
        assert bool(flags & features.BLANK) == (not line.strip()), line
        assert (found.tokens[index] > 0) == (not flags & (features.ERRORS | features.BLANK)), line
        if not flags & (features.ERRORS | features.BLANK):
            assert flags == features.features_of(data)
    assert {int(bits) for bits in np.unique(found.flags)} > {features.BLANK, features.ERRORS}
    assert not list(tmp_path.glob("*.part"))


def test_a_column_that_is_missing_or_cut_off_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.jsonl"
    assert columns.read(path) is None
    path.write_bytes(b'{"prompt":"q","completion":"A"}\n' * 3)
    assert checked(path, monkeypatch) == 3
    whole = columns.path_of(path, "tokens").read_bytes()
    for damaged in (whole[:-4], whole[:-1], b""):
        columns.path_of(path, "tokens").write_bytes(damaged)
        assert columns.read(path) is None
    columns.path_of(path, "tokens").unlink()
    assert columns.read(path) is None


def test_a_check_that_is_interrupted_leaves_the_columns_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with pytest.raises(ZeroDivisionError), columns.writing(path, attempt=1):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_values_beyond_a_column_become_its_largest(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    one = {name: np.ones(1, np.int64) for name in columns.DTYPES}
    with columns.writing(path, attempt=2) as files:
        files.add({**one, "messages": np.array([70_000], np.int64)})
    found = columns.read(path)
    assert found is not None
    assert found.messages[0] == 65_535
