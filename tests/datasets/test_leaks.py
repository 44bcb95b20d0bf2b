"""The leak gate: what a validation file shares with its training file, and a way out."""

import json

import numpy as np
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.datasets import columns
from apps.datasets.models import Version
from apps.datasets.quality import leaks
from apps.datasets.recipes.leaked import written
from apps.datasets.recipes.picking import ranges
from tests.factories import chat_row

STORY = (
    "The old lighthouse keeper climbed the narrow stairs every evening to light the lamp, "
    "and wrote the names of all passing ships into a book that nobody ever read again."
)
NEW = [chat_row(f"A new question {n}?", f"A new answer {n}.") for n in range(10)]
OLD = [chat_row(f"An old question {n}?", f"An old answer {n}.") for n in range(10)]


def lines(*rows):
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.fixture
def training(upload) -> Version:
    return upload(lines(*OLD, chat_row("Tell me about the sea", STORY)), "pets-train.jsonl")


@pytest.fixture
def leaky(upload) -> Version:
    shouted = chat_row("AN OLD QUESTION  3?", "An old answer 3.")
    near = chat_row("Tell me about the sea", STORY.replace("evening", "morning"))
    rows = [*NEW, OLD[5], shouted, near, chat_row("An old question 7?", "Another answer.")]
    return upload(lines(*rows), "pets-validation.jsonl")


def page_of(client, validation, training):
    url = reverse("datasets:leaks", args=validation.address)
    return client.get(f"{url}?with={training.public_id}")


def test_rows_that_leak_are_counted_by_how_alike_they_are(client, training, leaky):
    response = page_of(client, leaky, training)
    counts = response.context["comparison"].counts
    assert counts == {"exact": 1, "loose": 1, "near": 1, "question": 1}
    shown = [(p.kind, p.number, p.other) for p in response.context["comparison"].pairs]
    assert shown == [("exact", 11, 6), ("loose", 12, 4), ("near", 13, 11), ("question", 14, 8)]
    page = response.content.decode()
    assert "3 of 14 rows (21.4 %) are in the training data as well" in page
    assert "An old answer 5." in page


def test_a_version_without_them_is_made(
    client, training, leaky, django_capture_on_commit_callbacks
):
    url = reverse("datasets:leave_out_leaked", args=leaky.address)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"with": training.public_id})
    made = leaky.dataset.versions.get(number=2)
    assert made.row_count == 11
    assert made.recipe[0]["rows"] == "11-13"
    after = page_of(client, made, training)
    assert after.context["comparison"].leaked == 0
    assert "None of the 11 rows is in the training data." in after.content.decode()


def test_nothing_is_made_when_nothing_would_be_left(client, training):
    twin = training.dataset.versions.get()
    url = reverse("datasets:leave_out_leaked", args=twin.address)
    assert client.post(url, {"with": twin.public_id}, follow=True).status_code == 200
    assert Version.objects.count() == 1


def test_files_of_an_earlier_release_are_compared_all_the_same(client, training, leaky):
    for version in (training, leaky):
        for name in columns.DTYPES:
            columns.path_of(version.path, name).unlink()
        version.path.with_suffix(".signs").unlink()
    response = page_of(client, leaky, training)
    assert response.context["comparison"].counts == {
        "exact": 1,
        "loose": 1,
        "near": None,
        "question": 2,
    }
    assert "as soon as the quality of both has been looked at" in response.content.decode()


def test_other_peoples_versions_are_not_offered(client_of, stranger, training, leaky, upload):
    url = reverse("datasets:leaks", args=leaky.address)
    assert client_of(stranger).get(url).status_code == 404
    theirs = client_of(stranger)
    assert theirs.get(f"{url}?with={training.public_id}").status_code == 404


def test_the_form_of_a_job_warns_and_holds_nobody_up(client, training, leaky):
    chosen = {"training_data": training.public_id, "validation_data": leaky.public_id}
    page = client.get(reverse("jobs:leaks"), chosen).content.decode()
    assert "2 of the 14 validation rows are in the training data as well." in page
    assert f"?with={training.public_id}" in page
    assert "alert" not in client.get(reverse("jobs:leaks")).content.decode()
    nonsense = {"training_data": "x", "validation_data": training.public_id}
    assert "alert" not in client.get(reverse("jobs:leaks"), nonsense).content.decode()


@pytest.fixture(scope="module")
def _small_table():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leaks, "TABLE_BITS", 6)
        yield


DIGESTS = st.lists(st.integers(0, 6) | st.integers(2**64 - 4, 2**64 - 1), max_size=30)


@pytest.mark.usefixtures("_small_table")
@given(mine=DIGESTS, theirs=DIGESTS)
def test_the_fast_way_finds_what_the_obvious_way_finds(mine, theirs):
    ones, others = np.array(mine, np.uint64), np.array(theirs, np.uint64)
    found = leaks._shared(ones, others)
    expected = [n for n, value in enumerate(mine) if value and value in theirs]
    assert found.tolist() == expected
    if expected:
        first = [theirs.index(mine[row]) for row in expected]
        assert leaks.partners(found, ones, others).tolist() == first


@given(rows=st.sets(st.integers(1, 60), min_size=1))
def test_row_numbers_are_read_as_they_were_written(rows):
    spread = [n for first, last in ranges(written(rows)) for n in range(first, last + 1)]
    assert spread == sorted(rows)
