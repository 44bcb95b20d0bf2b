"""Recordings: kept of a run or out of files, and taken for a model that no longer runs."""

import json
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from apps.evals.asking import model_options
from apps.evals.models import Candidate, Case, Recording, Run
from tests.factories import make_connection, make_recording, make_run, make_version

GOOD = {"messages": [{"role": "user", "content": "Who steers?"}], "answer": "The <b>captain</b>."}


@pytest.fixture
def run(owner):
    connection = make_connection(workspace=owner.workspace)
    data = make_version(workspace=owner.workspace)
    run, _score = make_run(workspace=owner.workspace, connection=connection, data=data)
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now())
    run.refresh_from_db()
    return run


@pytest.fixture
def send(client):
    def upload(*told: object, headers=None, **fields):
        lines = [each if isinstance(each, str) else json.dumps(each) for each in told]
        file = SimpleUploadedFile("answers.jsonl", "\n".join(lines).encode())
        data = {"form_token": str(uuid4()), "name": "Old model", "uploads": [file], **fields}
        return client.post(reverse("evals:recording_create"), data, headers=headers)

    return upload


def test_files_become_a_recording(client, owner, send):
    answer = send(GOOD, {**GOOD, "answer": "Nobody."})
    recording = Recording.objects.get()
    assert answer.url == recording.get_absolute_url()
    assert recording.created_by == owner.user
    assert list(recording.answers.values_list("sample", "text")) == [
        (0, "The <b>captain</b>."),
        (1, "Nobody."),
    ]
    page = client.get(answer.url).content.decode()
    assert "The &lt;b&gt;captain&lt;/b&gt;." in page
    assert "Answer 2 to this question" in page
    for words, count in (("NOBODY", 1), ("steers", 2), ("moon", 0)):
        page = client.get(f"{answer.url}?q={words}")
        assert page.context["page_obj"].paginator.count == count
    assert "2 answers" in client.get(reverse("evals:recordings")).content.decode()


def test_every_bad_line_is_named_and_nothing_is_saved_unless_that_is_wanted(send):
    answer = send(GOOD, "", "{", {"messages": []}, headers={"HX-Request": "true"})
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    assert "<html" not in page  # the page keeps its files
    assert "2 lines cannot be read. 1 answer can." in page
    assert "answers.jsonl, line 3:" in page
    assert "answers.jsonl, line 4:" in page
    assert not Recording.objects.exists()
    answer = send(GOOD, "{", leaves_out="on")
    assert answer.status_code == 302
    assert Recording.objects.get().answers.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": ""}, "name"), ({"uploads": []}, "uploads"), ({"form_token": "x"}, "form_token")],
)
def test_what_is_missing_is_said(send, fields, field):
    answer = send(GOOD, **fields)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_files_without_an_answer_and_too_many_of_them_are_refused(send, monkeypatch):
    assert send("").status_code == 422
    assert "no answer in these files" in send("{", leaves_out="on").content.decode()
    monkeypatch.setattr("apps.evals.forms.recordings.MOST_BYTES", 10)
    assert "64 MB together" in send(GOOD).content.decode()
    assert not Recording.objects.exists()


def test_a_page_that_sent_its_files_itself_is_told_where_to_go_and_what_was_left_out(client, send):
    answer = send(GOOD, "{", leaves_out="on", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    page = client.get(answer["HX-Redirect"]).content.decode()
    assert "1 line was left out." in page


def test_files_sent_twice_are_one_recording(send):
    token = str(uuid4())
    assert send(GOOD, form_token=token).url == send(GOOD, form_token=token).url
    assert Recording.objects.get().answers.count() == 1


def test_the_answers_of_a_run_are_kept_once(client, run):
    assert "Keep these answers" in client.get(run.get_absolute_url()).content.decode()
    keep = reverse("evals:keep", args=[run.public_id, 1])
    address = client.post(keep).url
    assert client.post(keep).url == address
    recording = Recording.objects.get()
    assert (recording.model, recording.name) == ("m1", "Model · Harbour")
    answer = recording.answers.get()
    assert (answer.text, answer.facts) == ("The captain.", {"total_ms": 1200})
    assert answer.messages == [{"role": "user", "content": "Who steers?"}]


def test_what_was_answered_later_is_added(client, run):
    keep = reverse("evals:keep", args=[run.public_id, 1])
    client.post(keep)
    question = [{"role": "user", "content": "And now?"}]
    case = Case.objects.create(suite=run.suite, position=2, messages=question)
    candidate = run.candidates.get(position=1)
    run.answers.create(candidate=candidate, case=case, status="done", text="Me.")
    client.post(keep)
    assert sorted(Recording.objects.get().answers.values_list("text", flat=True)) == [
        "Me.",
        "The captain.",
    ]


def test_a_run_under_way_is_not_kept(client, run):
    Run.objects.update(ended_at=None)
    assert "Keep these answers" not in client.get(run.get_absolute_url()).content.decode()
    answer = client.post(reverse("evals:keep", args=[run.public_id, 1]), follow=True)
    assert "still under way" in answer.content.decode()
    assert not Recording.objects.exists()


def test_a_recording_is_offered_where_it_answers_and_says_how_much(client, owner, run, stranger):
    for position, text in enumerate(("And now?", "Who steers?", "Who steers?"), 2):
        question = [{"role": "user", "content": text}]
        Case.objects.create(suite=run.suite, position=position, messages=question)
    make_recording(workspace=owner.workspace, name="Of other questions")
    make_recording(workspace=stranger.workspace, name="Of other people")
    client.post(reverse("evals:keep", args=[run.public_id, 1]))
    offered = [each.label for each in model_options.options(owner, run.suite)]
    assert offered[-1] == "Model · Harbour · m1 · answers 3 of 4 questions"
    assert not any("Of other" in label for label in offered)
    page = client.get(reverse("evals:run_create", args=[run.suite.public_id]))
    assert "answers 3 of 4 questions" in page.content.decode()


def test_a_recording_stands_in_a_run_as_a_model_and_stays_while_it_does(
    client, owner, run, django_capture_on_commit_callbacks
):
    for position in (0, 1):
        client.post(reverse("evals:keep", args=[run.public_id, position]))
    first, second = Recording.objects.order_by("pk")
    data = {
        "form_token": str(uuid4()),
        "baseline": f"recording {first.public_id}",
        "others": [f"recording {second.public_id}"],
        "temperature": "0",
        "samples": "1",
    }
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("evals:run_create", args=[run.suite.public_id]), data)
    assert answer.status_code == 302, answer.context["form"].errors
    again = Run.objects.order_by("-pk")[0]
    assert again.ended_at
    assert list(again.answers.order_by("candidate__position").values_list("text", flat=True)) == [
        "Nobody.",
        "The captain.",
    ]
    page = client.get(again.get_absolute_url()).content.decode()
    assert "Keep these answers" not in page
    answer = client.post(reverse("evals:recording_delete", args=[first.public_id]), follow=True)
    assert "Delete their suites first" in answer.content.decode()
    assert Candidate.objects.filter(recording=first).exists()


def test_a_recording_that_nobody_uses_is_deleted(client, owner):
    recording = make_recording(workspace=owner.workspace)
    client.post(reverse("evals:recording_delete", args=[recording.public_id]))
    assert not Recording.objects.exists()


def test_a_viewer_reads_recordings_and_makes_none(client_of, viewer, run, owner):
    recording = make_recording(workspace=owner.workspace)
    client = client_of(viewer)
    assert client.get(recording.get_absolute_url()).status_code == 200
    assert client.get(reverse("evals:recording_create")).status_code == 403
    assert client.post(reverse("evals:keep", args=[run.public_id, 0])).status_code == 404
    delete = reverse("evals:recording_delete", args=[recording.public_id])
    assert client.post(delete).status_code == 404
    assert "Keep these answers" not in client.get(run.get_absolute_url()).content.decode()
