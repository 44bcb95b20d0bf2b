"""Rows written as a provider wants them: nothing else changes, and nothing is lost."""

import csv
import json
from collections.abc import AsyncIterator
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.datasets import exporting
from apps.datasets.check.lines import MAX_ROW_BYTES, parse
from apps.datasets.exporting import Plan, blocks
from apps.datasets.models import Version
from apps.datasets.recipes.parts import read_rows
from apps.datasets.recipes.rows import BOM
from apps.providers.profiles import files
from apps.providers.profiles.dataset_rules import rules_named
from tests.datasets.rule_cases.rows import ANSWER, USER, chat, compared
from tests.datasets.test_trainability import PAIR, lines, rules
from tests.factories import chat_file, make_version

AZURE = Plan(byte_order_mark=True)


def exported(client, version: Version, **query: Any) -> bytes:
    answer = client.get(reverse("datasets:export", args=version.address), query)
    assert answer.status_code == 200
    return async_to_sync(_read)(answer.streaming_content)


async def _read(parts: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in parts])


def messages_in(content: bytes) -> list[Any]:
    return [json.loads(line)["messages"] for line in content.removeprefix(BOM).splitlines()]


def test_an_everyday_file_goes_out_byte_for_byte(client, owner):
    version = make_version(workspace=owner.workspace)
    assert exported(client, version, profile="openai") == chat_file()


def test_azure_gets_its_byte_order_mark_once(client, owner):
    for content in (chat_file(), BOM + chat_file()):
        version = make_version(workspace=owner.workspace, content=content)
        assert exported(client, version, profile="azure") == BOM + chat_file()


def test_a_mark_and_empty_lines_are_left_out_for_the_others(client, owner):
    content = BOM + chat_file().replace(b"\n", b"\r\n") + b"\r\n  \r\n"
    version = make_version(workspace=owner.workspace, content=content)
    assert exported(client, version, profile="openai") == chat_file()


def test_prompts_become_chats_where_only_chats_are_trained(client, owner):
    content = lines(PAIR, copies=2)
    version = make_version(
        workspace=owner.workspace, content=content, format=Version.Format.PROMPT_COMPLETION
    )
    assert exported(client, version, profile="nebius") == content
    assert messages_in(exported(client, version, profile="openai")) == [
        [{"role": "user", "content": f"Hi {number}"}, ANSWER] for number in range(2)
    ]


def test_comparisons_get_the_keys_of_the_guide(client, owner):
    row = {
        "input": chat(USER),
        "preferred_completion": [ANSWER],
        "non_preferred_completion": [{**ANSWER, "content": "What?"}],
    }
    version = make_version(
        workspace=owner.workspace,
        content=lines(row, copies=1),
        format=Version.Format.PREFERENCE,
        problem_groups=[{"code": "other_spelling", "problems": 2, "rows": 1}],
    )
    assert json.loads(exported(client, version, profile="openai")) == compared(
        input=chat({**USER, "content": "Hi 0"})
    )


def test_names_and_weights_are_left_out_only_when_a_person_says_so(client, owner):
    named, weighed = {**USER, "name": "Ann"}, {**ANSWER, "weight": 0}
    function = {"role": "function", "name": "weather", "content": "sunny"}
    row = chat(named, weighed, function, ANSWER)
    version = make_version(workspace=owner.workspace, content=json.dumps(row).encode() + b"\n")
    assert messages_in(exported(client, version, profile="openai")) == [row["messages"]]
    lighter = exported(client, version, profile="openai", drop=["name", "weight", "role"])
    assert messages_in(lighter) == [[USER, ANSWER, function, ANSWER]]


def test_weights_of_1_are_left_out_where_weights_are_not_known():
    counted = {"features": {"weight": 3, "untrained": 0}}
    version = Version(format="chat", statistics=counted, problem_groups=[])
    plan = exporting.plan_for(version, rules(weight=False))
    assert (plan.drop, plan.as_it_is) == ({"weight"}, False)
    assert exporting.plan_for(version, rules()).as_it_is
    version.statistics["features"]["untrained"] = 1
    assert not exporting.plan_for(version, rules(weight=False)).drop


def test_prompts_go_into_a_table_and_come_back_the_same(client, owner):
    rows = [{"prompt": 'a "b",\nc\r\n', "completion": "=1+1"}, {"prompt": "", "completion": " x"}]
    version = make_version(
        workspace=owner.workspace,
        content=b"".join(json.dumps(row).encode() + b"\n" for row in rows),
        format=Version.Format.PROMPT_COMPLETION,
    )
    table = exported(client, version, profile="csv").decode()
    assert list(csv.DictReader(StringIO(table, newline=""))) == rows


def test_chats_do_not_fit_into_a_table_and_nobody_else_is_known(client, owner):
    version = make_version(workspace=owner.workspace)
    for name in ("csv", "nobody", ""):
        url = reverse("datasets:export", args=version.address)
        assert client.get(url, {"profile": name}).status_code == 404


def test_the_page_offers_what_can_be_left_out(client, owner):
    version = make_version(workspace=owner.workspace)
    url = reverse("datasets:export", args=version.address)
    assert 'name="drop"' not in client.get(url).content.decode()
    version.statistics["features"] = {"name": 2}
    version.save()
    page = client.get(url).content.decode()
    assert page.count('value="name"') == page.count('name="profile"') == len(files.NAMES)


def test_what_a_job_sends_is_the_export_and_nothing_is_left_behind(owner):
    version = make_version(workspace=owner.workspace)
    before = set(version.path.parent.iterdir())
    with exporting.written(version, AZURE) as path:
        first = path.read_bytes()
        assert path != version.path
    with exporting.written(version, AZURE) as path:
        assert path.read_bytes() == first == BOM + chat_file()
    assert set(version.path.parent.iterdir()) == before
    plan = exporting.plan_for(version, rules_named("openai"))
    with exporting.written(version, plan) as path:
        assert path == version.path


def test_a_row_too_large_to_hold_is_passed_on(tmp_path):
    path = tmp_path / "rows.jsonl"
    large = b'{"messages": "' + b"x" * MAX_ROW_BYTES + b'"}'
    path.write_bytes(large + b"\n" + chat_file(1).strip())
    assert b"".join(blocks(path, AZURE)) == BOM + large + b"\n" + chat_file(1)


texts = st.text(st.characters(codec="utf-8"), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
written_rows = st.lists(st.dictionaries(texts, values, max_size=4), max_size=6)
ends = st.sampled_from([b"\n", b"\r\n", b"\n\n"])


@pytest.mark.parametrize("plan", [Plan(), AZURE])
@settings(max_examples=40, deadline=None)
@given(rows=written_rows, end=ends, mark=st.booleans())
def test_what_is_exported_and_read_again_is_the_same(tmp_path_factory, plan, rows, end, mark):
    path = tmp_path_factory.mktemp("export") / "rows.jsonl"
    content = b"".join(json.dumps(row).encode() + end for row in rows)
    path.write_bytes((BOM if mark else b"") + content)
    again = path.with_suffix(".again")
    again.write_bytes(b"".join(blocks(path, plan)))
    assert [parse(row.line) for row in read_rows(again) if not row.is_blank] == [
        parse(json.dumps(row).encode()) for row in rows
    ]
    assert again.read_bytes().count(b"\n") == len(rows)
