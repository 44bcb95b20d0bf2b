"""Changes to a version that others have gone on from: nothing is written over, nothing is lost."""

import json

import pytest
from django.urls import reverse

from apps.datasets.editing import changes
from apps.datasets.models import Edit, Version
from tests.factories import chat_file, chat_row


@pytest.fixture
def version(upload) -> Version:
    return upload(chat_file(12))


def url_of(version: Version, name: str) -> str:
    return reverse(f"datasets:{name}", args=version.address)


def edit(member, version: Version, row: int, answer: str) -> Edit:
    content = json.dumps(chat_row(answer=answer))
    return changes.keep(version=version, membership=member, row=row, content=content)


@pytest.fixture
def save(django_capture_on_commit_callbacks):
    def send(browser, version: Version, **posted):
        with django_capture_on_commit_callbacks(execute=True):
            return browser.post(url_of(version, "save_edits"), posted)

    return send


@pytest.fixture
def overtaken(client_of, editor, version, save) -> Version:
    """Somebody else has changed row 2 and left out row 3, and saved that as version 2."""
    edit(editor, version, 2, "Theirs")
    changes.leave_out(version=version, membership=editor, numbers=[3])
    save(client_of(editor), version)
    version.refresh_from_db()
    return version


def test_who_was_overtaken_is_told_before_anything_is_saved(client, owner, overtaken, save):
    edit(owner, overtaken, 7, "Mine")
    response = save(client, overtaken, newest="1")
    page = client.get(response.url).content.decode()
    assert "Version 2 was made in the meantime" in page
    assert "Take your changes to version 2" in page
    assert (Edit.objects.count(), Version.objects.count()) == (1, 2)
    save(client, overtaken, newest="2")  # now they know, and save all the same
    assert Version.objects.get(number=3).parent == overtaken


def test_changes_are_taken_on_where_the_rows_are_the_same(client, owner, overtaken, save):
    for row in (1, 2, 3, 7):
        edit(owner, overtaken, row, f"Mine {row}")
    edit(owner, overtaken, 0, "New")
    changes.leave_out(version=overtaken, membership=owner, numbers=[12])
    response = client.post(url_of(overtaken, "carry_edits"))
    page = client.get(response.url).content.decode()
    assert "4 changes are in version 2 now." in page
    assert "2 changes stay here" in page
    newest = Version.objects.get(number=2)
    assert changes.pending(newest, owner).marks == {1: "edited", 6: "edited", 11: "left_out"}
    assert changes.pending(overtaken, owner).marks == {2: "edited", 3: "edited"}
    save(client, newest, newest="2")
    rows = [json.loads(line) for line in Version.objects.get(number=3).path.open()]
    assert [rows[place] for place in (0, 1, 5)] == [
        chat_row(answer=answer) for answer in ("Mine 1", "Theirs", "Mine 7")
    ]
    assert (len(rows), rows[-1]) == (11, chat_row(answer="New"))


def test_what_is_changed_there_too_is_not_written_over(client, owner, overtaken):
    newest = Version.objects.get(number=2)
    edit(owner, newest, 6, "There")
    edit(owner, overtaken, 7, "Here")
    client.post(url_of(overtaken, "carry_edits"))
    assert changes.pending(newest, owner).marks == {6: "edited"}
    assert changes.pending(overtaken, owner).marks == {7: "edited"}


def test_changes_wait_for_a_version_that_can_be_read(client, owner, overtaken):
    edit(owner, overtaken, 7, "Mine")
    Version.objects.filter(number=2).update(status=Version.Status.CHECKING)
    response = client.post(url_of(overtaken, "carry_edits"))
    assert "is not checked yet" in client.get(response.url).content.decode()
    assert changes.pending(overtaken, owner).marks == {7: "edited"}


def test_a_repair_says_once_that_it_was_overtaken(client, overtaken):
    url = url_of(overtaken, "repair")
    posted = {"step": "keep_rows", "0-sent": "1", "0-rows": "1-5", "make": "1"}
    refused = client.post(url, {**posted, "next": "2"})
    assert refused.status_code == 422
    assert "Version 2 was made in the meantime" in refused.content.decode()
    assert 'name="next" value="3"' in refused.content.decode()
    assert client.post(url, {**posted, "next": "3"}).status_code == 302
