"""The next upload: pasted or dropped, with the columns and the repairs of the last one."""

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from apps.datasets import tasks
from apps.datasets.models import Dataset, Version
from apps.datasets.services import recipes
from tests.datasets.test_exporting import exported
from tests.factories import chat_file, make_version

CSV = b"id,Question,Answer\n" + b"".join(
    b"%d,Question %d?,Yes %d.\n" % (n, n, n) for n in range(12)
)
OTHER_CSV = CSV.replace(b"Yes", b"No")
CHOICE = {"role-0": "", "role-1": "user", "role-2": "assistant", "has_header": "on"}


@pytest.fixture
def act(client, django_capture_on_commit_callbacks):
    """Send a form and let the workers do what it led to."""

    def send(url: str, **data: object) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(url, data)
        assert response.status_code == 302, response.content.decode()
        with django_capture_on_commit_callbacks(execute=True):
            tasks.check_due_versions()  # what a check has begun is found by the next tick
        return response.url

    return send


def upload_next(
    dataset: Dataset, content: bytes, act, name: str = "next.csv", **wish: str
) -> Version:
    file = SimpleUploadedFile(name, content)
    act(reverse("datasets:upload"), file=file, dataset=str(dataset.public_id), **wish)
    return dataset.versions.order_by("-number").first()


@pytest.fixture
def mapped(upload, act) -> Version:
    version = upload(CSV, "faq.csv")
    act(reverse("datasets:columns", args=version.address), **CHOICE, system_prompt="Be kind.")
    version.refresh_from_db()
    assert version.status == Version.Status.READY
    return version


def test_the_next_upload_with_the_same_columns_is_read_without_asking(mapped, act):
    second = upload_next(mapped.dataset, OTHER_CSV, act)
    assert (second.number, second.status, second.row_count) == (2, Version.Status.READY, 12)
    assert b'"Be kind."' in second.path.read_bytes()
    assert b'"No 3."' in second.path.read_bytes()
    assert Dataset.objects.count() == 1


def test_other_columns_are_asked_for_again(mapped, act):
    renamed = upload_next(mapped.dataset, CSV.replace(b"Answer", b"Reply"), act)
    assert renamed.status == Version.Status.MAPPING
    assert upload_next(mapped.dataset, chat_file(), act, "a.jsonl").status == Version.Status.READY
    assert upload_next(mapped.dataset, CSV, act).status == Version.Status.READY


def repaired(version: Version, owner, callbacks) -> Version:
    with callbacks(execute=True):
        made = recipes.make_version(
            version=version, membership=owner, recipe=[{"step": "drop_duplicates"}]
        )
    made.refresh_from_db()
    return made


def test_what_was_done_to_the_last_upload_is_done_to_the_next(
    client, upload, act, owner, django_capture_on_commit_callbacks
):
    first = upload(chat_file(12) + chat_file(2))
    made = repaired(first, owner, django_capture_on_commit_callbacks)
    assert made.row_count == 12
    page = client.get(f"{reverse('datasets:upload')}?dataset={first.dataset.public_id}")
    assert "Then do the same with it" in page.content.decode()
    upload_next(first.dataset, chat_file(20) + chat_file(5), act, "b.jsonl", repeat="1")
    third, fourth = first.dataset.versions.filter(number__gte=3).order_by("number")
    assert (third.row_count, third.recipe, third.next_recipe) == (25, [], [])
    assert (fourth.row_count, fourth.parent, fourth.is_newest) == (20, third, True)
    assert fourth.recipe == made.recipe
    assert fourth.created_by == owner.user
    report = client.get(third.get_absolute_url()).content.decode()
    assert "Version 4 was made from this one in 1 step." in report
    assert f'href="{fourth.get_absolute_url()}"' in report


def test_without_the_wish_the_upload_stays_as_it_came(
    upload, act, owner, django_capture_on_commit_callbacks
):
    first = upload(chat_file(12) + chat_file(2))
    repaired(first, owner, django_capture_on_commit_callbacks)
    newest = upload_next(first.dataset, chat_file(20) + chat_file(5), act, "b.jsonl")
    assert (newest.number, newest.row_count) == (3, 25)


def test_a_check_that_is_done_twice_repeats_the_steps_once(
    upload, act, owner, django_capture_on_commit_callbacks
):
    first = upload(chat_file(12) + chat_file(2))
    repaired(first, owner, django_capture_on_commit_callbacks)
    upload_next(first.dataset, chat_file(20) + chat_file(5), act, "b.jsonl", repeat="1")
    again = Version.objects.filter(number=3)
    again.update(status=Version.Status.CHECKING, next_check_at=timezone.now())
    tasks.check_version(version_id=again.get().pk)
    assert again.get().status == Version.Status.READY
    assert first.dataset.versions.count() == 4


@pytest.mark.parametrize(
    ("text", "status", "rows"),
    [
        (chat_file().decode().replace("\n", "\r\n"), Version.Status.READY, 12),
        (f"[{','.join(chat_file().decode().split(chr(10))[:-1])}]", Version.Status.READY, 12),
        ("prompt\tcompletion\n" + "Hi\tHello\nHo\tHey\n" * 6, Version.Status.READY, 12),
        ("question,answer\nHi,Hello\n", Version.Status.MAPPING, None),
        ("Once upon a time, there was a king.\nThe end.\n", Version.Status.MAPPING, None),
    ],
)
def test_pasted_text_goes_the_way_of_a_file(act, text, status, rows):
    act(reverse("datasets:paste"), text=text, name="Mine")
    version = Version.objects.get()
    assert (version.name, version.status, version.row_count) == ("Mine", status, rows)


def test_text_can_be_pasted_as_the_next_version(client, upload, act):
    first = upload(chat_file())
    dataset = str(first.dataset.public_id)
    act(reverse("datasets:paste"), text=chat_file(15).decode(), dataset=dataset)
    assert first.dataset.versions.get(number=2).row_count == 15
    response = client.post(
        reverse("datasets:paste"), {"text": " ", "dataset": dataset}, follow=True
    )
    assert "Paste some text first." in response.content.decode()
    assert first.dataset.versions.count() == 2


def test_a_dropped_file_can_be_the_next_version(client, upload):
    first = upload(chat_file())
    url = f"{reverse('datasets:upload')}?filename=b.jsonl&dataset={first.dataset.public_id}"
    assert client.put(url, chat_file(15)).json()["url"].endswith("/2/")
    assert first.dataset.versions.count() == 2


def test_nobody_adds_to_the_datasets_of_others(client, stranger, tmp_path):
    theirs = make_version(workspace=stranger.workspace).dataset
    before = len(list(tmp_path.rglob("*")))
    url = f"{reverse('datasets:upload')}?dataset={theirs.public_id}"
    assert client.get(url).status_code == 404
    assert client.put(url, chat_file()).status_code == 404
    sent = {"dataset": str(theirs.public_id), "text": "x"}
    assert client.post(reverse("datasets:paste"), sent).status_code == 404
    assert theirs.versions.count() == 1
    assert len(list(tmp_path.rglob("*"))) == before


def test_what_is_exported_comes_in_again_as_it_was(client, upload):
    content = b"".join(
        orjson.dumps({"prompt": f'Say "{n};\n', "completion": f"Où, {n}?\r\n\t"}) + b"\n"
        for n in range(12)
    )
    first = upload(content)
    again = upload(exported(client, first, profile="csv"), "again.csv")
    assert (again.status, again.source_format) == (Version.Status.READY, "csv")
    assert again.path.read_bytes() == first.path.read_bytes()


def test_the_check_names_the_rows_with_cells_beyond_the_last_column(client, upload):
    rows = b"".join(b"Q%d,A%d\n" % (n, n) for n in range(12))
    version = upload(b"prompt,completion\n" + rows + b"Hi,Well, hello\n", "a.csv")
    assert version.status == Version.Status.INVALID
    (problem,) = version.problems.filter(row=13)
    assert (problem.code, problem.path) == ("extra_cells", "extra_cells")
