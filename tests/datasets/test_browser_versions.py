"""From one file to two datasets and a job, and what changed between two versions."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from apps.datasets.models import Version
from tests.datasets.test_browser import address, choose, file_of, open_context, page
from tests.factories import chat_file

__all__ = ["address", "open_context", "page"]  # fixtures
pytestmark = pytest.mark.browser

PADDED = chat_file(20).replace(b'"Question 3?"', b'"  Question 3?"')


def test_a_split_leads_to_a_job_with_both_parts(page: Page) -> None:
    choose(page, file_of("parrot.jsonl", PADDED))
    expect(page.get_by_text("Ready for training")).to_be_visible()
    page.get_by_role("link", name="Split", exact=True).click()
    plan = page.locator("#split-plan")
    expect(plan).to_contain_text("16 rows")
    page.get_by_label("A number of rows").check()
    expect(page.get_by_label("Percent of the rows")).to_be_hidden()
    page.get_by_label("Number of rows", exact=True).fill("6")
    page.get_by_label("Seed").click()
    expect(plan).to_contain_text("14 rows")
    page.get_by_role("button", name="Make the two datasets").dblclick()
    expect(page.get_by_role("heading", name="parrot – training")).to_be_visible()
    expect(page.get_by_text("Ready for training")).to_be_visible()
    assert Version.objects.count() == 3
    page.get_by_role("link", name="Start a fine-tuning job").click()
    chosen = page.locator("option:checked")
    expect(chosen.filter(has_text="parrot – training")).to_have_count(1)
    expect(chosen.filter(has_text="parrot – validation")).to_have_count(1)
    expect(page.get_by_text("The other part of the split.")).to_be_visible()


def test_what_a_repair_changed_is_seen_and_taken_back(
    open_context: Callable[..., BrowserContext], page: Page
) -> None:
    choose(page, file_of("parrot.jsonl", PADDED))
    expect(page.get_by_text("Ready for training")).to_be_visible()
    page.goto(f"{page.url}repair/")
    page.get_by_label("Another step").select_option("Remove spaces around texts")
    page.get_by_role("button", name="Add step", exact=True).click()
    page.get_by_role("button", name="Make version 2").click()
    expect(page.get_by_text("Ready for training")).to_be_visible()
    page.get_by_role("link", name="Versions", exact=True).click()
    page.get_by_role("link", name="Compare with 1").click()
    expect(page.get_by_text("19 rows are the same")).to_be_visible()
    expect(page.locator("del")).to_have_text("··")
    page.get_by_role("link", name="Versions", exact=True).click()
    page.get_by_role("button", name="Make it the newest again").click()
    page.get_by_role("button", name="Make it the newest", exact=True).click()
    expect(page.get_by_text("Version 3 has the rows of version 1.")).to_be_visible()
    assert Version.objects.get(number=3).path.read_bytes() == PADDED
    plain = open_context(java_script_enabled=False).new_page()
    plain.goto(f"{page.url}split/")
    plain.get_by_role("button", name="Make the two datasets").click()
    expect(plain.get_by_role("heading", name="parrot – training")).to_be_visible()
