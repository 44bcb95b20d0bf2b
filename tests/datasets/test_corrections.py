"""Right answers on their way into a dataset: as rows of its kind, each question once."""

import json
from typing import Any

import pytest

from apps.accounts.models import Membership
from apps.datasets.editing import answers, changes, corrections
from apps.datasets.lifecycle import versioning
from apps.datasets.models import Version
from tests.factories import chat_row, make_version

SYSTEM = {"role": "system", "content": "You are kind."}
ASKED = {"role": "user", "content": "When?"}


def said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def a_version(owner: Membership, *rows: Any, form: str = "chat") -> Version:
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    return make_version(workspace=owner.workspace, content=content, format=form)


def test_a_row_is_of_the_kind_of_its_dataset() -> None:
    asked = [SYSTEM, ASKED]
    assert answers.new_row("chat", asked, "At 8.") == {"messages": [*asked, said("At 8.")]}
    assert answers.new_row("preference", asked, "At 8.", refused="At 9.") == {
        "input": {"messages": asked},
        "preferred_output": [said("At 8.")],
        "non_preferred_output": [said("At 9.")],
    }
    tools = [{"type": "function", "function": {"name": "tide"}}]
    assert answers.new_row("chat", asked, "At 8.", tools=tools)["tools"] == tools


def test_a_pair_is_written_as_the_others_are() -> None:
    examples = [
        {"prompt": "Who?\n\n###\n\n", "completion": " The captain. END"},
        {"prompt": "Where?\n\n###\n\n", "completion": " Here? END"},
    ]
    row = answers.new_row("prompt_completion", [ASKED], "At 8.", examples=examples)
    assert row == {"prompt": "When?\n\n###\n\n", "completion": " At 8. END"}
    row = answers.new_row("prompt_completion", [ASKED], "At 8.")
    assert row == {"prompt": "When?", "completion": "At 8."}


@pytest.mark.parametrize(
    ("row", "corrected"),
    [
        (
            {"messages": [ASKED, said("At 9.") | {"weight": 1}], "id": 7},
            {"messages": [ASKED, said("At 8.") | {"weight": 1}], "id": 7},
        ),
        (
            {"prompt": "When? ->", "completion": " At 9.\n"},
            {"prompt": "When? ->", "completion": " At 8.\n"},
        ),
        (
            {
                "input": {"messages": [ASKED]},
                "preferred_output": [said("At 9.")],
                "non_preferred_output": [said("Never.")],
            },
            {
                "input": {"messages": [ASKED]},
                "preferred_output": [said("At 8.")],
                "non_preferred_output": [said("Never.")],
            },
        ),
    ],
)
def test_only_the_answer_of_a_row_changes(row: Any, corrected: Any) -> None:
    assert answers.answers_same(row, [ASKED])
    assert answers.with_answer(row, "At 8.") == corrected


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [ASKED, said("At 9."), {"role": "user", "content": "Why?"}]},
        {"messages": [SYSTEM, ASKED, said("At 9.")]},
        {"prompt": "When? Tell me.", "completion": "At 9."},
        {"messages": "none"},
        {},
    ],
)
def test_another_question_is_another_row(row: Any) -> None:
    assert not answers.answers_same(row, [ASKED])


def test_the_row_that_asks_the_same_is_found(owner: Membership) -> None:
    rows = [chat_row("When? And where?"), chat_row("when?"), chat_row("When?", "At nine.")]
    version = a_version(owner, *rows, chat_row("Who?"))
    found = corrections.find(version, owner, [SYSTEM, ASKED])
    assert (found.row, found.answer, found.is_complete) == (3, "At nine.", True)
    nothing = corrections.find(version, owner, [ASKED])
    assert (nothing.is_there, nothing.looked_at, nothing.total) == (False, 4, 4)


def test_a_row_that_the_person_left_out_asks_nothing(owner: Membership) -> None:
    version = a_version(owner, chat_row("When?"), chat_row("Who?"))
    changes.leave_out(version=version, membership=owner, numbers=[1])
    assert not corrections.find(version, owner, [SYSTEM, ASKED]).is_there


def test_a_question_corrected_twice_is_one_new_row(owner: Membership) -> None:
    version, asked = a_version(owner, chat_row("Who?")), [SYSTEM, ASKED]
    for answer in ("At nine.", "At eight."):
        found = corrections.find(version, owner, asked)
        corrections.keep(
            version=version, membership=owner, messages=asked, answer=answer, replacing=found
        )
    edit = changes.edits_of(version, owner).get()
    assert json.loads(edit.content) == chat_row("When?", "At eight.")


def test_rows_without_answers_take_none(owner: Membership) -> None:
    version = a_version(owner, {"messages": [ASKED]}, form="reinforcement")
    with pytest.raises(corrections.CannotCorrect):
        corrections.keep(version=version, membership=owner, messages=[ASKED], answer="At 8.")
    assert not changes.edits_of(version, owner).exists()


def test_the_newest_version_that_can_be_read_is_the_one_to_go_on_from(owner: Membership) -> None:
    version = a_version(owner, chat_row())
    make_version(
        workspace=owner.workspace,
        dataset=version.dataset,
        status=Version.Status.FAILED,
        row_count=None,
    )
    assert corrections.target(version.dataset) == version


def test_a_version_that_is_still_being_made_is_written_to_as_the_one_before(
    owner: Membership,
) -> None:
    pairs = [{"prompt": f"{each}? ->", "completion": f" {each}.\n"} for each in ("Who", "Where")]
    parent = a_version(owner, *pairs, form="prompt_completion")
    version = versioning.append(
        dataset=parent.dataset, parent=parent, format=parent.format, size_bytes=0, sha256=""
    )
    assert corrections.target(parent.dataset) == version
    asked = [{"role": "user", "content": "When?"}]
    assert not corrections.find(version, owner, asked).is_there
    edit = corrections.keep(version=version, membership=owner, messages=asked, answer="At 8.")
    assert json.loads(edit.content) == {"prompt": "When? ->", "completion": " At 8.\n"}
