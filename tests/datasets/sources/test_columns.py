"""A table comes in, a person says what its columns are, rows come out."""

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.datasets import tasks
from apps.datasets.models import Version
from tests.datasets.sources.workbooks import workbook
from tests.factories import make_membership

CSV = "".join(["id;Question;Answer\n", *(f"{n};Question {n}?;Réponse {n}.\n" for n in range(12))])
WINDOWS_CSV = CSV.encode("cp1252")
PARTIAL = {"HTTP_HX_REQUEST": "true"}


def columns_url(version: Version) -> str:
    return reverse("datasets:columns", args=version.address)


@pytest.fixture
def choose(client, django_capture_on_commit_callbacks):
    """Send the choice of columns and let the worker go on."""

    def send(version: Version, *roles: str, **fields: str) -> Version:
        data = {f"role-{at}": role for at, role in enumerate(roles)} | fields
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(columns_url(version), {"has_header": "on", **data})
        assert response.status_code == 302, response.content.decode()
        version.refresh_from_db()
        return version

    return send


def test_a_table_waits_for_its_columns_and_then_becomes_rows(client, upload, choose):
    version = upload(WINDOWS_CSV, "faq.csv")
    assert (version.status, version.source_format) == (Version.Status.MAPPING, "csv")
    assert client.get(version.get_absolute_url()).url == columns_url(version)
    page = client.get(columns_url(version)).content.decode()
    for words in ("Question 0?", "Réponse 0.", "a guess", "Windows-1252", "between semicolons"):
        assert words in page
    choose(version, "", "user", "assistant", system_prompt="Be brief.\r\nBe kind.")
    assert (version.status, version.row_count) == (Version.Status.READY, 12)
    report = client.get(version.get_absolute_url()).content.decode()
    assert "All 12 rows follow every rule." in report
    assert version.size_bytes == version.path.stat().st_size
    assert version.path.read_text().splitlines()[1] == (
        '{"messages":[{"role":"system","content":"Be brief.\\nBe kind."},'
        '{"role":"user","content":"Question 1?"},'
        '{"role":"assistant","content":"Réponse 1."}]}'
    )
    assert version.system_prompt == "Be brief.\nBe kind."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"prompt,completion\n" + b"".join(b"P%d,C%d\n" % (n, n) for n in range(12))),
        ("a.xlsx", workbook(A=[["completion", "prompt"], *([f"{n}", "P"] for n in range(12))])),
    ],
)
def test_unmistakable_columns_are_read_without_asking(upload, name, content):
    version = upload(content, name)
    assert (version.status, version.row_count) == (Version.Status.READY, 12)
    assert version.format == Version.Format.PROMPT_COMPLETION


def test_choosing_shows_at_once_what_the_rows_will_be(client, upload):
    version = upload(WINDOWS_CSV, "faq.csv")
    roles = {"role-0": "assistant", "role-1": "user", "role-2": "assistant", "has_header": "on"}
    sent = roles | {"changed": "role-0"}
    html = client.post(columns_url(version), sent, **PARTIAL).content.decode()
    part = " ".join(html.split())
    assert "<html" not in part
    assert part.count('value="assistant" selected') == 1  # column 2 has given it up
    assert part.index('value="assistant" selected') < part.index('value="user" selected')
    version.refresh_from_db()
    assert version.status == Version.Status.MAPPING  # looking decides nothing


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        (("", "", ""), "Choose what the columns are"),
        (("", "user", ""), "Choose the column with what the model answers."),
        (("", "user", "user"), "Two columns are the same thing."),
        (("", "prompt", "assistant"), "Choose from one group only."),
        (("nonsense", "user", "<script>"), "Choose the column with what the model answers."),
    ],
)
def test_a_choice_that_makes_no_example_is_refused_in_words(client, upload, roles, words):
    version = upload(WINDOWS_CSV, "faq.csv")
    data = {f"role-{at}": role for at, role in enumerate(roles)} | {"has_header": "on"}
    response = client.post(columns_url(version), data)
    assert response.status_code == 422
    assert words in response.content.decode()
    version.refresh_from_db()
    assert version.status == Version.Status.MAPPING


def test_the_first_row_can_be_a_row_like_the_others(client, upload, choose):
    version = upload(b"a,b\n" + b"".join(b"c%d,d%d\n" % (n, n) for n in range(11)), "a.csv")
    part = client.post(columns_url(version), {"changed": "has_header"}, **PARTIAL)
    assert "column 1" in part.content.decode()
    choose(version, "prompt", "completion", has_header="")
    assert version.row_count == 12
    assert version.path.read_text().startswith('{"prompt":"a","completion":"b"}\n')


def test_another_sheet_can_be_chosen(client, upload, choose):
    rows = [[f"Q{n}?", f"A{n}."] for n in range(12)]
    version = upload(
        workbook(Notes=[["todo"], ["x"]], Data=[["question", "answer"], *rows]), "a.xlsx"
    )
    sent = {"sheet": "Data", "role-0": "completion", "changed": "sheet", "has_header": "on"}
    html = client.post(columns_url(version), sent, **PARTIAL).content.decode()
    part = " ".join(html.split())
    assert "Q0?" in part
    assert 'value="assistant" selected' in part
    choose(version, "user", "assistant", sheet="Data")
    assert (version.status, version.row_count) == (Version.Status.READY, 12)


def test_a_worker_that_dies_after_the_choice_loses_nothing(upload, choose, monkeypatch):
    version = upload(WINDOWS_CSV, "faq.csv")
    killed = {"is_dead": True}

    def dies(*_args: object, **_options: object) -> None:
        if killed.pop("is_dead", False):
            raise SystemExit
        return original(*_args, **_options)

    from apps.datasets import sources

    original = sources.convert
    monkeypatch.setattr(sources, "convert", dies)
    with pytest.raises(SystemExit):
        choose(version, "", "user", "assistant")
    version.refresh_from_db()
    assert version.status == Version.Status.CHECKING
    Version.objects.update(next_check_at=timezone.now())
    tasks.check_due_versions()
    version.refresh_from_db()
    assert (version.status, version.row_count) == (Version.Status.READY, 12)
    kept = {path.suffix for path in version.path.parent.glob(f"{version.public_id}.*")}
    assert ".part" not in kept


def test_only_editors_choose(client, upload, owner, client_of):
    version = upload(WINDOWS_CSV, "faq.csv")
    viewer = make_membership(workspace=owner.workspace, role="viewer")
    theirs = client_of(viewer)
    assert theirs.get(columns_url(version)).status_code == 404
    assert "Somebody who may edit" in theirs.get(version.get_absolute_url()).content.decode()


def test_cells_are_shown_as_text(client, upload):
    version = upload(b"a,b\n<script>alert(1)</script>,<b>bold</b>\n", "a.csv")
    page = client.get(columns_url(version)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;b&gt;bold" in page


def test_the_report_says_how_the_file_was_read_and_gives_it_back(client, upload, choose):
    version = choose(upload(WINDOWS_CSV, "faq.csv"), "", "user", "assistant")
    report = client.get(version.get_absolute_url()).content.decode()
    assert "Read as CSV, Windows-1252, cells between semicolons." in report
    assert "What the model answers" in report
    download = client.get(reverse("datasets:download", args=version.address))
    assert b"".join(download.streaming_content) == WINDOWS_CSV
    assert 'filename="faq.csv"' in download["Content-Disposition"]


def test_other_columns_can_be_chosen_for_the_next_version(client, upload, choose):
    first = choose(upload(WINDOWS_CSV, "faq.csv"), "", "user", "assistant")
    url = reverse("datasets:columns_again", args=first.address)
    token = "6a6f4c9e-0f0e-4a43-9d0f-6d8f4b8f9f11"
    answers = {client.post(url, {"form_token": token}).url for _ in range(2)}
    second = first.dataset.versions.get(number=2)
    assert answers == {second.get_absolute_url()}
    choose(second, "", "assistant", "user")
    assert (second.status, second.row_count) == (Version.Status.READY, 12)
    assert b'"content":"Question 1?"}]}' in second.path.read_bytes()
    first.dataset.versions.get(number=2).delete()
    assert first.source_path.read_bytes() == WINDOWS_CSV
