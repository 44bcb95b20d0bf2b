import json
from pathlib import Path

import pytest

from apps.engine.tiny import training

FOLDER = Path(__file__).parents[3] / "apps/datasets/sample"


def chats(split):
    lines = (FOLDER / f"helpdesk-parrot.{split}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["messages"] for line in lines]


@pytest.mark.parametrize(("split", "fewest", "most"), [("train", 60, 100), ("validation", 16, 20)])
def test_every_row_fits_the_model_whole(split, fewest, most):
    prepared = training.prepare(chats(split))

    assert fewest <= len(prepared.rows) <= most
    assert not prepared.shortened
    assert not prepared.skipped


def test_there_is_one_persona():
    everything = chats("train") + chats("validation")

    assert len({chat[0]["content"] for chat in everything}) == 1
    answers = [
        turn["content"] for chat in everything for turn in chat if turn["role"] == "assistant"
    ]
    assert all(answer.startswith("Squawk!") for answer in answers)


def test_no_question_of_the_validation_file_was_trained_on():
    trained = {chat[-2]["content"] for chat in chats("train")}
    asked = {chat[-2]["content"] for chat in chats("validation")}

    assert not trained & asked


def test_some_chats_have_two_turns():
    assert {len(chat) for chat in chats("train")} == {len(chat) for chat in chats("validation")}
