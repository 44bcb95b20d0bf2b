"""From bytes in to a report on the page."""

import json
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import async_to_sync
from django.urls import reverse

from apps.datasets.models import Version
from apps.datasets.views import report
from tests.factories import chat_file, chat_row, make_job, make_version


def page_of(client, name: str, version: Version, query: str = "") -> str:
    response = client.get(reverse(f"datasets:{name}", args=version.address) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_good_file_is_ready_for_training(client, upload):
    version = upload(chat_file(12))
    assert version.status == Version.Status.READY
    assert (version.row_count, version.format) == (12, "chat")
    page = page_of(client, "detail", version)
    assert "Ready for training" in page
    assert reverse("jobs:create") + f"?training_data={version.public_id}" in page


def test_every_bad_row_is_listed_with_row_path_reason_and_hint(client, upload):
    rows = [chat_row(str(n), "yes") for n in range(12)]
    rows[3]["messages"][2]["role"] = "asistant"
    rows[7]["messages"][1]["content"] = 7
    version = upload("\n".join(json.dumps(row) for row in rows).encode())
    assert (version.status, version.problem_row_count) == (Version.Status.INVALID, 2)
    assert "2 rows to fix" in page_of(client, "detail", version)
    page = page_of(client, "problems", version)
    assert "messages[2].role" in page
    assert "Did you mean “assistant”?" in page
    assert "messages[1].content" in page
    assert "asistant" in page_of(client, "rows", version, "?row=4")


def test_a_file_that_is_no_dataset_gets_one_sentence(client, upload):
    version = upload(b"%PDF-1.7\n")
    assert version.status == Version.Status.FAILED
    page = page_of(client, "detail", version)
    assert "This is a PDF document" in page
    assert "Start a fine-tuning job" not in page


def test_the_page_tells_how_far_the_check_is_and_asks_again(client, owner):
    version = make_version(
        workspace=owner.workspace,
        status=Version.Status.CHECKING,
        rows_checked=7_000,
        problem_count=3,
    )
    page = page_of(client, "detail", version)
    assert "7,000 rows checked" in page
    assert 'hx-trigger="every 1s"' in page


def test_the_page_stops_asking_once_the_check_is_done(client, upload):
    assert 'hx-trigger="every 1s"' not in page_of(client, "detail", upload(chat_file()))


def test_a_page_that_has_seen_the_latest_news_gets_none(client, owner):
    version = make_version(workspace=owner.workspace, status=Version.Status.CHECKING)
    url = version.get_absolute_url()
    headers = {"HX-Request": "true"}
    seen = {"seen": version.updated_at.isoformat()}
    assert client.get(url, seen, headers=headers).status_code == 204
    assert client.get(url, {"seen": "nonsense"}, headers=headers).status_code == 200


def test_rows_are_shown_as_conversations_and_everything_in_them_is_escaped(client, upload):
    hostile = chat_row("<script>alert(1)</script>", "<img src=x onerror=alert(2)>")
    version = upload(chat_file(10) + json.dumps(hostile).encode())
    page = page_of(client, "rows", version, "?row=11")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_what_a_database_cannot_hold_is_written_out(client, upload):
    hostile = b'{"messages": [], "\\u0000": 1, "tab\\there": 2}\n{"\\ud800": 1}\n'
    version = upload(chat_file(10) + hostile)
    assert "\\u0000" in page_of(client, "problems", version)


@pytest.mark.parametrize("query", ["?row=0", "?row=-5", "?row=999999999999", "?row=x", "?row=²"])
def test_any_row_number_leads_somewhere(client, upload, query):
    assert "Row" in page_of(client, "rows", upload(chat_file()), query)


def test_a_row_that_cannot_be_read_is_shown_as_it_is(client, upload):
    version = upload(chat_file(10) + b'{"messages": [<b>\n')
    assert "{&quot;messages&quot;: [&lt;b&gt;" in page_of(client, "rows", version, "?row=11")


def test_problems_are_found_by_kind_severity_and_row(client, upload):
    rows = chat_file(200).splitlines()
    rows[120:] = [b"{"] * 80
    version = upload(b"\n".join([json.dumps({"messages": []}).encode(), *rows]))
    assert "Empty list" in page_of(client, "problems", version)
    only = page_of(client, "problems", version, "?code=empty_list")
    assert only.count("?row=") == 1
    assert page_of(client, "problems", version, "?severity=info").count("?row=") == 0
    assert "?row=150" not in page_of(client, "problems", version, "?row=160")


def test_each_problem_is_on_exactly_one_page(client, upload):
    version = upload(chat_file(10) + b"{\n" * 120)
    seen, query = [], ""
    while query is not None:
        response = client.get(reverse("datasets:problems", args=version.address) + query)
        page = response.context["page"]
        seen += [problem.row for problem in page.problems]
        query = f"?after={page.next_after}" if page.next_after else None
    assert seen == list(range(11, 131))


@pytest.mark.parametrize("after", ["x", "1-", "-1", "9" * 40 + "-" + "9" * 40, "1-2-3"])
def test_a_made_up_place_in_the_list_does_no_harm(client, upload, after):
    page_of(client, "problems", upload(chat_file()), f"?after={after}")


def csv_parts(client, version: Version) -> list[bytes]:
    response = client.get(reverse("datasets:problems_csv", args=version.address))
    assert response["Content-Disposition"].startswith("attachment")
    return async_to_sync(gathered)(response.streaming_content)


async def gathered(parts: AsyncIterator[bytes]) -> list[bytes]:
    return [part async for part in parts]


def test_problems_as_csv_are_complete_and_run_no_formula(client, upload):
    row = chat_row()
    row["=1+1"] = 1
    version = upload(chat_file(10) + json.dumps(row).encode())
    lines = b"".join(csv_parts(client, version)).decode("utf-8-sig").splitlines()
    assert lines[0] == "row,path,severity,code,problem,hint"
    assert lines[1].startswith("11,'=1+1,Must fix,extra_key,")


def test_problems_as_csv_come_part_by_part(client, upload, monkeypatch):
    monkeypatch.setattr(report, "CSV_PROBLEMS", 50)
    parts = csv_parts(client, upload(chat_file(10) + b"{\n" * 120))
    assert [part.count(b"\r\n") for part in parts] == [1, 50, 50, 20]
    rows = [int(line.split(b",")[0]) for line in b"".join(parts[1:]).splitlines()]
    assert rows == list(range(11, 131))


def test_the_original_is_downloaded_unchanged_and_never_shown(client, upload):
    content = b"\xef\xbb\xbf" + chat_file()
    version = upload(content, "näme.jsonl")
    response = client.get(reverse("datasets:download", args=version.address))
    assert response.getvalue() == content
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_dataset_is_deleted_with_its_files(client, upload, django_capture_on_commit_callbacks):
    version = upload(chat_file())
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("datasets:delete", args=[version.dataset.public_id]))
    assert not Version.objects.exists()
    assert list(version.path.parent.iterdir()) == []


def test_a_dataset_that_a_job_uses_is_kept_and_the_page_says_why(client, owner):
    version = make_version(workspace=owner.workspace)
    make_job(workspace=owner.workspace, training_data=version)
    url = reverse("datasets:delete", args=[version.dataset.public_id])
    page = client.post(url, follow=True).content.decode()
    assert "A job, a sweep or an eval was made from this dataset" in page
    assert version.path.exists()


def test_the_sample_is_one_click_away_and_comes_once(client, django_capture_on_commit_callbacks):
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("datasets:add_sample"))
    statuses = list(Version.objects.values_list("status", flat=True))
    assert statuses == [Version.Status.READY] * 2


def test_tokens_of_another_model_are_counted_when_asked_for(
    client, upload, django_capture_on_commit_callbacks
):
    version = upload(chat_file(12))
    page = page_of(client, "detail", version, "?model=gpt-3.5-turbo-0125")
    assert "Count its tokens" in page
    url = reverse("datasets:count_tokens", args=version.address)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"model": "gpt-3.5-turbo-0125"})
    version.refresh_from_db()
    assert version.status == Version.Status.READY
    assert set(version.statistics["tokens"]) == {"o200k_base", "bytes", "cl100k_base"}
    assert "Count its tokens" not in page_of(client, "detail", version, "?model=gpt-3.5-turbo-0125")


PAGE_QUERIES = {"detail": 7, "problems": 4, "rows": 5}  # session, person, dataset, …


@pytest.mark.parametrize(("name", "queries"), PAGE_QUERIES.items())
@pytest.mark.parametrize("bad_rows", [1, 60])
def test_a_page_costs_the_same_for_few_problems_and_for_many(
    client, upload, django_assert_num_queries, name, queries, bad_rows
):
    version = upload(chat_file(10) + b"{\n" * bad_rows)
    with django_assert_num_queries(queries):
        page_of(client, name, version)


@pytest.mark.parametrize("count", [1, 11])
def test_the_list_costs_the_same_for_few_datasets_and_for_many(
    client, owner, django_assert_num_queries, count
):
    for _ in range(count):
        make_version(workspace=owner.workspace)
    with django_assert_num_queries(4):  # session, person, count, datasets
        client.get(reverse("datasets:list"))
