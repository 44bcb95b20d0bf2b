"""Splits and samples through the front door: what is promised, what is made, and only once."""

import io
import json
from uuid import uuid4

import numpy as np
import pytest
from django.urls import reverse

from apps.datasets.models import Dataset, Version
from apps.datasets.recipes import engine
from apps.datasets.selectors import plans
from tests.factories import chat_file, chat_row, make_version

HTMX = {"HX-Request": "true"}
SPLIT = {"size": "share", "percent": "20", "most": "1000", "seed": "42", "group": "on"}
SAMPLE = {"size": "count", "count": "5", "seed": "42", "into": "dataset"}


def url(version: Version, name: str) -> str:
    return reverse(f"datasets:{name}", args=version.address)


@pytest.fixture
def send(client, django_capture_on_commit_callbacks):
    """Post a form with a token, and let the workers do their part."""

    def post(address: str, data: dict, token: str | None = None):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, {"form_token": token or str(uuid4()), **data})

    return post


@pytest.fixture
def whole(upload) -> Version:
    """Forty rows that ask twenty questions."""
    rows = [chat_row(f"Question {n // 2}?", f"Answer {n}.") for n in range(40)]
    return upload("".join(json.dumps(row) + "\n" for row in rows).encode(), "parrot.jsonl")


def asked(version: Version) -> list[str]:
    lines = version.path.read_text().splitlines()
    return [json.loads(line)["messages"][1]["content"] for line in lines]


def test_the_page_says_what_each_part_will_get_before_anything_is_made(client, whole):
    page = client.get(url(whole, "split")).content.decode()
    assert "32 rows" in page
    assert "8 rows" in page
    assert "40 rows ask what others ask too" in page
    tried = client.get(url(whole, "split"), {**SPLIT, "percent": "50"}, headers=HTMX)
    assert tried.content.decode().count("20 rows") == 2
    assert Version.objects.count() == 1


def test_a_size_that_the_groups_do_not_allow_is_said(client, whole):
    tried = client.get(url(whole, "split"), {**SPLIT, "size": "count", "count": "5"}, headers=HTMX)
    assert "4 rows" in tried.content.decode()
    assert "Not exactly 5" in tried.content.decode()


def test_a_split_makes_two_datasets_that_know_each_other(send, whole):
    response = send(url(whole, "split"), SPLIT)
    training = Version.objects.get(dataset__name="parrot – training")
    validation = Version.objects.get(dataset__name="parrot – validation")
    assert response.url == training.get_absolute_url()
    assert (training.row_count, validation.row_count) == (32, 8)
    assert (training.status, validation.status) == ("ready", "ready")
    assert training.dataset.validated_by == validation.dataset
    assert not set(asked(training)) & set(asked(validation))
    assert sorted(asked(training) + asked(validation)) == sorted(asked(whole))


def test_the_job_form_chooses_the_other_part(client, send, whole, owner):
    send(url(whole, "split"), SPLIT)
    training = Version.objects.get(dataset__name="parrot – training")
    Dataset.objects.filter(validates__isnull=False).update(name="Held back")
    page = client.get(f"{reverse('jobs:create')}?training_data={training.public_id}")
    chosen = Version.objects.get(public_id=page.context["form"]["validation_data"].value())
    assert chosen.name == "Held back"
    assert "The other part of the split" in page.content.decode()


def test_a_double_click_splits_once(send, whole):
    token = str(uuid4())
    first = send(url(whole, "split"), SPLIT, token)
    second = send(url(whole, "split"), SPLIT, token)
    assert first.url == second.url
    assert Dataset.objects.count() == 3


def test_a_token_of_another_workspace_makes_nothing(send, client_of, stranger, whole):
    token = str(uuid4())
    theirs = make_version(workspace=stranger.workspace, public_id=token)
    response = send(url(whole, "split"), SPLIT, token)
    assert response.url == url(whole, "split")
    assert set(Version.objects.all()) == {whole, theirs}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"percent": ""}, "Fill this in."),
        ({"percent": "0"}, "greater than or equal to 0.01"),
        ({"percent": "lots"}, "Enter a number"),
        ({"size": "count", "count": "0"}, "greater than or equal to 1"),
        ({"size": "count", "count": ""}, "Fill this in."),
        ({"seed": ""}, "This field is required."),
        ({"size": "tenth"}, "Select a valid choice"),
    ],
)
def test_a_split_that_makes_no_sense_is_explained(send, whole, change, words):
    response = send(url(whole, "split"), {**SPLIT, **change})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Dataset.objects.count() == 1


def test_a_file_that_always_asks_the_same_has_no_two_parts(send, upload):
    rows = [chat_row("The same?", f"Answer {n}.") for n in range(12)]
    version = upload("".join(json.dumps(row) + "\n" for row in rows).encode())
    assert "One part would be empty" in send(url(version, "split"), SPLIT).content.decode()


def test_a_version_without_rows_is_not_split_yet(client, owner):
    waiting = make_version(workspace=owner.workspace, status="checking", row_count=None)
    assert client.get(url(waiting, "split")).url == waiting.get_absolute_url()
    assert client.get(url(waiting, "sample")).url == waiting.get_absolute_url()


def test_answers_that_are_labels_keep_their_mix_from_the_start(client, upload):
    rows = [chat_row(f"Question {n}?", "no" if n % 4 else "yes") for n in range(40)]
    version = upload("".join(json.dumps(row) + "\n" for row in rows).encode())
    page = client.get(url(version, "split"))
    assert page.context["form"]["stratify"].value() is True
    assert "2 short answers count as labels" in page.content.decode()


def test_a_sample_becomes_a_dataset_of_its_own(send, client, whole):
    assert "4 rows" in client.get(url(whole, "sample")).content.decode()
    response = send(url(whole, "sample"), SAMPLE)
    sample = Version.objects.get(dataset__name="parrot – sample")
    assert response.url == sample.get_absolute_url()
    assert (sample.row_count, sample.parent) == (5, whole)


def test_a_sample_becomes_the_next_version(send, whole):
    token = str(uuid4())
    for _click in range(2):
        send(url(whole, "sample"), {**SAMPLE, "into": "version"}, token)
    sample = Version.objects.get(number=2)
    assert (sample.dataset, sample.row_count, sample.is_newest) == (whole.dataset, 5, True)
    assert Version.objects.count() == 2


def test_a_viewer_and_a_stranger_cannot_split(client_of, viewer, stranger, whole):
    for member in (viewer, stranger):
        browser = client_of(member)
        for name in ("split", "sample"):
            assert browser.get(url(whole, name)).status_code == 404
            assert browser.post(url(whole, name), SPLIT).status_code == 404
    assert Version.objects.count() == 1


def test_rows_that_share_a_question_are_counted_right():
    for questions, expected in (
        ([], 0),
        ([0, 0], 0),
        ([5], 0),
        ([5, 7, 5], 2),
        ([5, 5, 5, 7, 7], 5),
    ):
        assert plans._repeated(np.array(questions, np.uint64)) == expected


def test_the_parts_are_those_of_the_plan_and_of_a_run_without_columns(send, whole, tmp_path):
    """The page counts by the columns, the worker chooses by them; both as the pure step does."""
    send(url(whole, "split"), {**SPLIT, "stratify": "on"})
    validation = Version.objects.get(dataset__name="parrot – validation")
    target = io.BytesIO()
    engine.run(validation.recipe, [whole.path], target)
    assert target.getvalue() == validation.path.read_bytes()


def test_a_version_without_columns_is_split_with_an_estimate_beforehand(client, send, owner):
    version = make_version(workspace=owner.workspace, name="Old", content=chat_file(40))
    page = client.get(url(version, "split")).content.decode()
    assert "32 rows" in page
    assert "An estimate" in page
    send(url(version, "split"), SPLIT)
    rows = Version.objects.exclude(pk=version.pk).values_list("row_count", flat=True)
    assert sorted(rows) == [8, 32]
