"""Rows of datasets as prompts: every kind of row, and the pages that offer them."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from apps.accounts.models import Membership
from apps.datasets.models import Version
from apps.evals.models import Case, Run, Suite
from apps.playground.asking.requests import chat_request
from apps.playground.data.rows import LoadedRow, Note, loaded
from apps.playground.models import Conversation, Reply, Turn
from apps.playground.showing.matching import Match, match
from apps.providers.models import Connection
from tests.factories import (
    chat_row,
    make_connection,
    make_job,
    make_run,
    make_saved_case,
    make_version,
)
from tests.playground.site import send

SYSTEM = {"role": "system", "content": "Be kind."}
ASKED = {"role": "user", "content": "When?"}
CALL = {"id": "c1", "type": "function", "function": {"name": "tide", "arguments": '{"day": 1}'}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
AS_SENT = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "8:00"}
TOOL = {"type": "function", "function": {"name": "tide"}}
IMAGE = {"type": "image_url", "image_url": {"url": "https://harbour.test/a.png"}}


def said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def a_version(owner: Membership, *rows: Any) -> Version:
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    return make_version(workspace=owner.workspace, content=content)


def a_run_of_saved_cases(owner: Membership) -> Run:
    models = make_connection(workspace=owner.workspace)
    data = make_version(workspace=owner.workspace)
    run, _score = make_run(workspace=owner.workspace, connection=models, data=data)
    Suite.objects.filter(pk=run.suite_id).update(kind="saved", data=None)
    Case.objects.filter(suite=run.suite_id).update(row=None)
    return run


def load(owner: Membership, row: Any) -> LoadedRow:
    found = loaded(owner, str(a_version(owner, row).public_id), 1)
    assert found
    return found


def test_a_conversation_is_asked_up_to_its_last_question(owner: Membership) -> None:
    earlier = [{"role": "user", "content": "Hi"}, said("Hello") | {"weight": 0}]
    row = load(owner, {"messages": [SYSTEM, *earlier, ASKED, said("At eight.")]})
    assert (row.system_prompt, row.text, row.expected) == ("Be kind.", "When?", "At eight.")
    assert row.context == [{"role": "user", "content": "Hi"}, said("Hello")]
    assert row.notes == ()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"prompt": "When?", "completion": " At eight."}, " At eight."),
        (
            {
                "input": {"messages": [ASKED]},
                "preferred_output": [said("At eight.")],
                "non_preferred_output": [said("Who knows.")],
            },
            "At eight.",
        ),
    ],
)
def test_other_kinds_of_rows_ask_too(owner: Membership, row: Any, expected: str) -> None:
    found = load(owner, row)
    assert (found.system_prompt, found.text, found.expected) == ("", "When?", expected)


def test_a_row_that_ends_with_a_call_expects_the_call(owner: Membership) -> None:
    row = load(owner, {"messages": [ASKED, CALLING], "tools": [TOOL]})
    assert (row.text, row.expected) == ("When?", '[{"arguments":{"day":1},"name":"tide"}]')
    assert (list(row.tools), row.notes, row.after) == ([TOOL], (Note.CALLS,), [])


def test_what_a_tool_said_is_sent_after_the_prompt(
    client: Client, owner: Membership, connection: Connection
) -> None:
    version = a_version(owner, {"messages": [ASKED, CALLING, RESULT, said("At eight.")]})
    reply, _ = send(client, connection, "When exactly?", data=str(version.public_id), row="1")
    assert (reply.turn.after, reply.turn.expected) == ([AS_SENT, RESULT], "At eight.")
    messages = chat_request(reply).messages
    assert messages == [{"role": "user", "content": "When exactly?"}, AS_SENT, RESULT]
    html = client.get(reply.turn.conversation.get_absolute_url()).content.decode()
    assert "2 messages were sent after the prompt" in html


def test_a_call_is_compared_with_the_expected_one(
    client: Client, owner: Membership, connection: Connection
) -> None:
    version = a_version(owner, {"messages": [ASKED, CALLING]})
    reply, other = send(client, connection, "When?", data=str(version.public_id), row="1")
    called = [{"id": "x", "name": "tide", "arguments": '{ "day" : 1 }'}]
    done = {"status": "complete", "claimed_at": now(), "finished_at": now()}
    Reply.objects.filter(pk=reply.pk).update(tool_calls=called, **done)
    Reply.objects.filter(pk=other.pk).update(text="At eight.", **done)
    html = client.get(reply.turn.conversation.get_absolute_url()).content.decode()
    assert html.count("As expected") == 1
    assert '<code class="font-mono break-all">tide</code>' in html


def test_a_saved_case_is_tried_as_it_was_saved(
    client: Client, owner: Membership, connection: Connection
) -> None:
    messages = [SYSTEM, {"role": "user", "content": "Hi"}, said("Hello"), ASKED]
    case = make_saved_case(workspace=owner.workspace, messages=messages, expected="At eight.")
    html = client.get(reverse("evals:case", args=[case.public_id])).content.decode()
    url = f"{reverse('playground:create')}?saved={case.public_id}"
    assert url in html
    page = client.get(url).content.decode()
    assert "Saved case of “Harbour”" in page
    assert '<div hidden data-fill="system_prompt">Be kind.</div>' in page
    reply, _ = send(client, connection, "When?", saved=str(case.public_id))
    turn = reply.turn
    assert (turn.context, turn.expected, turn.data) == (messages[1:3], "At eight.", None)
    assert client.get(turn.conversation.get_absolute_url()).status_code == 200


def test_a_question_of_no_dataset_is_tried_from_its_run(
    client: Client,
    owner: Membership,
    stranger: Membership,
    client_of: Callable[[Membership], Client],
) -> None:
    run = a_run_of_saved_cases(owner)
    html = client.get(reverse("evals:row", args=[run.public_id, 1])).content.decode()
    link = re.search(rf'href="({reverse("playground:create")}\?run=[^"]*)"', html)
    assert link
    page = client.get(unescape(link[1]))
    assert page.context["loaded"].text == "Who steers?"
    assert "Question 1 of Harbour" in page.content.decode()
    assert [each.model for each in page.context["composer"].choices] == ["m0", "m1"]
    assert client_of(stranger).get(unescape(link[1])).context["loaded"] is None


@pytest.mark.parametrize("query", ["saved=x", "run=x&question=1", "run={run}&question=99"])
def test_what_is_not_there_loads_nothing(client: Client, owner: Membership, query: str) -> None:
    run = a_run_of_saved_cases(owner)
    url = f"{reverse('playground:create')}?{query.format(run=run.public_id)}"
    assert client.get(url).context["loaded"] is None


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (
            {"messages": [{"role": "user", "content": [IMAGE, {"type": "text", "text": "When?"}]}]},
            Note.IMAGES,
        ),
        ({"messages": [ASKED], "answer": "At eight."}, Note.NO_ANSWER),
        ({"messages": [said("Hello")]}, Note.ASKS_NOTHING),
        ({"messages": [{"role": "user", "content": "w" * 300_000}]}, Note.TOO_LONG),
        (["no", "object"], Note.UNREADABLE),
    ],
)
def test_what_a_prompt_cannot_be_of_a_row_is_said(owner: Membership, row: Any, note: Note) -> None:
    found = load(owner, row)
    assert note in found.notes
    assert bool(found.text) == (note in {Note.IMAGES, Note.NO_ANSWER})


def test_nothing_is_loaded_that_the_database_could_not_keep(owner: Membership) -> None:
    row = load(owner, chat_row("Wh\0en?", "At\0eight."))
    assert "\0" not in row.text + row.expected


@pytest.mark.parametrize("number", ["0", "13", "-1", "one", ""])
def test_a_row_that_is_not_there_is_none(owner: Membership, number: str) -> None:
    version = make_version(workspace=owner.workspace)
    assert loaded(owner, str(version.public_id), number) is None
    assert loaded(owner, "nonsense", 1) is None


@pytest.mark.parametrize(
    ("expected", "said", "found"),
    [
        ("At eight.", "At eight.", Match.SAME),
        ("At eight.", "at  eight.\n", Match.NEARLY),
        ("At eight.", "At nine.", Match.NONE),
        ("", "", Match.NONE),
    ],
)
def test_an_answer_is_compared_with_the_expected_one(
    expected: str, said: str, found: Match
) -> None:
    assert match(expected, said) is found


def test_the_jobs_own_data_are_offered_first(client: Client, owner: Membership) -> None:
    validation = make_version(workspace=owner.workspace, name="Measured")
    job = make_job(workspace=owner.workspace, validation_data=validation)
    make_version(workspace=owner.workspace, name="Newest")
    html = client.get(reverse("playground:rows"), {"job": job.public_id}).content.decode()
    training = job.training_data.title
    assert html.index("Measured") < html.index(training) < html.index("Newest")


def test_rows_are_searched_as_in_the_dataset(client: Client, owner: Membership) -> None:
    version = make_version(workspace=owner.workspace)
    asked = {"data": version.public_id, "q": "question 7"}
    html = client.get(reverse("playground:rows"), asked).content.decode()
    assert "Use row 8" in html
    assert "Use row 7" not in html


def test_a_row_fills_the_composer_and_names_its_neighbours(
    client: Client, owner: Membership, connection: Connection
) -> None:
    version = a_version(owner, chat_row(), chat_row("<b>When?</b>", "At eight."), chat_row())
    asked = {"data": version.public_id, "row": 2}
    html = client.get(reverse("playground:row"), asked).content.decode()
    assert '<div hidden data-fill="text">&lt;b&gt;When?&lt;/b&gt;</div>' in html
    assert '<div hidden data-fill="system_prompt">You are kind.</div>' in html
    assert "&amp;row=1" in html
    assert "&amp;row=3" in html
    page = client.get(reverse("playground:create"), asked).content.decode()
    assert 'data-fill="text"' in page


def test_strangers_rows_are_not_there(client: Client, stranger: Membership) -> None:
    theirs = make_version(workspace=stranger.workspace)
    asked = {"data": theirs.public_id, "row": 1}
    assert client.get(reverse("playground:row"), asked).status_code == 404
    assert client.get(reverse("playground:rows"), asked).status_code == 404
    assert "data-fill" not in client.get(reverse("playground:create"), asked).content.decode()
    assert not Turn.objects.exists()
    assert not Conversation.objects.exists()


def test_a_row_is_tried_with_the_job_that_it_was_made_for(
    client: Client, owner: Membership
) -> None:
    validation = make_version(workspace=owner.workspace)
    job = make_job(
        workspace=owner.workspace, validation_data=validation, fine_tuned_model="ft:tide"
    )
    editor = client.get(reverse("datasets:row", args=[*validation.address, 2])).content.decode()
    url = f"{reverse('playground:create')}?data={validation.public_id}&amp;row=2"
    assert url in editor
    page = client.get(url.replace("&amp;", "&"))
    assert page.context["conversation"].job == job
    assert "Question 1?" in page.content.decode()


def test_a_question_of_an_eval_is_tried_with_the_models_that_answered(
    client: Client, owner: Membership
) -> None:
    version = make_version(workspace=owner.workspace)
    models = make_connection(workspace=owner.workspace)
    run, _score = make_run(workspace=owner.workspace, connection=models, data=version)
    html = client.get(reverse("evals:row", args=[run.public_id, 1])).content.decode()
    link = re.search(rf'href="({reverse("playground:create")}\?data=[^"]*)"', html)
    assert link
    page = client.get(unescape(link[1]))
    asked = [(each.connection, each.model) for each in page.context["composer"].choices]
    assert asked == [(models, "m0"), (models, "m1")]


def test_a_prompt_of_a_row_is_sent_as_the_row_has_it(
    client: Client, owner: Membership, connection: Connection
) -> None:
    earlier = [{"role": "user", "content": "Hi"}, said("Hello")]
    version = a_version(owner, {"messages": [SYSTEM, *earlier, ASKED, said("At eight.")]})
    reply, _other = send(client, connection, "When?", data=str(version.public_id), row="1")
    turn = reply.turn
    assert (turn.data, turn.row, turn.expected) == (version, 1, "At eight.")
    assert (turn.context, turn.is_fresh) == (earlier, True)
    Reply.objects.update(status="complete", text="at eight.", claimed_at=now(), finished_at=now())
    page = client.get(turn.conversation.get_absolute_url()).content.decode()
    assert "The answer in row 1 of" in page
    assert "2 earlier messages were sent with it" in page
    assert page.count("As expected, but for case and spaces") == 2
