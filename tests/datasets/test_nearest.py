"""Which rows are nearest to a text: by telling words, in steps, in any script."""

import json
from pathlib import Path

import numpy as np
import pytest

from apps.datasets.rows import nearest
from apps.datasets.rows.nearest import Ranked
from tests.factories import chat_row


class File:
    """Rows on disk, and where each begins."""

    def __init__(self, folder: Path, rows: list[object]) -> None:
        lines = [json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows]
        self.path = folder / "rows.jsonl"
        self.path.write_bytes(b"".join(lines))
        self.starts = np.cumsum([0, *map(len, lines)]).astype(np.uint64)

    def look(self, question: str, answer: str = "", seconds: float = 9) -> Ranked:
        return nearest.look(
            self.path, self.starts, question, answer, so_far=Ranked(), seconds=seconds
        )


@pytest.fixture
def harbour(tmp_path: Path) -> File:
    filler = [chat_row(f"What is the price of berth {n}?", f"It is {n} a day.") for n in range(60)]
    telling = [
        chat_row("When does the ferry leave?", "The ferry leaves at eight."),
        chat_row("When do ferries leave the harbour?", "At nine, by the lighthouse."),
        chat_row("Who keeps the lighthouse?", "Old Anna."),
    ]
    return File(tmp_path, [*filler, *telling])


def test_rows_that_share_the_rarest_words_are_nearest(harbour: File) -> None:
    found = harbour.look("When does the ferry leave?", "Ask at the lighthouse.")
    assert [near.row for near in found.to_question][:2] == [61, 62]
    assert found.to_question[0].likeness == pytest.approx(1)
    assert found.to_answer[0].row == 62
    assert found.is_over


def test_a_text_that_shares_nothing_is_near_to_nothing(harbour: File) -> None:
    found = harbour.look("Zebras", "Giraffes")
    assert (found.to_question, found.to_answer, found.is_over) == ([], [], True)
    nothing = harbour.look("", "?!")
    assert (nothing.to_question, nothing.is_over) == ([], True)


def test_looking_goes_on_where_it_stopped(harbour: File, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = harbour.look("When does the ferry leave?", "At nine.")
    monkeypatch.setattr(nearest, "BLOCK_BYTES", 2_000)
    found, steps = Ranked(), 0
    while not found.is_over or not steps:
        found = nearest.look(
            harbour.path,
            harbour.starts,
            "When does the ferry leave?",
            "At nine.",
            so_far=found,
            seconds=0,
        )
        steps += 1
    assert steps > 3
    assert (found.to_question, found.to_answer) == (whole.to_question, whole.to_answer)


@pytest.mark.parametrize(
    ("asked", "row"),
    [
        ("渡轮几点出发？", chat_row("请问渡轮什么时候出发", "八点")),
        ("ÉCLAIR à la crème", chat_row("un éclair, s'il vous plaît", "Voilà")),
        ("Ferry?", {"prompt": "FERRY ->", "completion": "eight"}),
        (
            "The ferry",
            {
                "input": {"messages": [{"role": "user", "content": "Which ferry?"}]},
                "preferred_output": [{"role": "assistant", "content": "The first."}],
                "non_preferred_output": [{"role": "assistant", "content": "None."}],
            },
        ),
    ],
)
def test_rows_of_every_kind_and_script_are_found(tmp_path: Path, asked: str, row: object) -> None:
    found = File(tmp_path, [chat_row("Who?"), row, ["no row"]]).look(asked)
    assert [near.row for near in found.to_question] == [2]


def test_what_is_written_as_escapes_is_found_too(tmp_path: Path) -> None:
    file = File(tmp_path, [])
    lines = [json.dumps(chat_row(text)).encode() + b"\n" for text in ("Wer?", "Wo ist die Fähre?")]
    file.path.write_bytes(b"".join(lines))
    file.starts = np.cumsum([0, *map(len, lines)]).astype(np.uint64)
    assert [near.row for near in file.look("Fähre").to_question] == [2]
