"""Making a job by hand, with everything that hands do wrong."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from apps.accounts.models import Membership
from apps.datasets.models import Version
from apps.jobs import tasks
from apps.jobs.models import Job
from apps.providers.models import Connection
from tests.datasets.rule_cases.rows import compared, task
from tests.factories import make_connection, make_version
from tests.jobs.test_browser import in_a_worker, server
from tests.providers.fake_server import FakeServer

__all__ = ["server"]

pytestmark = pytest.mark.browser


@pytest.fixture
def connect(owner: Membership, server: FakeServer, settings: Any) -> Callable[..., Connection]:
    settings.ENGINE_URL = server.url

    def connection(profile: str, name: str) -> Connection:
        return make_connection(
            workspace=owner.workspace, profile=profile, name=name, base_url=server.url
        )

    return connection


def rows(owner: Membership, name: str, row: dict[str, Any], kind: str) -> Version:
    content = json.dumps(row).encode() + b"\n"
    return make_version(workspace=owner.workspace, name=name, format=kind, content=content * 12)


def open_form(page: Page, version: Version) -> None:
    """Open the form; what it asks for while it loads has come when this returns."""
    with page.expect_response("**/jobs/base-models/**"):
        page.goto(f"{reverse('jobs:create')}?training_data={version.public_id}")


def choose(page: Page, connection: str) -> None:
    with page.expect_response("**/jobs/new/options/"), page.expect_response("**/base-models/**"):
        page.get_by_label("Connection").select_option(label=connection)


def test_a_preference_job_with_everything_done_wrong_is_one_job(
    page: Page, owner: Membership, server: FakeServer, connect: Callable[..., Connection]
) -> None:
    connect("generic", "Our server")
    connect("engine", "This machine")
    open_form(page, rows(owner, "pairs", compared(), "preference"))
    dpo = page.get_by_role("radio", name="Preference (DPO)")
    expect(dpo).to_be_checked()
    page.get_by_label("Base model").fill("llama-small")
    page.get_by_label("Beta").fill("0.3")
    page.get_by_label("Seed").fill("7")

    choose(page, "This machine")  # by mistake
    expect(page.get_by_text("Not offered by This machine, and left out:")).to_be_visible()
    expect(page.get_by_text("Beta: 0.3")).to_be_visible()
    expect(dpo).to_be_disabled()
    expect(
        page.get_by_text("This machine offers no training on preferences.").first
    ).to_be_visible()
    choose(page, "Our server")
    expect(dpo).to_be_checked()
    expect(page.get_by_label("Beta")).to_have_value("")
    expect(page.get_by_label("Seed")).to_have_value("7")

    page.get_by_label("Base model").fill("llama-small")
    page.get_by_label("Beta").fill("0.2")
    page.get_by_role("button", name="Start the job").dblclick()
    page.wait_for_url("**/jobs/*-*/")
    page.go_back()  # a new form, and nothing in it that would start by itself
    page.get_by_role("button", name="Start the job").click()
    expect(page.get_by_text("This field is required.")).to_be_visible()

    job = Job.objects.get()
    assert (job.method, job.seed, job.hyperparameters["beta"]) == ("dpo", 7, 0.2)
    in_a_worker(tasks.advance_due_jobs)
    (there,) = server.jobs.values()
    assert there["method"]["dpo"]["hyperparameters"] == {"beta": 0.2}


def test_a_connection_that_was_changed_faster_than_the_page_starts_nothing(
    page: Page, owner: Membership, connect: Callable[..., Connection]
) -> None:
    connect("generic", "Our server")
    connect("nebius", "Nebius")
    open_form(page, make_version(workspace=owner.workspace))
    page.get_by_label("Base model").fill("llama-small")
    page.get_by_label("Learning rate multiplier").fill("2")
    page.route("**/jobs/new/options/", lambda route: None)  # never answered
    page.get_by_label("Connection").select_option(label="Nebius")
    page.get_by_role("button", name="Start the job").click()
    expect(page.get_by_role("alert")).to_contain_text("Learning rate multiplier (2)")
    expect(page.get_by_label("Learning rate, absolute")).to_have_value("")
    assert not Job.objects.exists()


def test_what_is_typed_while_the_page_follows_a_choice_stays(
    page: Page, owner: Membership, connect: Callable[..., Connection]
) -> None:
    connect("generic", "Our server")
    connect("openai", "OpenAI")
    open_form(page, make_version(workspace=owner.workspace))
    page.get_by_label("Epochs").fill("3")
    under_way: list[Route] = []
    page.route("**/jobs/new/options/", lambda route: under_way.append(route))
    with page.expect_request("**/jobs/new/options/"):
        page.get_by_label("Connection").select_option(label="OpenAI")
    page.get_by_label("Epochs").fill("9")
    page.get_by_label("Seed").fill("44")
    with page.expect_response("**/jobs/new/options/"):
        under_way[0].continue_()
    expect(page.get_by_text("OpenAI's last model for this")).to_be_visible()
    expect(page.get_by_label("Epochs")).to_have_value("9")
    expect(page.get_by_label("Seed")).to_have_value("44")


def test_other_rows_choose_their_method_whatever_a_hand_chose_before(
    page: Page, owner: Membership, connect: Callable[..., Connection]
) -> None:
    connect("generic", "Our server")
    rows(owner, "pairs", compared(), "preference")
    open_form(page, make_version(workspace=owner.workspace, name="chats"))
    page.get_by_role("radio", name="Preference (DPO)").check()
    expect(page.get_by_text("“chats” holds rows of the kind “Chat”")).to_be_visible()
    page.get_by_label("Training dataset").select_option(label="pairs")
    expect(page.get_by_text("“chats” holds rows of the kind")).to_have_count(0)
    page.get_by_label("Training dataset").select_option(label="chats")
    expect(page.get_by_role("radio", name="Supervised")).to_be_checked()


def test_a_grader_is_built_tried_and_sent_without_a_word_of_json(
    page: Page, owner: Membership, server: FakeServer, connect: Callable[..., Connection]
) -> None:
    connect("azure", "Azure")
    row = task(answer="At eight.", topic="ferries")
    training = rows(owner, "tasks.train", row, "reinforcement")
    rows(owner, "tasks.validation", row, "reinforcement")
    open_form(page, training)
    page.get_by_label("Base model").fill("o4-mini-2025-04-16")
    with page.expect_response("**/jobs/new/options/"):
        page.get_by_role("button", name="Another grader").click()
    second = page.get_by_role("group", name="Grader 2")
    with page.expect_response("**/jobs/new/options/"):
        second.get_by_label("What it does").select_option(label="Measure similarity")
    second.get_by_label("Name").fill("near")
    page.get_by_label("Put together by").fill("grader_1 +")
    page.get_by_role("button", name="Try the grader").click()
    expect(page.get_by_text("The formula ends too early.")).to_be_visible()
    expect(second.get_by_label("Name")).to_have_value("near")
    page.get_by_label("Put together by").fill("max(grader_1, near)")
    page.get_by_label("An answer to try it with").fill("At nine.")
    page.get_by_role("button", name="Try the grader").click()
    expect(page.locator("#grader td strong").first).to_have_text("0.588")
    page.get_by_role("button", name="Start the job").click()
    page.wait_for_url("**/jobs/*-*/")
    grader = Job.objects.get().grader
    assert grader["calculate_output"] == "max(grader_1, near)"
    assert grader["graders"]["near"]["evaluation_metric"] == "fuzzy_match"


def test_a_job_is_cloned_from_its_page_with_one_change(
    page: Page, owner: Membership, connect: Callable[..., Connection]
) -> None:
    connect("generic", "Our server")
    open_form(page, make_version(workspace=owner.workspace))
    page.get_by_label("Base model").fill("llama-small")
    page.get_by_label("Epochs").fill("2")
    page.get_by_text("Labels and reports").click()
    page.get_by_label("Name of label 1").fill("team")
    page.get_by_label("Value of label 1").fill("harbour")
    page.get_by_role("button", name="Another label").click()
    expect(page.get_by_label("Name of label 2")).to_be_visible()
    expect(page.get_by_label("Value of label 1")).to_have_value("harbour")
    page.get_by_role("button", name="Start the job").click()
    page.wait_for_url("**/jobs/*-*/")
    page.get_by_role("link", name="Clone", exact=True).click()
    expect(page.get_by_label("Value of label 1")).to_be_visible()
    page.get_by_label("Epochs").fill("5")
    page.get_by_role("button", name="Start the job").click()
    page.wait_for_url("**/jobs/*-*/")
    first, clone = Job.objects.order_by("pk")
    assert clone.cloned_from == first
    assert clone.metadata == {"team": "harbour"}
    assert {**clone.hyperparameters, "n_epochs": 2} == first.hyperparameters
