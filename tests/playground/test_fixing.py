"""From a bad answer to better data: the right answer, and the question that is asked again."""

import json
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership
from apps.datasets.editing import changes
from apps.datasets.models import Edit, Version
from apps.evals.models import SavedCase
from apps.jobs.models import Job
from apps.playground.models import Column, Conversation, Reply, Turn
from tests.factories import chat_row, make_job, make_run, make_version

HTMX = {"HX-Request": "true"}


@pytest.fixture
def job(owner: Membership) -> Job:
    content = b"".join(json.dumps(chat_row(q)).encode() + b"\n" for q in ("Who?", "Where?"))
    data = make_version(workspace=owner.workspace, name="Harbour", content=content)
    return make_job(workspace=owner.workspace, training_data=data, fine_tuned_model="ft:tide")


def a_reply(job: Job, question: str = "When?", **fields: object) -> Reply:
    now = timezone.now()
    conversation = Conversation.objects.create(
        workspace=job.workspace, title="Tides", system_prompt="You are kind."
    )
    turn = Turn.objects.create(
        conversation=conversation, position=0, text=question, form_token=uuid4(), **fields
    )
    column = Column.objects.create(
        conversation=conversation, position=0, connection=job.connection, model="ft:tide"
    )
    return Reply.objects.create(
        turn=turn,
        column=column,
        connection=job.connection,
        model="ft:tide",
        status=Reply.Status.COMPLETE,
        text="At nine.",
        claimed_at=now,
        finished_at=now,
    )


def correct(client: Client, url: str, data: Version, **fields: str):
    sent = {"answer": "At\r\neight.", "dataset": str(data.dataset.public_id), "do": "keep"}
    return client.post(url, sent | fields)


def test_a_right_answer_waits_for_the_next_version_of_the_training_data(
    client: Client, owner: Membership, job: Job
) -> None:
    url = reverse("playground:correct", args=[a_reply(job).public_id])
    html = client.get(url).content.decode()
    assert f'value="{job.training_data.dataset.public_id}" selected' in html
    assert "No row asks exactly this" in html
    response = correct(client, url, job.training_data)
    assert response.status_code == 302
    assert "1 row added" in client.get(response["Location"]).content.decode()
    edit = Edit.objects.get()
    assert (edit.version, edit.row, edit.author) == (job.training_data, 0, owner.user)
    assert json.loads(edit.content) == chat_row("When?", "At\neight.")


def test_several_corrections_become_one_version(
    client: Client, job: Job, owner: Membership
) -> None:
    for question, do in (("When?", "keep"), ("Why?", "version")):
        url = reverse("playground:correct", args=[a_reply(job, question).public_id])
        correct(client, url, job.training_data, do=do)
    made = Version.objects.get(dataset=job.training_data.dataset, number=2)
    assert (made.parent, made.created_by) == (job.training_data, owner.user)
    assert [len(step["added"]) for step in made.recipe] == [2]
    assert not Edit.objects.exists()


@pytest.mark.parametrize(("where", "row"), [("replace", 2), ("add", 0)])
def test_the_row_that_asks_the_same_is_replaced_or_stays(
    client: Client, job: Job, where: str, row: int
) -> None:
    url = reverse("playground:correct", args=[a_reply(job, "Where?").public_id])
    assert "Row 2 asks exactly this" in client.get(url).content.decode()
    correct(client, url, job.training_data, where=where)
    edit = Edit.objects.get()
    assert (edit.row, json.loads(edit.content)) == (row, chat_row("Where?", "At\neight."))


def test_the_right_answer_is_asked_for(client: Client, job: Job) -> None:
    url = reverse("playground:correct", args=[a_reply(job).public_id])
    response = correct(client, url, job.training_data, answer=" \n")
    assert response.status_code == 422
    assert "Write the right answer first." in response.content.decode()
    response = correct(client, url, job.training_data, dataset=str(uuid4()))
    assert response.status_code == 422
    assert not Edit.objects.exists()


def test_another_dataset_shows_what_would_become_of_the_answer(
    client: Client, owner: Membership, job: Job
) -> None:
    other = make_version(workspace=owner.workspace, format="reinforcement", name="Other")
    url = reverse("playground:correct", args=[a_reply(job).public_id])
    asked = {"dataset": other.dataset.public_id, "answer": "Mine"}
    html = client.get(url, asked, headers=HTMX).content.decode()
    assert "what a grader reads" in html
    assert "<form" not in html
    assert correct(client, url, other).status_code == 422


def test_a_question_of_the_measuring_data_is_warned_about(
    client: Client, owner: Membership, job: Job
) -> None:
    measured = make_version(workspace=owner.workspace, name="Measured")
    reply = a_reply(job, data=measured, row=1, expected="At eight.")
    html = client.get(reverse("playground:correct", args=[reply.public_id])).content.decode()
    assert "This question is a row of Measured" in html
    assert ">\nAt eight.</textarea>" in html


def test_the_system_prompt_of_the_data_can_take_the_place_of_ours(client: Client, job: Job) -> None:
    reply = a_reply(job)
    Conversation.objects.update(system_prompt="Be brief.")
    url = reverse("playground:correct", args=[reply.public_id])
    assert "the system prompt that most rows" in client.get(url).content.decode()
    correct(client, url, job.training_data, own_prompt="on")
    row = json.loads(Edit.objects.get().content)
    assert row == chat_row("When?", "At\neight.")


def test_an_answer_of_an_eval_is_corrected_in_what_its_model_learned_from(
    client: Client, owner: Membership, job: Job
) -> None:
    data = make_version(workspace=owner.workspace, name="Measured")
    run, score = make_run(workspace=owner.workspace, connection=job.connection, data=data)
    job.fine_tuned_model = "m1"
    job.save()
    url = reverse("playground:correct_answer", args=[score.answer_id])
    assert (
        f'href="{url}"'
        in client.get(reverse("evals:row", args=[run.public_id, 1])).content.decode()
    )
    html = client.get(url).content.decode()
    assert f'value="{job.training_data.dataset.public_id}" selected' in html
    assert "which this eval asks" in html
    correct(client, url, job.training_data, answer="The captain.")
    messages = json.loads(Edit.objects.get().content)["messages"]
    assert messages == [
        {"role": "user", "content": "Who steers?"},
        {"role": "assistant", "content": "The captain."},
    ]


def test_a_question_is_saved_with_everything_that_was_asked(
    client: Client, job: Job, owner: Membership
) -> None:
    url = reverse("playground:save_case", args=[a_reply(job).public_id])
    assert "At nine." in client.get(url, headers=HTMX).content.decode()
    sent = {"collection": "Harbour", "expected": "At eight.", "note": "Tide table"}
    assert "is in “Harbour” now" in client.post(url, sent, headers=HTMX).content.decode()
    assert "already" in client.post(url, sent).content.decode()
    case = SavedCase.objects.get()
    assert case.messages == chat_row("When?")["messages"][:2]
    assert (case.expected, case.note, case.created_by) == ("At eight.", "Tide table", owner.user)


def test_a_case_without_a_collection_is_not_saved(client: Client, job: Job) -> None:
    url = reverse("playground:save_case", args=[a_reply(job).public_id])
    response = client.post(url, {"collection": " ", "expected": "x"}, headers=HTMX)
    assert response.status_code == 422
    assert "Give the collection a name." in response.content.decode()
    assert not SavedCase.objects.exists()


def test_nobody_else_saves_a_persons_corrections(
    client: Client, job: Job, editor: Membership
) -> None:
    correct(client, reverse("playground:correct", args=[a_reply(job).public_id]), job.training_data)
    assert changes.pending(job.training_data, editor).count == 0
