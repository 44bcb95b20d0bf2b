"""What only a browser can show of the forms: parts that renew themselves and lose nothing."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from apps.accounts.models import Membership
from apps.evals.models import Recording, Suite
from tests.factories import make_saved_case, make_version

pytestmark = pytest.mark.browser


def test_graders_are_built_and_tried_and_nothing_that_was_typed_is_lost(
    page: Page, owner: Membership, client: Client, transactional_db: None
) -> None:
    version = make_version(workspace=owner.workspace)
    make_saved_case(workspace=owner.workspace)
    page.goto(reverse("evals:create"))
    page.get_by_label("saved cases").check()
    expect(page.get_by_label("Collection")).to_be_visible()
    expect(page.locator("#id_dataset")).to_be_hidden()
    page.get_by_label("rows of a dataset").check()
    page.locator("#id_dataset").select_option(str(version.public_id))
    page.locator("#id_name").fill("Harbour")
    first = page.get_by_role("group", name="Grader 1")
    first.get_by_label("An answer is right if it").select_option("regex")
    first.get_by_label("Pattern", exact=True).fill(r"Answer \d+\.")
    page.get_by_role("button", name="Another grader").click()
    second = page.get_by_role("group", name="Grader 2")
    second.get_by_label("An answer is right if it").select_option("label")
    second.get_by_label("Labels", exact=True).fill("Answer 0.\nAnswer 1.")
    second.get_by_label("An answer is right if it").select_option("judge")
    expect(second.get_by_label("Rubric")).to_have_value(re.compile("^Pass the answer if"))
    second.get_by_label("An answer is right if it").select_option("label")
    expect(second.get_by_label("Labels", exact=True)).to_have_value("Answer 0.\nAnswer 1.")
    page.get_by_text("Try it on an answer").click()
    page.get_by_label("Answer of a model").fill("Answer 1.")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_label("Expected answer", exact=True)).to_have_value("Answer 0.")
    expect(page.get_by_text("The label is “Answer 1.” instead of “Answer 0.”.")).to_be_visible()
    expect(page.get_by_text("The pattern fits: “Answer 1.”.")).to_be_visible()
    page.get_by_role("button", name="Take out grader 1").click()
    expect(second).to_have_count(0)
    expect(first.get_by_label("Labels", exact=True)).to_have_value("Answer 0.\nAnswer 1.")
    expect(page.locator("#id_name")).to_have_value("Harbour")
    page.locator("#id_name").press("Enter")  # saves, though other buttons stand before the last
    page.wait_for_url("**/run/")
    suite = Suite.objects.get()
    assert (suite.name, [grader["kind"] for grader in suite.graders]) == ("Harbour", ["label"])


def test_a_file_with_bad_lines_stays_chosen_until_they_are_left_out(
    page: Page, owner: Membership, client: Client, transactional_db: None
) -> None:
    good = b'{"messages": [{"role": "user", "content": "Hi"}], "answer": "Hello"}\n'
    page.goto(reverse("evals:recording_create"))
    page.get_by_label("Name").fill("Old model")
    file = {"name": "old.jsonl", "mimeType": "application/jsonl", "buffer": good + b"{\n"}
    page.get_by_label("Files").set_input_files([file])  # type: ignore[list-item]
    page.get_by_role("button", name="Keep these answers").click()
    expect(page.get_by_text("old.jsonl, line 2: This is no JSON.")).to_be_visible()
    assert not Recording.objects.exists()
    page.get_by_label("Leave out the lines that cannot be read").check()
    page.get_by_role("button", name="Keep these answers").click()
    expect(page.get_by_role("heading", name="Old model")).to_be_visible()
    expect(page.get_by_text("1 line was left out.")).to_be_visible()
    assert Recording.objects.get().answers.get().text == "Hello"
