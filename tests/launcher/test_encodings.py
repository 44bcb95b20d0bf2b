import json

import pytest
import tiktoken

from config.launcher.encodings import NAMES, SOURCE, WrongRanks, unpack_encodings, wanted_file


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiktoken")
    assert unpack_encodings(folder)
    return folder


def test_tiktoken_finds_the_files_and_never_asks_the_network(unpacked, monkeypatch):
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(unpacked))
    monkeypatch.setattr(tiktoken.load, "read_file", lambda path: pytest.fail(f"asked for {path}"))
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    assert tiktoken.get_encoding("cl100k_base").encode("hello world") == [15339, 1917]
    assert tiktoken.get_encoding("o200k_base").encode("hello world") == [24912, 2375]


def test_there_is_nothing_to_do_the_second_time(unpacked):
    before = {path.name: path.stat().st_mtime_ns for path in unpacked.iterdir()}
    assert not unpack_encodings(unpacked)
    assert {path.name: path.stat().st_mtime_ns for path in unpacked.iterdir()} == before


def test_ranks_that_tiktoken_does_not_expect_are_refused(tmp_path):
    for name in NAMES:
        ranks = json.loads((SOURCE / f"{name}.json").read_text())
        ranks["bpe_ranks"] = ranks["bpe_ranks"].replace("! 0 IQ== Ig==", "! 0 Ig== IQ==")
        (tmp_path / f"{name}.json").write_text(json.dumps(ranks))
    with pytest.raises(WrongRanks):
        unpack_encodings(tmp_path / "out", source=tmp_path)
    assert not (tmp_path / "out" / wanted_file(NAMES[0]).name).exists()
