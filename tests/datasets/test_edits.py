"""Changes that wait to be saved: left out, taken back, gathered, made a version."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.datasets.editing import changes
from apps.datasets.models import Edit, Version
from apps.datasets.services.edits import save_as_version
from tests.factories import chat_file, chat_row

HTMX = {"HX-Request": "true"}
SLIP = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "bot", "content": "Hello"}]}\n'


@pytest.fixture
def version(upload) -> Version:
    return upload(chat_file(12))


def url_of(version: Version, name: str, *more: int) -> str:
    return reverse(f"datasets:{name}", args=[*version.address, *more])


def edit(member, version: Version, row: int, answer: str) -> Edit:
    content = json.dumps(chat_row(answer=answer))
    return changes.keep(version=version, membership=member, row=row, content=content)


def marks(member, version: Version) -> dict[int, str]:
    return changes.pending(version, member).marks


def undo(client, member, version: Version) -> None:
    last = changes.pending(version, member).last
    client.post(url_of(version, "undo_edit"), {"last": last})


def test_rows_are_left_out_and_put_back(client, owner, version):
    client.post(url_of(version, "leave_out"), {"row": ["2", "3", "2", "99", "0", "x"]})
    assert marks(owner, version) == {2: "left_out", 3: "left_out"}
    page = client.get(url_of(version, "rows")).content.decode()
    assert "2 rows left out" in page
    assert page.count("data-mark=") == 2
    client.post(url_of(version, "put_back"), {"row": "2"})
    assert marks(owner, version) == {3: "left_out"}


def test_the_list_shows_rows_as_they_will_be(client, owner, upload):
    version = upload(chat_file(3) + SLIP)
    assert "Did you mean" in client.get(url_of(version, "rows")).content.decode()
    edit(owner, version, 4, "As it will be")
    page = client.get(url_of(version, "rows")).content.decode()
    assert "As it will be" in page
    assert "Did you mean" not in page


def test_one_undo_brings_back_all_that_left_together(client, owner, version):
    edit(owner, version, 1, "A")
    client.post(url_of(version, "leave_out"), {"row": ["1", "2", "3"]})
    undo(client, owner, version)
    assert marks(owner, version) == {1: "edited"}
    undo(client, owner, version)
    undo(client, owner, version)
    assert marks(owner, version) == {}


def test_undoing_twice_by_accident_undoes_once(client, owner, version):
    edit(owner, version, 1, "A")
    second = edit(owner, version, 1, "B")
    for _ in range(2):
        client.post(url_of(version, "undo_edit"), {"last": second.pk})
    assert json.loads(Edit.objects.get().content) == chat_row(answer="A")


def test_an_edited_row_that_is_put_back_keeps_its_edit(client, owner, version):
    edit(owner, version, 1, "Mine")
    client.post(url_of(version, "leave_out"), {"row": "1"})
    page = client.get(url_of(version, "row", 1)).content.decode()
    assert "Mine" in page
    assert "will not be part of the next version" in page
    client.post(url_of(version, "put_back"), {"row": "1"})
    assert marks(owner, version) == {1: "edited"}


def test_htmx_gets_the_bar_and_the_rows_that_changed(client, version):
    answer = client.post(url_of(version, "leave_out"), {"row": ["2", "3"]}, headers=HTMX)
    page = answer.content.decode()
    assert page.count("hx-swap-oob") == 2
    assert "2 rows left out" in page
    assert "<html" not in page


def test_nobody_is_led_away(client, version):
    for target in ("https://evil.example/", "//evil.example", "evil", ""):
        response = client.post(url_of(version, "leave_out"), {"row": "1", "next": target})
        assert response.url == url_of(version, "rows")
    here = url_of(version, "rows") + "?row=3"
    assert client.post(url_of(version, "leave_out"), {"row": "1", "next": here}).url == here


def test_changes_are_listed_and_discarded(client, owner, version):
    edit(owner, version, 1, "A")
    edit(owner, version, 1, "B")
    client.post(url_of(version, "leave_out"), {"row": "5"})
    added = edit(owner, version, 0, "New")
    page = " ".join(client.get(url_of(version, "edits")).content.decode().split())
    assert "1 row changed · 1 row left out · 1 row added" in page
    assert page.count("Take back the change") == 3
    client.post(url_of(version, "discard_edits"), {"row": "0", "edit": added.pk})
    client.post(url_of(version, "discard_edits"), {"row": "1"})
    assert marks(owner, version) == {5: "left_out"}
    client.post(url_of(version, "discard_edits"))
    assert not Edit.objects.exists()
    assert "You have changed nothing" in client.get(url_of(version, "edits")).content.decode()


def test_everybody_has_changes_of_their_own(client, client_of, owner, editor, version):
    edit(editor, version, 1, "Theirs")
    page = client.get(url_of(version, "row", 1)).content.decode()
    assert "Theirs" not in page
    assert f"{editor.user.username} has changed this row too" in page
    client.post(url_of(version, "save_edits"))
    client.post(url_of(version, "discard_edits"))
    assert Edit.objects.count() == 1
    assert Version.objects.count() == 1


def test_a_viewer_reads_rows_and_is_offered_no_change(client, client_of, viewer, version):
    page = client_of(viewer).get(url_of(version, "rows")).content.decode()
    assert "data-row-tools" not in page
    assert "leave-out" not in page
    assert client_of(viewer).get(url_of(version, "edits")).status_code == 404


def test_there_is_an_end_to_what_can_wait(client, owner, version, monkeypatch):
    monkeypatch.setattr(changes, "MOST_EDITS", 2)
    client.post(url_of(version, "leave_out"), {"row": ["1", "2", "3"]})
    assert not Edit.objects.exists()
    page = client.get(url_of(version, "rows")).content.decode()
    assert "Save them as a version first" in page


def test_changes_become_the_next_version(
    client, owner, version, django_capture_on_commit_callbacks
):
    before = version.path.read_bytes()
    edit(owner, version, 1, "First")
    edit(owner, version, 1, "Second")
    edit(owner, version, 0, "New")
    client.post(url_of(version, "leave_out"), {"row": "2"})
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(url_of(version, "save_edits"), {"note": "Row 1 was wrong."})
    made = Version.objects.get(number=2)
    assert response.url == made.get_absolute_url()
    rows = [json.loads(line) for line in made.path.read_bytes().splitlines()]
    assert rows[0] == chat_row(answer="Second")
    assert rows[-1] == chat_row(answer="New")
    assert rows[1] == json.loads(before.splitlines()[2])
    assert (len(rows), made.note, made.status) == (12, "Row 1 was wrong.", "ready")
    history = client.get(url_of(made, "versions")).content.decode()
    assert "by hand: 1 row changed, 1 row left out, 1 row added" in history
    assert version.path.read_bytes() == before
    assert not Edit.objects.exists()


IMAGE = "data:image/png;base64," + "A" * 1_000_000


def test_an_image_is_not_copied_into_the_recipe(
    client, owner, upload, django_capture_on_commit_callbacks
):
    row = {"prompt": IMAGE, "completion": "A cat."}
    version = upload(json.dumps(row).encode() + b"\n")
    changed = json.dumps({**row, "completion": "A dog."})
    changes.keep(version=version, membership=owner, row=1, content=changed)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url_of(version, "save_edits"))
    made = Version.objects.get(number=2)
    assert len(str(made.recipe)) < 500
    assert json.loads(made.path.read_bytes()) == {**row, "completion": "A dog."}


def test_edits_longer_than_a_recipe_are_refused_and_stay(client, owner, version, monkeypatch):
    monkeypatch.setattr("apps.datasets.services.edits.MOST_CHARACTERS", 100)
    edit(owner, version, 1, "A")
    response = client.post(url_of(version, "save_edits"))
    assert "too long for one version" in client.get(response.url).content.decode()
    assert (Edit.objects.count(), Version.objects.count()) == (1, 1)


def test_saving_twice_makes_one_version(client, owner, version):
    edit(owner, version, 1, "A")
    for _ in range(2):
        response = client.post(url_of(version, "save_edits"))
        assert response.status_code == 302
    assert Version.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_version(client, owner, version):
    edit(owner, version, 1, "A")
    both = Barrier(2, timeout=10)

    def press(_: int) -> None:
        try:
            both.wait()
            save_as_version(version=version, membership=owner)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(press, range(2)))
    assert Version.objects.count() == 2
    assert not Edit.objects.exists()


def test_the_list_of_rows_costs_the_same_with_many_changes(client, version):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(url_of(version, "rows"))
        return len(caught)

    few = queries()
    client.post(url_of(version, "leave_out"), {"row": [str(n) for n in range(1, 12)]})
    assert queries() == few


def matching(client, version: Version, query: str, token: str = "") -> Any:
    return client.post(url_of(version, "leave_out_matching") + query, {"token": token})


def test_all_rows_of_a_problem_are_left_out_by_a_step_that_finds_them_again(
    client, owner, upload, django_capture_on_commit_callbacks
):
    version = upload(chat_file(12) + SLIP * 2)
    assert (
        "Leave all of them out"
        in client.get(url_of(version, "rows") + "?code=unknown_role").content.decode()
    )
    edit(owner, version, 13, "Fixed")
    with django_capture_on_commit_callbacks(execute=True):
        matching(client, version, "?code=unknown_role")
    made = Version.objects.get(number=2)
    assert [step["step"] for step in made.recipe] == ["edits", "drop_rows_with_problems"]
    assert (made.row_count, made.status) == (13, "ready")
    assert not Edit.objects.exists()


def test_all_rows_of_a_search_are_left_out(client, version, django_capture_on_commit_callbacks):
    token = str(uuid4())
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            response = matching(client, version, "?q=Question+1", token)
    made = Version.objects.get(number=2)
    assert response.url == made.get_absolute_url()
    assert made.recipe == [{"step": "edits", "left_out": "2,11-12"}]
    assert made.row_count == 9
    assert Version.objects.count() == 2


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "Search for something first"),
        ("?q=nowhere", "No row matches"),
        ("?q=Question", "Then no row would be left"),
        ("?tokens_from=many", "cannot be used together"),
    ],
)
def test_what_cannot_be_left_out_all_at_once_is_said(client, version, query, words):
    response = matching(client, version, query)
    assert words in client.get(response.url).content.decode()
    assert Version.objects.count() == 1
