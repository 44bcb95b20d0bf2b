"""Several versions become one: what is said beforehand, and what is made."""

from uuid import uuid4

import pytest
from django.urls import reverse

from apps.datasets.models import Version
from tests.factories import chat_file, make_version


def address(*versions: Version) -> str:
    query = "&".join(f"version={version.public_id}" for version in versions)
    return f"{reverse('datasets:merge')}?{query}"


@pytest.fixture
def send(client, django_capture_on_commit_callbacks):
    def post(url: str, **data):
        data = {"form_token": str(uuid4()), "into": "dataset", "name": "Both", **data}
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(url, data)

    return post


@pytest.fixture
def pair(upload) -> tuple[Version, Version]:
    """Twelve rows, and twelve more of which two come again."""
    return upload(chat_file(12), "first.jsonl"), upload(
        chat_file(22)[len(chat_file(10)) :], "second.jsonl"
    )


def test_the_page_says_what_they_are_together(client, pair):
    page = client.get(address(*pair))
    text = page.content.decode()
    assert page.context["merge"].rows == 24
    assert page.context["copies"] == 2
    assert "different kinds" not in text


def test_different_kinds_are_warned_of(client, pair, upload):
    other = upload(b'{"prompt": "a", "completion": "b"}\n' * 12, "prompts.jsonl")
    assert "Chat, Prompt and completion" in client.get(address(pair[0], other)).content.decode()


def test_the_rows_follow_each_other_in_the_chosen_order(send, pair):
    first, second = pair
    response = send(address(second, first))
    merged = Version.objects.get(dataset__name="Both")
    assert response.url == merged.get_absolute_url()
    assert merged.path.read_bytes() == second.path.read_bytes() + first.path.read_bytes()
    assert (merged.row_count, merged.parent) == (24, second)


def test_copies_are_left_out_on_request(send, pair):
    send(address(*pair), drop_copies="on")
    assert Version.objects.get(dataset__name="Both").row_count == 22


def test_a_merge_can_be_the_next_version_of_the_first(send, pair, client):
    first, second = pair
    send(address(first, second), into="version")
    merged = first.dataset.versions.get(number=2)
    assert merged.row_count == 24
    page = client.get(reverse("datasets:diff", args=[*merged.address, 1])).context["page"]
    assert page.counts == {"changed": 0, "added": 12, "removed": 0}


def test_a_double_click_merges_once(send, pair):
    token = str(uuid4())
    assert send(address(*pair), form_token=token).url == send(address(*pair), form_token=token).url
    assert Version.objects.count() == 3


def test_one_version_is_not_merged(send, pair):
    assert send(address(pair[0])).status_code == 422
    assert Version.objects.count() == 2


def test_what_is_not_there_or_not_mine_is_left_out(client, pair, stranger):
    theirs = make_version(workspace=stranger.workspace)
    page = client.get(address(pair[0], theirs, pair[0]) + "&version=nonsense&version=")
    assert page.context["merge"].versions == [pair[0]]
    assert theirs not in page.context["offered"]


def test_the_order_and_the_choice_can_be_changed_without_a_script(client, pair):
    first, second = pair
    page = client.get(address(first, second)).context["merge"]
    earlier = client.get("?".join((reverse("datasets:merge"), page.choices[1].earlier)))
    assert earlier.context["merge"].versions == [second, first]
    without = client.get("?".join((reverse("datasets:merge"), page.choices[0].without)))
    assert without.context["merge"].versions == [second]


def test_together_too_large_is_refused(client, send, pair, settings):
    settings.MAX_UPLOAD_BYTES = pair[0].size_bytes + 1
    assert send(address(*pair)).status_code == 422
    assert "larger than a dataset may be" in client.get(address(*pair)).content.decode()


def test_a_viewer_does_not_merge(client_of, viewer, pair):
    assert client_of(viewer).get(address(*pair)).status_code == 403
    assert client_of(viewer).post(address(*pair)).status_code == 403
