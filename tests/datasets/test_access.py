"""Who may see and change what, URL by URL."""

import pytest
from django.urls import reverse

from apps.datasets.models import Dataset
from tests.factories import chat_file, make_dataset

READ = ("detail", "problems", "problems_csv", "rows", "download")
CHANGE = ("delete", "count_tokens")


@pytest.fixture
def dataset(owner) -> Dataset:
    return make_dataset(workspace=owner.workspace)


def urls_of(dataset: Dataset, names: tuple[str, ...]) -> list[str]:
    return [reverse(f"datasets:{name}", args=[dataset.public_id]) for name in names]


@pytest.mark.parametrize("role", ["owner", "editor", "viewer"])
@pytest.mark.parametrize("name", READ)
def test_every_member_may_look(request, client_of, dataset, role, name):
    browser = client_of(request.getfixturevalue(role))
    assert browser.get(reverse(f"datasets:{name}", args=[dataset.public_id])).status_code == 200


def test_a_stranger_finds_nothing(client_of, stranger, dataset):
    browser = client_of(stranger)
    answers = [browser.get(url).status_code for url in urls_of(dataset, READ)]
    answers += [browser.post(url).status_code for url in urls_of(dataset, CHANGE)]
    assert set(answers) == {404}
    assert dataset.name not in browser.get(reverse("datasets:list")).content.decode()


def test_a_viewer_changes_nothing(client_of, viewer, dataset):
    browser = client_of(viewer)
    assert {browser.post(url).status_code for url in urls_of(dataset, CHANGE)} == {404}
    assert browser.post(reverse("datasets:add_sample")).status_code == 403
    assert browser.put(reverse("datasets:upload"), chat_file()).status_code == 403
    assert browser.post(reverse("datasets:upload")).status_code == 403
    assert Dataset.objects.count() == 1


def test_a_viewer_is_not_shown_what_only_editors_can_do(client_of, viewer, dataset):
    browser = client_of(viewer)
    page = browser.get(dataset.get_absolute_url()).content.decode()
    listed = browser.get(reverse("datasets:list")).content.decode()
    assert "delete-dataset" not in page
    assert "Start a fine-tuning job" not in page
    assert "data-upload" not in listed


def test_an_editor_may_delete(client_of, editor, dataset):
    (url, _) = urls_of(dataset, CHANGE)
    assert client_of(editor).post(url).status_code == 302
    assert not Dataset.objects.exists()
