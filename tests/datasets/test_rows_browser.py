"""Rows in a browser: keys that walk through them, and a search that goes on by itself."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from apps.accounts.models import Membership
from apps.datasets import tasks
from apps.datasets.models import Version
from apps.datasets.rows import pages, search
from tests.datasets.test_browser import address, in_a_worker, open_context
from tests.factories import chat_row, make_version

pytestmark = pytest.mark.browser
__all__ = ["address", "open_context"]


def checked(owner: Membership, rows: list[Any]) -> Version:
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    version = make_version(
        workspace=owner.workspace, content=content, status="checking", row_count=None
    )
    in_a_worker(lambda: tasks.check_version(version_id=version.pk))
    return version


@pytest.fixture
def version(transactional_db: None, owner: Membership) -> Version:
    answers = {200: "needle", 390: "needle"}
    return checked(owner, [chat_row(f"Question {n}", answers.get(n, "hay")) for n in range(1, 401)])


@pytest.fixture
def page(open_context: Callable[..., BrowserContext], version: Version) -> Iterator[Page]:
    page = open_context(viewport={"width": 1200, "height": 700}).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(reverse("datasets:rows", args=version.address))
    yield page
    assert faults == []


def current(page: Page) -> str | None:
    return page.locator("[data-row][aria-current]").get_attribute("data-row")


def test_keys_walk_from_row_to_row_and_page_to_page(page: Page) -> None:
    page.keyboard.press("j")
    assert current(page) == "1"
    for _ in range(9):
        page.keyboard.press("j")
    assert current(page) == "10"
    expect(page.locator("#row-10")).to_be_in_viewport()
    expect(page.locator("#row-10")).to_be_focused()
    page.keyboard.press("k")
    assert current(page) == "9"
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#row-11")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    page.keyboard.press("j")  # the list of keys is in the way
    assert page.locator("[data-row][aria-current]").count() == 0
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_keys_are_letters_while_somebody_types(page: Page) -> None:
    page.keyboard.press("/")
    field = page.get_by_label("Search in the rows")
    expect(field).to_be_focused()
    page.keyboard.type("jk?")
    expect(field).to_have_value("jk?")
    assert page.locator("[data-row][aria-current]").count() == 0


def test_a_search_goes_on_by_itself_until_the_end(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "STEP_SECONDS", 0)
    monkeypatch.setattr(search, "BATCH_ROWS", 40)
    page.get_by_label("Search in the rows").fill("NEEDLE")
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_have_text(["needle", "needle"])
    assert [row.get_attribute("data-row") for row in page.locator("[data-row]").all()] == [
        "200",
        "390",
    ]
    expect(page.get_by_text("Searched")).to_have_count(0)
    page.go_back()
    page.go_forward()
    expect(page.locator("mark")).to_have_count(2)
