"""Two versions side by side."""

import json

import pytest
from django.urls import reverse

from apps.datasets import tasks
from apps.datasets.lifecycle import versioning
from apps.datasets.models import Version
from tests.factories import chat_row, make_version

ROWS = [chat_row(f"Question {n}?", f"Answer {n}.") for n in range(14)]


def file_of(rows: list[dict]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def url(version: Version, other: int, query: str = "") -> str:
    return reverse("datasets:diff", args=[*version.address, other]) + query


@pytest.fixture
def first(upload) -> Version:
    return upload(file_of(ROWS))


def next_version(parent: Version, recipe: list[dict]) -> Version:
    version = versioning.append(
        dataset=parent.dataset, parent=parent, recipe=recipe, size_bytes=0, sha256=""
    )
    tasks.check_version(version_id=version.pk)
    version.refresh_from_db()
    return version


def uploaded_again(first: Version, rows: list[dict]) -> Version:
    """Another file as the next version: nothing says which row came from which."""
    version = make_version(
        workspace=first.workspace,
        dataset=first.dataset,
        content=file_of(rows),
        status="checking",
        row_count=None,
    )
    tasks.check_version(version_id=version.pk)
    version.refresh_from_db()
    return version


@pytest.fixture
def second(first) -> Version:
    """One row less, one changed, one more."""
    rows = [*ROWS[:3], *ROWS[4:], chat_row("Is it new?", "Yes.")]
    rows[0] = chat_row("Question 0?", "Another answer 0.")
    return uploaded_again(first, rows)


def test_what_changed_is_counted_and_marked(client, second):
    response = client.get(url(second, 1))
    assert response.context["page"].counts == {"changed": 1, "added": 1, "removed": 1}
    page = response.content.decode()
    assert "<del>Answer</del>" in page
    assert "<ins>Another answer</ins>" in page
    assert "Row 4 of version 1" in page
    assert "12 rows are the same" in page


def test_both_directions_go_from_the_earlier_to_the_later(client, first, second):
    assert client.get(url(first, 2)).context["page"].counts["added"] == 1


def test_one_kind_of_change_can_be_asked_for(client, second):
    page = client.get(url(second, 1, "?kind=removed"))
    assert [shown.entry.before for shown in page.context["page"].entries] == [4]
    assert client.get(url(second, 1, "?kind=odd&start=x")).status_code == 200


def test_pages_follow_each_other(client, first):
    emptied = uploaded_again(first, ROWS[:1])
    one = client.get(url(emptied, 1)).context["page"]
    assert (len(one.entries), one.next_start) == (10, 10)
    two = client.get(url(emptied, 1, "?start=10")).context["page"]
    assert [shown.entry.before for shown in two.entries] == [12, 13, 14]
    assert client.get(url(emptied, 1, "?start=99999")).context["page"].entries == []


def test_a_recipe_knows_which_row_came_from_which(client, first):
    """Also where the question was changed, which no digest would find again."""
    row = json.dumps(chat_row("Quite another?", "Yes."))
    edited = next_version(first, [{"step": "edits", "rows": {"3": row}}])
    page = client.get(url(edited, 1)).context["page"]
    assert page.counts == {"changed": 1, "added": 0, "removed": 0}
    later = next_version(edited, [{"step": "leave_out_rows", "rows": "1"}])
    page = client.get(url(later, 1)).context["page"]
    assert page.counts == {"changed": 1, "added": 0, "removed": 1}


def test_the_same_rows_are_said_to_be_the_same(client, first):
    again = next_version(first, [])
    assert "Both versions have the same rows." in client.get(url(again, 1)).content.decode()
    assert "Both versions have the same rows." in client.get(url(again, 2)).content.decode()
    turned = uploaded_again(first, ROWS[::-1])
    assert "in another order" in client.get(url(turned, 1)).content.decode()


def test_the_numbers_of_both_are_compared(client, second):
    figures = client.get(url(second, 1)).context["figures"]
    assert (figures[0].before, figures[0].after, figures[0].change) == (14, 14, 0)
    assert figures[1].change not in (0, None)
    fewer = client.get(url(second, 1)).content.decode()
    assert f"{figures[1].shown_change} (before: " in fewer


def test_versions_that_were_never_checked_cannot_be_compared_yet(client, first):
    versioning.append(dataset=first.dataset, size_bytes=0, sha256="")
    page = client.get(url(first, 2))
    assert page.status_code == 200
    assert "cannot be compared yet" in page.content.decode()


def test_the_answer_is_kept_and_goes_with_the_version(
    client, second, django_capture_on_commit_callbacks
):
    client.get(url(second, 1))
    kept = list(second.path.parent.glob(f"{second.path.stem}.diff-*"))
    assert len(kept) == 1
    client.get(url(second, 1))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("datasets:delete_version", args=second.address))
    assert not kept[0].exists()


def test_strangers_and_other_datasets_are_not_compared(client, client_of, stranger, second):
    assert client_of(stranger).get(url(second, 1)).status_code == 404
    assert client.get(url(second, 7)).status_code == 404


def test_hostile_rows_stay_text(client, first):
    hostile = uploaded_again(first, [chat_row("<script>alert(1)</script>", "</del><img src=x>")])
    page = client.get(url(hostile, 1, "?kind=added")).content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page
