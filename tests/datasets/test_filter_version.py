"""What a search finds becomes a version of its own."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.datasets.models import Version
from tests.factories import chat_row, make_version

ROWS = [chat_row(f"Question {n}?", "refund, please" if n % 4 == 0 else "no") for n in range(16)]
ROWS[2]["messages"][2]["content"] = ""


@pytest.fixture
def version(upload) -> Version:
    return upload("".join(json.dumps(row) + "\n" for row in ROWS).encode(), "parrot.jsonl")


@pytest.fixture
def keep(client, django_capture_on_commit_callbacks):
    def post(version: Version, query: str, token: str | None = None):
        url = f"{reverse('datasets:filter', args=version.address)}?{query}"
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(url, {"form_token": token or str(uuid4())})

    return post


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("q=REFUND", [0, 4, 8, 12]),
        ("label=no", [1, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15]),
        ("code=empty_answer", [2]),
        ("severity=error", [2]),
        ("role=system&q=question+1", [1, 10, 11, 12, 13, 14, 15]),
        ("tokens_from=1&q=refund", [0, 4, 8, 12]),
    ],
)
def test_only_what_matches_is_kept(keep, version, query, kept):
    keep(version, query)
    made = Version.objects.get(number=2)
    lines = [json.loads(line) for line in made.path.read_text().splitlines()]
    assert lines == [ROWS[n] for n in kept]
    assert made.dataset == version.dataset


def test_the_version_says_what_it_was_filtered_by(keep, client, version):
    keep(version, "q=refund&role=user")
    made = Version.objects.get(number=2)
    page = client.get(reverse("datasets:versions", args=made.address)).content.decode()
    assert "only rows that match (Words: refund, With a message of: user)" in " ".join(page.split())


def test_the_page_of_rows_offers_it_for_a_search_only(client, version):
    rows = reverse("datasets:rows", args=version.address)
    assert "keep-matching" in client.get(rows, {"q": "refund"}).content.decode()
    assert "keep-matching" not in client.get(rows).content.decode()


def test_a_double_click_keeps_once(keep, version):
    token = str(uuid4())
    assert keep(version, "q=refund", token).url == keep(version, "q=refund", token).url
    assert Version.objects.count() == 2


@pytest.mark.parametrize("query", ["", "tokens_from=nonsense", "q="])
def test_without_a_question_nothing_is_made(keep, version, query):
    assert "/rows/" in keep(version, query).url
    assert Version.objects.count() == 1


def test_a_search_that_finds_nothing_says_so(keep, version):
    keep(version, "q=albatross")
    made = Version.objects.get(number=2)
    assert made.status == "failed"
    assert made.error


def test_nobody_else_can_do_it(keep, client_of, viewer, stranger, version):
    url = f"{reverse('datasets:filter', args=version.address)}?q=refund"
    for member in (viewer, stranger):
        assert client_of(member).post(url).status_code == 404
    assert make_version(workspace=stranger.workspace).number == 1
