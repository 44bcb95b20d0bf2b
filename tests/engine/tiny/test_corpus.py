import hashlib
import json
from itertools import islice

import pytest

from apps.engine.tiny import corpus, make_base
from apps.engine.tiny.tokens import encode_conversation
from apps.engine.tiny.weights import BASE_WEIGHTS, load_weights


@pytest.fixture(scope="module")
def sample():
    return list(islice(corpus.conversations(seed=0), 3000))


def test_the_corpus_is_the_same_on_every_machine(sample):
    text = json.dumps(sample[:500], ensure_ascii=False).encode()

    assert (
        hashlib.sha256(text).hexdigest()
        == "f3c36c47f9084b74a74da7141dd43d0070cae31fd1f8fd72acd21d35297d5c14"
    )


def test_the_corpus_has_every_printable_character_and_more_than_ascii(sample):
    written = "".join(message["content"] for chat in sample for message in chat)

    assert {chr(code) for code in range(32, 127)} <= set(written)
    assert set("éüñłç你好。👍") <= set(written)


def test_the_corpus_has_long_chats_and_chats_without_a_system_prompt(sample):
    rows = [encode_conversation(chat, 512) for chat in sample]

    assert sum(len(row.ids) > 400 for row in rows) > 300
    assert sum(chat[0]["role"] == "user" for chat in sample) > 300
    assert all(chat[-1]["role"] == "assistant" for chat in sample)


def test_the_base_is_still_made_by_its_script(tmp_path, monkeypatch):
    monkeypatch.setattr(make_base, "LOSSES_AVERAGED", 3)
    monkeypatch.setattr(make_base, "TOKENS_PER_BATCH", 256)  # many small steps in little time
    out = tmp_path / "base.npz"

    progress = make_base.make_base(20, out, most_steps=10)

    assert load_weights(out).keys() == load_weights(BASE_WEIGHTS).keys()
    written = json.loads(out.with_suffix(".json").read_text())
    assert written["steps"] == progress.steps > 0
    assert progress.loss < 5.3  # an untrained model starts at ln 261 = 5.56


def test_the_shipped_base_says_how_it_was_made():
    written = json.loads(BASE_WEIGHTS.with_suffix(".json").read_text())

    assert written["parameters"] == 1_083_392
    assert written["loss"] < 1
