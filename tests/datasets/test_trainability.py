"""Where a version can be trained, and why not elsewhere: from what the check counted."""

import json
from typing import Any

import pytest
from django.urls import reverse

from apps.datasets import trainability
from apps.datasets.models import Version
from apps.datasets.trainability import judge
from apps.engine import training_files
from apps.engine.tiny.model import ModelConfig
from apps.jobs.starting import admission
from apps.jobs.starting.wanted import Wanted
from apps.providers.profiles import files, profile_for
from apps.providers.profiles.dataset_rules import DatasetRules, all_rules, rules_for, rules_named
from apps.providers.types import Method
from tests.datasets.rule_cases.rows import ANSWER, TEXT, USER, calling, chat, compared, shown, task
from tests.factories import chat_row, make_connection

PAIR = {"prompt": "Hi", "completion": "Hello"}


def lines(*rows: Any, copies: int = 12) -> bytes:
    """Enough rows for every provider, none like another."""
    numbered = [_numbered(row, number) for number in range(copies) for row in rows]
    return b"".join(json.dumps(row).encode() + b"\n" for row in numbered)


def _numbered(row: dict[str, Any], number: int) -> dict[str, Any]:
    text = json.dumps(row).replace('"Hi"', f'"Hi {number}"')
    return dict(json.loads(text))


def rules(name: str = "openai", **changes: Any) -> DatasetRules:
    found = rules_named(name)
    assert found
    values = {slot: getattr(found, slot) for slot in DatasetRules.__slots__}
    return DatasetRules(**{**values, **changes})


FOR_ALL = set(files.NAMES)


@pytest.mark.parametrize(
    ("row", "trained_by"),
    [
        (chat_row("Hi"), FOR_ALL),
        (PAIR, FOR_ALL),
        (compared(input=chat(USER)), FOR_ALL - {"engine", "nebius"}),
        (task(), {"azure", "crusoe", "fireworks", "generic"}),
        (calling(), FOR_ALL - {"engine"}),
        (shown("https://example.com/a.png"), FOR_ALL - {"engine"}),
        (chat(USER, {**ANSWER, "weight": 0}, USER, ANSWER), FOR_ALL),
        (chat(USER, ANSWER, USER), FOR_ALL - {"nebius"}),
    ],
    ids=["chat", "pair", "preference", "task", "tools", "image", "weight 0", "no last answer"],
)
def test_each_provider_trains_what_it_says_it_trains(upload, row, trained_by):
    version = upload(lines(row))
    assert version.status == Version.Status.READY
    assert {each.name for each in all_rules() if judge(version, each).can_train} == trained_by


@pytest.mark.parametrize(
    ("row", "changes", "reason"),
    [
        (calling(), {"tools": False}, "12 rows use tools, which are not trained here."),
        (shown("https://a.b/c"), {"images": False}, "12 rows hold images, which are not trained"),
        (chat(USER, {**ANSWER, "weight": 0}), {"weight": False}, "12 rows hold answers of weight"),
        (chat({**USER, "name": "Ann"}, ANSWER), {"names": False}, "12 rows name speakers, which"),
        (chat(USER, ANSWER, USER), {"last_must_be_answer": True}, "12 rows do not end with an an"),
        (chat_row("Hi"), {"min_examples": 13}, "There are 12 examples; at least 13 are asked"),
        (chat_row("Hi"), {"max_examples": 11}, "There are 12 examples; at most 11 are taken"),
        (chat_row("Hi"), {"max_file_bytes": 99}, "The file is larger than the 99"),
        (PAIR, {"max_file_bytes": 999}, "The file is larger than the 999"),
        (chat_row("Hi"), {"kinds": ("preference",)}, "Chats are not trained here."),
        (shown("https://a.b/c"), {"max_image_rows": 5}, "There are 12 rows with images; at most 5"),
    ],
)
def test_every_fact_about_a_provider_can_refuse(upload, row, changes, reason):
    version = upload(lines(row))
    assert judge(version, rules()).reasons == ()
    (said,) = judge(version, rules(**changes)).reasons
    assert said.startswith(reason)


def test_what_is_not_known_refuses_nobody_and_is_said(upload):
    version = upload(lines(shown("https://a.b/c")))
    unknown = judge(version, rules(images=None))
    assert unknown.can_train
    assert not unknown.is_sure
    assert unknown.remarks == ("It is not known whether these are understood here: images.",)
    assert judge(version, rules()).is_sure


def test_more_images_than_openai_takes_are_for_azure(upload):
    many = {
        "role": "user",
        "content": [TEXT, *shown("https://a.b/c")["messages"][0]["content"][1:]],
    }
    many["content"] += many["content"][1:] * 10
    version = upload(lines(chat(many, ANSWER, USER, ANSWER)))
    assert judge(version, rules()).reasons == (
        "12 rows hold more images than the 10 that are taken here.",
    )
    assert judge(version, rules("azure")).can_train


def test_rows_longer_than_a_provider_reads_are_counted(upload):
    version = upload(lines(chat_row("Hi", "word " * 9_000 + "end")))
    (remark,) = judge(version, rules("nebius")).remarks
    assert remark.startswith("12 rows are longer than about 8,192 tokens")
    (remark,) = judge(version, rules("engine")).remarks
    assert remark == "12 rows are longer than 512 tokens and lose their oldest messages."


def test_a_version_with_problems_can_be_trained_nowhere_yet(upload):
    version = upload(lines(chat_row("Hi")) + b"nonsense\n")
    for each in all_rules():
        assert judge(version, each).reasons == ("1 row must be repaired first.",)


def test_the_report_says_for_each_connection_whether_it_trains_this(client, owner, upload):
    make_connection(
        workspace=owner.workspace, name="Our Azure", base_url="https://x.openai.azure.com"
    )
    make_connection(workspace=owner.workspace, name="The engine", profile="engine")
    version = upload(lines(calling()))
    page = client.get(version.get_absolute_url()).content.decode()
    section = page[page.index('id="trainability"') :]
    assert section.index("Our Azure") < section.index("Providers without a connection")
    assert section.index("Nebius") > section.index("Providers without a connection")
    assert "12 rows use tools, which are not trained here." in section
    assert "The export begins with a byte order mark" in section


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (calling(), "12 rows use tools, which are not trained here."),
        (compared(input=chat(USER)), "Preference (DPO) rows are not trained here."),
    ],
)
def test_a_job_is_refused_for_the_reasons_of_the_report(owner, upload, row, reason):
    connection = make_connection(workspace=owner.workspace, profile="engine")
    with pytest.raises(admission.JobRefused, match="here") as refused:
        _admit(owner, connection, upload(lines(row)))
    assert (str(refused.value), refused.value.field) == (reason, "training_data")


def test_the_form_of_a_job_says_so_before_it_is_sent(client, owner, upload):
    engine = make_connection(workspace=owner.workspace, profile="engine")
    for row, is_refused in ((calling(), True), (chat_row("Hi"), False)):
        data = {"training_data": upload(lines(row)).public_id, "connection": engine.public_id}
        page = client.get(reverse("jobs:estimate"), data).content.decode()
        assert ("12 rows use tools, which are not trained here." in page) == is_refused
        assert ("This data cannot be trained here." in page) == is_refused


def test_a_job_trains_on_preferences_where_its_provider_does(owner, upload):
    azure = make_connection(workspace=owner.workspace, profile="azure")
    _admit(owner, azure, upload(lines(compared(input=chat(USER)))), method=Method.DPO)


def test_a_kind_that_jobs_do_not_train_there_is_for_the_provider_s_own_page(owner, upload):
    azure = make_connection(workspace=owner.workspace, base_url="https://x.openai.azure.com")
    version = upload(lines(task()))
    verdict = trainability.judged(version, azure)
    assert verdict.can_train
    (refusal,) = verdict.refusals
    assert refusal.startswith("OpenAI-compatible server offers no training by reinforcement.")
    assert "Export the file" in refusal


def _admit(owner, connection, version, method=Method.SUPERVISED) -> None:
    wanted = Wanted(
        connection=connection, training_data=version, base_model="tiny-chat-1m", method=method
    )
    admission.check(owner, wanted)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://x.openai.azure.com/openai/v1", "azure"),
        ("https://api.studio.nebius.com/v1", "nebius"),
        ("https://notopenai.azure.com/v1", "generic"),
        ("https://evil-api.openai.com.example/v1", "generic"),
        ("no address", "generic"),
    ],
)
def test_a_compatible_server_may_be_known_by_its_address(address, name):
    assert rules_for(profile="generic", address=address).name == name


def test_what_the_engine_takes_is_what_its_rules_say():
    engine = rules("engine")
    assert engine.min_examples == training_files.LEAST_EXAMPLES
    assert engine.max_examples == training_files.MOST_EXAMPLES
    assert engine.max_tokens_per_row == ModelConfig().context


@pytest.mark.parametrize("name", ["engine", "openai", "generic"])
def test_the_rules_and_the_profile_of_a_connection_agree(name):
    profile, known = profile_for(name), rules(name)
    assert (profile.min_examples, profile.max_file_bytes, profile.max_examples) == (
        known.min_examples,
        known.max_file_bytes,
        known.max_examples,
    )


def test_every_rule_has_a_date_and_a_source():
    assert all(each.as_of and each.source and each.label for each in all_rules())


def test_data_that_no_connection_takes_is_not_called_ready(client, owner, upload):
    version = upload(lines(shown("https://a.b/c")))
    address = reverse("datasets:detail", args=version.address)
    assert "Ready for training" in client.get(address).content.decode()
    make_connection(workspace=owner.workspace, profile="engine")
    page = client.get(address).content.decode()
    assert "None of your connections can train on this" in page
    assert "Ready for training" not in page
    make_connection(workspace=owner.workspace, profile="openai")
    assert "Ready for training" in client.get(address).content.decode()
