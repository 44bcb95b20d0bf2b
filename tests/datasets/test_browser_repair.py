"""A bad file, its report, one click, and a second version that is ready."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from apps.datasets.models import Version
from tests.datasets.test_browser import address, choose, file_of, open_context, page
from tests.factories import chat_file

__all__ = ["address", "open_context", "page"]  # fixtures
pytestmark = pytest.mark.browser

SHIFTED = (
    b'{"messages":[{"role":"human","content":"Where is it?"},{"role":"gpt","content":"Aye"}]}\n'
)
BAD = chat_file(12) + SHIFTED + SHIFTED.replace(b"Where", b"Who") + b'{"messages": "hello"}\n'


def test_a_bad_file_is_repaired_in_the_browser(page: Page) -> None:
    choose(page, file_of("parrot.jsonl", BAD))
    page.get_by_role("link", name="Fix: Unknown role").click()
    expect(page.get_by_text("Changes 2 rows.")).to_be_visible()
    expect(page.locator("del", has_text="human").first).to_be_visible()
    page.get_by_label("Another step").select_option("Drop rows with problems")
    page.get_by_role("button", name="Add step", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="2 changed, 1 dropped")).to_be_visible()
    page.get_by_label("Note").fill("roles of the old tool")
    page.get_by_role("button", name="Make version 2").click()
    expect(page.get_by_text("Ready for training")).to_be_visible()
    expect(page.get_by_text("Version 2").first).to_be_visible()
    made = Version.objects.get(number=2)
    assert (made.row_count, made.note) == (14, "roles of the old tool")


def test_settings_are_kept_while_steps_move(page: Page) -> None:
    choose(page, file_of("parrot.jsonl", BAD))
    page.get_by_role("link", name="Repair", exact=True).first.click()
    page.get_by_role("button", name="Add step: Fix the names of roles").click()
    page.get_by_label("Other names of the user").fill("caller")
    page.get_by_label("Another step").select_option("Set the system prompt")
    page.get_by_role("button", name="Add step", exact=True).click()
    expect(page.get_by_text("Fill this in.")).to_be_visible()
    page.get_by_role("textbox", name="System prompt").fill("You are a parrot.")
    page.get_by_role("textbox", name="System prompt").blur()
    expect(page.get_by_text("Fill this in.")).to_be_hidden()
    page.get_by_role("button", name="Move up: Set the system prompt").click()
    expect(page.get_by_role("heading", name="1. Set the system prompt")).to_be_visible()
    expect(page.get_by_role("textbox", name="System prompt")).to_have_value("You are a parrot.")
    expect(page.get_by_label("Other names of the user")).to_have_value("caller")


def test_what_is_pressed_while_an_answer_is_on_its_way_is_not_lost(page: Page) -> None:
    choose(page, file_of("parrot.jsonl", BAD))
    page.get_by_role("link", name="Repair", exact=True).first.click()

    def answer_late(route: Route) -> None:
        page.wait_for_timeout(400)
        route.continue_()

    page.route("**/repair/", answer_late)
    page.get_by_role("button", name="Add step: Fix the names of roles").click()
    page.get_by_role("button", name="Add all that is needed").click()
    page.get_by_label("Another step").select_option("Remove spaces around texts")
    page.get_by_role("button", name="Add step", exact=True).click()
    for name in ("Fix the names of roles", "Drop rows with problems", "Remove spaces around texts"):
        expect(page.get_by_role("heading", name=re.compile(f"[0-9]. {name}"))).to_be_visible()
    page.get_by_role("button", name="Take out: Remove spaces around texts").click()
    expect(page.get_by_role("heading", name="Steps", exact=True)).to_be_focused()
    page.reload()
    expect(page.get_by_role("heading", name=re.compile("Drop rows with problems"))).to_be_visible()


def test_the_page_works_without_a_script(
    open_context: Callable[..., BrowserContext], page: Page
) -> None:
    choose(page, file_of("parrot.jsonl", BAD))
    expect(page.get_by_text("to fix")).to_be_visible()
    path = page.url
    plain = open_context(java_script_enabled=False).new_page()
    plain.goto(f"{path}repair/")
    plain.get_by_role("button", name="Add all that is needed").click()
    plain.get_by_role("button", name="Take out: Fix the names of roles").click()
    expect(plain.get_by_text("Fix the names of roles").first).to_be_visible()
    plain.get_by_role("button", name="Make version 2").click()
    expect(plain.get_by_text("Version 2").first).to_be_visible()
