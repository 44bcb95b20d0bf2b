"""The versions of a dataset: what each is, notes, the way back, and what is never lost."""

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections
from django.urls import reverse

from apps.datasets import tasks
from apps.datasets.lifecycle import versioning
from apps.datasets.models import Dataset, Version
from apps.datasets.recipes import engine
from apps.datasets.services.datasets import DatasetInUse, delete_dataset
from apps.datasets.services.versions import VersionInUse, delete_version
from tests.factories import chat_file, make_connection, make_job, make_version


def url(version: Version, name: str, *more: int) -> str:
    return reverse(f"datasets:{name}", args=[*version.address, *more])


@pytest.fixture
def post(client, django_capture_on_commit_callbacks):
    def send(address: str, **data):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, data)

    return send


@pytest.fixture
def first(upload) -> Version:
    return upload(chat_file(12), "parrot.jsonl")


@pytest.fixture
def second(first) -> Version:
    """The next version: a worker has left four rows out of the first."""
    recipe = [{"step": "leave_out_rows", "rows": "1-4"}]
    return made(first, recipe)


def made(parent: Version, recipe: list[dict], **fields) -> Version:
    version = versioning.append(
        dataset=parent.dataset, parent=parent, recipe=recipe, size_bytes=0, sha256="", **fields
    )
    tasks.check_version(version_id=version.pk)
    version.refresh_from_db()
    return version


def test_each_version_says_how_it_was_made_and_what_is_in_it(client, second, owner):
    page = client.get(url(second, "versions")).content.decode()
    assert "Uploaded: parrot.jsonl" in page
    assert "From version 1: Leave out rows by number" in page
    assert owner.user.username in page
    assert page.index("Version 2") < page.index("Version 1<")


def test_each_version_names_its_jobs_and_their_models(client, second, owner):
    make_job(
        workspace=owner.workspace,
        training_data=second,
        name="Parrot one",
        fine_tuned_model="ft:tiny:parrot",
    )
    other = make_job(workspace=owner.workspace, validation_data=second, name="Other")
    page = client.get(url(second, "versions")).content.decode()
    assert "Parrot one" in page
    assert "ft:tiny:parrot" in page
    assert other.get_absolute_url() in page
    assert "to validate" in page
    assert "parrot, version 2" in client.get(other.get_absolute_url()).content.decode()


def test_the_page_costs_the_same_for_many_versions(client, first, django_assert_max_num_queries):
    with django_assert_max_num_queries(12) as few:
        client.get(url(first, "versions"))
    for _number in range(6):
        version = versioning.append(
            dataset=first.dataset, parent=first, size_bytes=1, sha256="", status="failed"
        )
        make_job(workspace=first.workspace, training_data=version)
    with django_assert_max_num_queries(len(few) + 2):
        client.get(url(first, "versions"))


def test_the_page_renews_itself_while_a_version_is_being_made(client, first):
    htmx = {"hx-request": "true"}
    assert 'hx-trigger="every 1s"' not in client.get(url(first, "versions")).content.decode()
    next_one = versioning.append(dataset=first.dataset, parent=first, size_bytes=0, sha256="")
    waiting = client.get(url(first, "versions")).content.decode()
    address = re.search(r'hx-get="([^"]+)" hx-trigger="every 1s"', waiting)[1].replace("&amp;", "&")
    assert client.get(address, headers=htmx).status_code == 204
    tasks.check_version(version_id=next_one.pk)
    renewed = client.get(address, headers=htmx).content.decode()
    assert renewed.lstrip().startswith("<div")
    assert "hx-trigger" not in renewed
    assert renewed.count("Ready") > waiting.count("Ready")


def test_a_note_is_kept_and_shown_as_text(client, post, first):
    response = post(url(first, "note"), note="  Before <b>the</b>\n fix ")
    assert response.url.endswith("/versions/#version-1")
    assert (
        "Before &lt;b&gt;the&lt;/b&gt; fix" in client.get(url(first, "versions")).content.decode()
    )
    post(url(first, "note"), note="x" * 900 + "\0")
    first.refresh_from_db()
    assert first.note == "x" * 500


def test_an_earlier_version_becomes_the_newest_again(post, client, first, second):
    token = str(uuid4())
    for _click in range(2):
        response = post(url(first, "restore"), form_token=token)
    third = Version.objects.get(number=3)
    assert response.url == third.get_absolute_url()
    assert third.path.read_bytes() == first.path.read_bytes()
    assert (third.is_newest, third.status, Version.objects.count()) == (True, "ready", 3)
    assert "The rows of version 1 again" in client.get(url(third, "versions")).content.decode()


def test_a_version_that_nothing_needs_can_be_deleted(post, client, first, second):
    path = second.path
    response = post(url(second, "delete_version"))
    assert response.url == url(first, "versions")
    assert not list(path.parent.glob(f"{path.stem}.*"))
    assert Version.objects.get().is_newest
    third = versioning.append(dataset=first.dataset, size_bytes=0, sha256="")
    assert third.number == 3, "a number is given once"


def test_a_parent_may_go_once_its_children_are_made(post, client, first, second):
    post(url(first, "delete_version"))
    second.refresh_from_db()
    assert second.parent is None
    assert "a version that was deleted" in client.get(url(second, "versions")).content.decode()
    assert second.path.is_file()


def test_a_version_that_another_one_is_being_made_from_is_kept(post, client, first, second):
    other = Dataset.objects.create(workspace=first.workspace, name="Merged")
    ids = [str(second.public_id), str(first.public_id)]
    recipe = [{"step": "merge", "versions": ids}]
    versioning.append(dataset=other, parent=second, recipe=recipe, size_bytes=0, sha256="")
    for version in (first, second):
        post(url(version, "delete_version"))
        assert "is being made from this version" in client.get("/").content.decode()
    with pytest.raises(DatasetInUse):
        delete_dataset(dataset=first.dataset)
    assert Version.objects.count() == 3


def test_the_only_version_is_not_deleted(post, client, first):
    post(url(first, "delete_version"))
    assert "This is the only version" in client.get("/").content.decode()
    assert first.path.is_file()


@pytest.mark.parametrize("use", ["training_data", "validation_data"])
def test_nothing_that_a_job_used_can_be_lost(post, client, first, second, use):
    make_job(workspace=first.workspace, **{use: first})
    before = {path: path.read_bytes() for path in first.path.parent.glob(f"{first.path.stem}.*")}
    post(url(first, "delete_version"))
    assert "an eval was made from this version" in client.get("/").content.decode()
    post(reverse("datasets:delete", args=[first.dataset.public_id]))
    assert "an eval was made from this dataset" in client.get("/").content.decode()
    assert set(first.dataset.versions.all()) == {first, second}
    assert {path: path.read_bytes() for path in before} == before


def test_no_page_changes_the_rows_of_a_version(post, first, upload):
    before = first.path.read_bytes()
    post(url(first, "restore"), form_token=str(uuid4()))
    post(url(first, "count_tokens"), model="gpt-3.5-turbo")
    post(url(first, "split"), size="count", count="3", seed="1", form_token=str(uuid4()))
    post(
        url(first, "sample"),
        size="count",
        count="3",
        seed="1",
        into="version",
        form_token=str(uuid4()),
    )
    first.refresh_from_db()
    assert first.path.read_bytes() == before
    assert (first.number, first.row_count) == (1, 12)
    assert Dataset.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_makers_at_once_get_two_numbers(owner):
    dataset = make_version(workspace=owner.workspace).dataset

    def make(_maker: int) -> int:
        try:
            return versioning.append(dataset=dataset, size_bytes=0, sha256="").number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as makers:
        numbers = list(makers.map(make, range(12)))
    assert sorted(numbers) == list(range(2, 14))
    assert dataset.versions.get(is_newest=True).number == 13


def test_a_worker_that_dies_while_it_writes_leaves_no_half_version(first, monkeypatch):
    class Killed(BaseException):
        """As a process that is gone: nothing catches it."""

    real = engine.write_block

    def dying(target, block):
        real(target, block[: len(block) // 2])
        raise Killed

    monkeypatch.setattr(engine, "write_block", dying)
    with pytest.raises(Killed):
        made(first, [])
    monkeypatch.setattr(engine, "write_block", real)
    half = Version.objects.get(number=2)
    assert not half.path.exists()
    assert half.status == "checking"
    Version.objects.filter(pk=half.pk).update(next_check_at="2020-01-01T00:00Z")
    tasks.check_version(version_id=half.pk)
    half.refresh_from_db()
    assert half.path.read_bytes() == first.path.read_bytes()
    assert half.status == "ready"


def test_a_viewer_looks_and_changes_nothing(client_of, viewer, stranger, first, second):
    browser = client_of(viewer)
    page = browser.get(url(second, "versions")).content.decode()
    assert "Delete version" not in page
    assert "Add a note" not in page
    for name in ("note", "restore", "delete_version"):
        for member in (viewer, stranger):
            assert client_of(member).post(url(first, name)).status_code == 404
    assert client_of(stranger).get(url(first, "versions")).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_job_that_begins_while_its_version_is_deleted_wins(owner, monkeypatch):
    version = make_version(workspace=owner.workspace)
    newer = make_version(workspace=owner.workspace, dataset=version.dataset)
    connection = make_connection(workspace=owner.workspace)

    def begin() -> None:
        make_job(workspace=owner.workspace, connection=connection, training_data=newer)
        connections.close_all()

    def delete(doomed: Version) -> None:
        """As Django does after it has looked for jobs; one begins in between."""
        with ThreadPoolExecutor(1) as thread:
            thread.submit(begin).result()
        Version.objects.filter(pk=doomed.pk)._raw_delete("default")

    monkeypatch.setattr(Version, "delete", delete)
    with pytest.raises(VersionInUse):
        delete_version(version=newer)
    assert newer.path.is_file()
    assert version.dataset.versions.get(is_newest=True) == newer
