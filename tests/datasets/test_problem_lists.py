"""Problems at size: every list is read through an index, in order, a page at a time."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.datasets.models import Version
from tests.datasets.test_journey import page_of
from tests.factories import chat_file, chat_row, make_version

ROWS = 6_000
CODES = {"unknown_role": "error", "extra_key": "error", "untrimmed_answer": "warning"}


def fill(version: Version, rows: int) -> None:
    """Put problems of three kinds into every row, by COPY as the check does."""
    columns = "version_id, row, path, code, severity, params"
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY datasets_problem ({columns}) FROM STDIN") as copy:
            for row in range(1, rows + 1):
                for code, severity in CODES.items():
                    copy.write_row((version.pk, row, "messages[0]", code, severity, "{}"))
        cursor.execute("ANALYZE datasets_problem")
    Version.objects.filter(pk=version.pk).update(
        problem_groups=[{"code": code, "problems": rows, "rows": rows} for code in CODES],
        problem_count=len(CODES) * rows,
        row_count=rows,
    )


@pytest.fixture
def large(owner, upload) -> Version:
    """A version with many problems, beside another one with as many."""
    line = json.dumps(chat_row()).encode() + b"\n"
    other, version = make_version(workspace=owner.workspace), upload(line * ROWS)
    version.problems.all().delete()
    for one in (other, version):
        fill(one, ROWS)
    return version


def test_no_list_of_problems_reads_or_sorts_more_than_it_shows(client, large):
    deep = large.problems.get(row=ROWS - 100, code="extra_key").pk
    places = ("", f"after={ROWS - 100}-{deep}", f"row={ROWS // 2}")
    kinds = ("", "code=extra_key", "severity=warning", "code=extra_key&severity=error")
    urls = [
        reverse(f"datasets:{name}", args=large.address) + f"?{kind}&{place}"
        for name in ("problems", "rows")
        for kind in kinds
        for place in places
    ]
    urls += [reverse("datasets:detail", args=large.address), urls[-1] + "&q=hello"]
    looked_at = 0
    for url in urls:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(url).status_code == 200
        queries = [entry["sql"] for entry in captured if "datasets_problem" in entry["sql"]]
        for query in queries:
            plan = plan_of(query)
            assert "Seq Scan on datasets_problem" not in plan, f"{url}\n{query}\n{plan}"
            assert not re.search(r"\bSort\b", plan), f"{url}\n{query}\n{plan}"
            assert not re.search(r"Filter:.*(code|severity)", plan), f"{url}\n{query}\n{plan}"
            looked_at += 1
    assert looked_at > len(urls)


def plan_of(query: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query}".replace("%", "%%"))
        return "\n".join(line for (line,) in cursor.fetchall())


def test_the_download_reads_through_an_index_too(client, large):
    parts = large.problems.in_order().after(ROWS // 2, 5)[:500]
    assert "Seq Scan" not in parts.explain()
    assert "Sort" not in parts.explain()


def test_a_code_and_another_severity_find_nothing_and_look_for_nothing(client, large):
    page = page_of(client, "problems", large, "?code=extra_key&severity=warning")
    assert "No problem of this kind." in page


def test_the_report_opens_each_kind_with_its_first_rows(client, upload):
    rows = [chat_row(str(n), "yes") for n in range(12)]
    for n in (2, 4, 6, 8):
        rows[n]["messages"][2]["role"] = "asistant"
    rows[11]["colour"] = "red"
    version = upload("\n".join(map(json.dumps, rows)).encode())
    page = page_of(client, "detail", version)
    group = page.split('data-problem="unknown_role"')[1].split("</details>")[0]
    assert re.findall(r"\?row=(\d+)", group) == ["3", "5", "7"]
    assert "Did you mean “assistant”?" in group
    assert "?code=unknown_role" in group
    assert "All 4" in group
    other = page.split('data-problem="extra_key"')[1].split("</details>")[0]
    assert re.findall(r"\?row=(\d+)", other) == ["12"]
    assert "All " not in other


def test_a_problem_leads_to_its_row_and_its_kind_to_all_rows(client, upload):
    rows = [chat_row(str(n), "yes") for n in range(12)]
    rows[5]["messages"][1]["content"] = 7
    version = upload("\n".join(map(json.dumps, rows)).encode())
    page = page_of(client, "problems", version, "?code=wrong_type")
    address = reverse("datasets:rows", args=version.address)
    assert f"{address}?row=6" in page
    assert f"{address}?code=wrong_type" in page
    assert 'data-row="6"' in page_of(client, "rows", version, "?code=wrong_type")


def top(page):
    return page.partition('id="verdict"')[2].partition('id="problems-title"')[0]


def test_the_gravest_kinds_stand_above_everything_else(client, upload):
    rows = [chat_row(f"Question {n}?", f"Answer {n}.") for n in range(12)]
    rows[3]["messages"][1]["role"] = "usr"
    rows[5]["messages"][-1]["content"] = "My key is AKIAQX7MPL2VD4WN8RST, keep it."
    rows[7]["messages"][-1]["content"] = " \n"
    page = page_of(client, "detail", upload("\n".join(map(json.dumps, rows)).encode()))
    found = re.findall(r'<a class="link" href="#([\w-]+)">', top(page))
    assert found == ["problem-unknown_role", "quality", "problem-blank_content"]


def test_a_file_without_problems_has_nothing_above_them(client, upload):
    assert "#problem" not in top(page_of(client, "detail", upload(chat_file(12))))


def test_when_the_look_has_ended_the_first_lines_are_renewed(client, upload):
    version = upload(chat_file(12))
    answer = client.get(
        reverse("datasets:quality", args=version.address), headers={"HX-Request": "true"}
    ).content.decode()
    assert re.search(r'id="verdict"[^>]*hx-swap-oob="true"', answer)
