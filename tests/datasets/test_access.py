"""Who may see and change what, URL by URL."""

import pytest
from django.urls import reverse

from apps.datasets.models import Version
from tests.factories import chat_file, make_version

READ = ("detail", "problems", "problems_csv", "rows", "download", "export")
CHANGE = ("delete", "count_tokens")


@pytest.fixture
def version(owner) -> Version:
    return make_version(workspace=owner.workspace)


def urls_of(version: Version, names: tuple[str, ...]) -> list[str]:
    return [url_of(version, name) for name in names]


def url_of(version: Version, name: str) -> str:
    of_all_versions = name == "delete"
    args = [version.dataset.public_id] if of_all_versions else version.address
    return reverse(f"datasets:{name}", args=args)


@pytest.mark.parametrize("role", ["owner", "editor", "viewer"])
@pytest.mark.parametrize("name", READ)
def test_every_member_may_look(request, client_of, version, role, name):
    browser = client_of(request.getfixturevalue(role))
    assert browser.get(url_of(version, name)).status_code == 200


def test_a_stranger_finds_nothing(client_of, stranger, version):
    browser = client_of(stranger)
    answers = [browser.get(url).status_code for url in urls_of(version, READ)]
    answers += [browser.post(url).status_code for url in urls_of(version, CHANGE)]
    assert set(answers) == {404}
    assert version.name not in browser.get(reverse("datasets:list")).content.decode()


def test_a_viewer_changes_nothing(client_of, viewer, version):
    browser = client_of(viewer)
    assert {browser.post(url).status_code for url in urls_of(version, CHANGE)} == {404}
    assert browser.post(reverse("datasets:add_sample")).status_code == 403
    assert browser.put(reverse("datasets:upload"), chat_file()).status_code == 403
    assert browser.post(reverse("datasets:upload")).status_code == 403
    assert Version.objects.count() == 1


def test_a_viewer_is_not_shown_what_only_editors_can_do(client_of, viewer, version):
    browser = client_of(viewer)
    page = browser.get(version.get_absolute_url()).content.decode()
    listed = browser.get(reverse("datasets:list")).content.decode()
    assert "delete-dataset" not in page
    assert "Start a fine-tuning job" not in page
    assert "data-upload" not in listed


def test_an_editor_may_delete(client_of, editor, version):
    (url, _) = urls_of(version, CHANGE)
    assert client_of(editor).post(url).status_code == 302
    assert not Version.objects.exists()


def test_a_viewer_who_is_sent_the_editor_sees_the_row(client_of, viewer, stranger, version):
    editor = reverse("datasets:row", args=[*version.address, 1])
    response = client_of(viewer).get(editor, follow=True)
    assert response.redirect_chain == [
        (f"{reverse('datasets:rows', args=version.address)}?row=1", 302)
    ]
    assert response.status_code == 200
    assert client_of(stranger).get(editor).status_code == 404
