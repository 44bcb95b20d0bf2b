"""What the report draws: counted from the rows, and drawn as large as counted."""

import json
import re

from apps.datasets.selectors import charts
from tests.datasets.test_journey import page_of
from tests.factories import chat_file, chat_row


def upload_labels(upload, answers: list[str]):
    rows = (json.dumps(chat_row(f"Question {n}?", answer)) for n, answer in enumerate(answers))
    return upload("\n".join(rows).encode())


def test_the_vocabulary_of_short_answers_is_counted(client, upload):
    version = upload_labels(upload, ["Spam"] * 9 + ["Ham"] * 3 + ["a longer answer " * 9])
    drawn = charts.charts_of(version.statistics)
    assert [(part.words, part.count) for part in drawn.labels] == [("Spam", 9), ("Ham", 3)]
    page = page_of(client, "detail", version)
    assert re.search(r"\?label=Spam", page)
    assert "2 different short answers" in page


def test_answers_that_are_no_classes_are_not_drawn(client, upload):
    different = upload_labels(upload, [f"Answer {n}" for n in range(20)])
    rare = upload_labels(upload, ["Yes"] * 5 + ["a longer answer " * 9] * 15)
    assert charts.charts_of(different.statistics).labels == []
    assert charts.charts_of(rare.statistics).labels == []


def test_more_answers_than_are_kept_are_said_to_be_unknown(upload, monkeypatch):
    monkeypatch.setattr("apps.datasets.check.tally.MOST_NAMES", 5)
    version = upload_labels(upload, [f"Answer {n}" for n in range(20)])
    assert version.statistics["labels"] == {"rows": 20, "distinct": None, "top": []}


def test_tokens_by_role_add_up_to_the_tokens_of_all_texts(upload):
    version = upload(chat_file(12))
    tokens = version.statistics["tokens"]["o200k_base"]
    of_the_format = 12 * (3 * 4 + 3)  # three messages of four, and three per row
    assert sum(tokens["by_role"].values()) == tokens["total"] - of_the_format
    assert tokens["by_role"]["assistant"] == tokens["assistant_total"]
    assert tokens["by_role"]["system"] == 12 * 4  # You are kind.


def test_parts_are_as_long_as_they_are_many():
    drawn = charts.charts_of({"rows": 40, "features": {"tools": 10, "images": 4, "errors": 9}})
    found = [(part.key, part.count, part.percent, part.length) for part in drawn.features]
    assert found == [("tools", 10, 25.0, 100.0), ("images", 4, 10.0, 40.0)]


def test_a_histogram_counts_every_row_once(client, upload):
    rows = [chat_row("word " * n, "Yes") for n in range(1, 61)]
    version = upload("\n".join(map(json.dumps, rows)).encode())
    drawn = charts.charts_of(version.statistics)
    assert sum(bar.count for bar in drawn.tokens.bars) == 60
    assert drawn.tokens.ticks[0] == drawn.tokens.figures["min"]
    assert drawn.tokens.ticks[-1] == drawn.tokens.figures["max"]
    assert drawn.messages.bars == []  # all rows have three: nothing to compare
    page = page_of(client, "detail", version)
    assert page.count("<rect") >= len(drawn.tokens.bars)
    links = re.findall(r"tokens_from=(\d+)&amp;tokens_to=(\d+)", page)
    assert (int(links[0][0]), int(links[-1][1])) == (drawn.tokens.ticks[0], drawn.tokens.ticks[-1])


def test_a_report_of_an_older_check_lacks_charts_and_still_opens(client, upload):
    version = upload(chat_file(12))
    for statistics in ({}, {"rows": 12, "tokens": {"o200k_base": {"total": 5}}}):
        version.statistics = statistics
        version.save()
        assert "As a table" not in page_of(client, "detail", version)
