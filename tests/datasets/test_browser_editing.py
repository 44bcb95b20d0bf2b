"""Rows edited in a browser: fields, keys, what is undone, what is saved."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from apps.accounts.models import Membership
from apps.datasets import tasks
from apps.datasets.models import Edit, Version
from tests.datasets import test_browser
from tests.datasets.test_browser import in_a_worker
from tests.factories import chat_row, make_version

pytestmark = pytest.mark.browser
address, open_context = test_browser.address, test_browser.open_context

SLIP = {"messages": [{"role": "user", "content": "Hi"}, {"role": "asistant", "content": "Hello"}]}


def lines(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.fixture
def version(owner: Membership, transactional_db: None) -> Version:
    """Three rows, the second with a slip in its role; checked."""
    made = make_version(
        workspace=owner.workspace,
        content=lines(chat_row("One?", "One."), SLIP, chat_row("Three?", "Three.")),
        status=Version.Status.CHECKING,
        row_count=None,
    )
    in_a_worker(tasks.check_due_versions)
    return Version.objects.select_related("dataset").get(pk=made.pk)


@pytest.fixture
def page(open_context: Callable[..., BrowserContext], version: Version) -> Iterator[Page]:
    """Scripts that fail or break the policy fail the test."""
    page = open_context(viewport={"width": 1280, "height": 900}).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Policy" in line.text else None)
    yield page
    page.wait_for_load_state("networkidle")  # no request is left when the tables are emptied
    assert faults == []


def url_of(version: Version, name: str, *more: int) -> str:
    return reverse(f"datasets:{name}", args=[*version.address, *more])


def test_a_bad_row_is_put_right_and_becomes_version_two(page: Page, version: Version) -> None:
    page.goto(version.get_absolute_url())
    problem = page.locator('[data-problem="unknown_role"]')
    problem.get_by_role("link", name="Row 2").click()
    page.get_by_role("link", name="Edit row 2").click()
    review = page.locator("#row-review")
    expect(review).to_contain_text("Did you mean “assistant”?")
    review.get_by_role("link", name="messages[1].role").click()
    expect(page.locator("#m1-role")).to_be_focused()
    page.locator("#m1-role").select_option("assistant")
    expect(review).to_contain_text("Nothing is wrong with this row.")
    expect(page.locator("#m1-tokens")).to_contain_text("5 tokens")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 row changed")).to_be_visible()
    page.get_by_role("button", name="Save as version 2").click()
    expect(page.get_by_text("Version 2 is being made.")).to_be_visible()
    in_a_worker(tasks.check_due_versions)
    expect(page.get_by_text("Ready for training")).to_be_visible()
    made = Version.objects.get(number=2)
    assert json.loads(made.path.read_bytes().splitlines()[1])["messages"][1]["role"] == "assistant"


def test_keys_edit_leave_out_and_undo(page: Page, version: Version) -> None:
    page.goto(url_of(version, "rows"))
    page.keyboard.press("j")
    page.keyboard.press("x")
    first = page.locator("#row-1")
    put_back = page.get_by_role("button", name="Put row 1 back")
    leave_out = page.get_by_role("button", name="Leave row 1 out")
    expect(put_back).to_be_visible()  # a key presses the button that is there
    expect(first.get_by_text("left out")).to_be_visible()
    expect(page.get_by_text("1 row left out")).to_be_visible()
    page.keyboard.press("x")
    expect(leave_out).to_be_visible()
    expect(first.get_by_text("left out")).to_be_hidden()
    page.keyboard.press("x")
    expect(put_back).to_be_visible()
    expect(first.get_by_text("left out")).to_be_visible()
    page.keyboard.press("u")
    expect(first.get_by_text("left out")).to_be_hidden()
    assert not Edit.objects.exists()
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.get_by_text("Row 2 of 3")).to_be_visible()


def test_ticked_rows_are_left_out_together(page: Page, version: Version) -> None:
    page.goto(url_of(version, "rows"))
    page.get_by_label("Select row 1").check()
    page.get_by_label("Select row 3").click(modifiers=["Shift"])
    page.get_by_role("button", name="Leave out the 3 selected rows").click()
    expect(page.get_by_text("3 rows left out")).to_be_visible()
    page.get_by_role("button", name="Undo the last").click()
    expect(page.locator("[data-mark]")).to_have_count(0)


def roles(page: Page) -> list[str]:
    return page.locator("[data-role-choice]").evaluate_all("all => all.map(one => one.value)")


def test_messages_are_moved_added_removed_and_that_is_undone(page: Page, version: Version) -> None:
    page.goto(url_of(version, "row", 1))
    page.locator("#m0-text").press("Alt+ArrowDown")
    assert roles(page) == ["user", "system", "assistant"]
    expect(page.locator("#m0-text")).to_be_focused()
    page.get_by_role("button", name="Add a message").click()
    assert roles(page) == ["user", "system", "assistant", "user"]
    page.keyboard.type("And more?")
    page.get_by_role("button", name="Remove this message").nth(1).click()
    assert roles(page) == ["user", "assistant", "user"]
    for _ in range(3):
        page.get_by_role("button", name="Undo", exact=True).click()
    assert roles(page) == ["system", "user", "assistant"]
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Redo").click()
    page.get_by_role("button", name="Redo").click()
    assert roles(page) == ["user", "system", "assistant", "user"]
    expect(page.locator("textarea[name$='-text']").nth(3)).to_have_value("And more?")
    page.get_by_role("button", name="Keep this change").click()
    expect(page.get_by_text("1 row changed")).to_be_visible()
    kept = json.loads(Edit.objects.get().content)["messages"]
    assert [message["role"] for message in kept] == ["user", "system", "assistant", "user"]
    assert kept[3]["content"] == "And more?"


def test_a_message_is_added_and_removed_by_keys(page: Page, version: Version) -> None:
    page.goto(url_of(version, "row", 1))
    page.locator("#m1-text").press("Alt+Enter")
    assert roles(page) == ["system", "user", "assistant", "assistant"]
    page.keyboard.press("Alt+Delete")
    assert roles(page) == ["system", "user", "assistant"]


def test_what_no_form_can_send_is_said_at_the_field(page: Page, version: Version) -> None:
    page.goto(url_of(version, "row", 1))
    page.locator("#m1-text").evaluate("field => field.value = 'x'.repeat(2_000_000)")
    page.locator("#m1-text").press("End")
    page.keyboard.type("!")
    assert "too long for a form" in page.locator("#m1-text").evaluate("f => f.validationMessage")
    page.get_by_role("button", name="Keep this change").click()
    page.locator("#m1-text").fill("Shorter")
    page.get_by_role("button", name="Keep this change").click()
    expect(page.get_by_text("1 row changed")).to_be_visible()


def test_without_javascript_a_row_is_edited_all_the_same(
    open_context: Callable[..., BrowserContext], version: Version
) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto(url_of(version, "row", 2))
    page.locator("#m1-role").select_option("assistant")
    page.get_by_role("button", name="Add a message").click()
    page.locator("#m2-text").fill("Thank you.")
    page.get_by_role("button", name="Move up").nth(2).click()
    page.get_by_role("button", name="Check again").click()
    expect(page.locator("#row-review")).to_contain_text("tokens")
    page.get_by_role("button", name="Keep this change").click()
    expect(page.get_by_text("1 row changed")).to_be_visible()
    kept = json.loads(Edit.objects.get().content)["messages"]
    assert [message["content"] for message in kept] == ["Hi", "Thank you.", "Hello"]


def test_text_becomes_parts_and_a_fault_is_pointed_at(page: Page, version: Version) -> None:
    page.goto(url_of(version, "row", 1))
    card = page.locator("#m1")
    card.get_by_text("Name, calls and other keys").click()
    card.get_by_label("The content is").select_option("json")
    expect(page.locator("#m1-text")).to_have_value(
        '[\n  {\n    "type": "text",\n    "text": "One?"\n  }\n]'
    )
    page.locator("#m1-text").fill('[\n  {"type" "text"}\n]')
    link = page.locator("#row-review a")
    expect(page.locator("#row-review")).to_contain_text("a colon is missing")
    link.click()
    assert page.evaluate("document.activeElement.selectionStart") == 12


def test_leaving_with_unsaved_words_asks_first(page: Page, version: Version) -> None:
    page.goto(url_of(version, "row", 1))
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.locator("#m1-text").fill("Precious words")
    page.get_by_role("link", name="Back to the rows").click()
    expect(page.locator("#m1-text")).to_have_value("Precious words")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Keep this change").click()
    expect(page.get_by_text("1 row changed")).to_be_visible()
    page.get_by_role("link", name="Back to the rows").click()
    expect(page.get_by_text("edited")).to_be_visible()


def test_what_did_not_arrive_is_said_and_done_by_the_next_try(page: Page, version: Version) -> None:
    page.goto(url_of(version, "rows"))
    page.context.set_offline(True)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("this may not have been done")).to_be_visible()
    page.context.set_offline(False)
    page.keyboard.press("x")
    expect(page.get_by_text("1 row left out")).to_be_visible()
    expect(page.get_by_text("this may not have been done")).to_have_count(0)


def test_what_was_typed_survives_a_lost_connection(page: Page, version: Version) -> None:
    page.goto(url_of(version, "row", 1))
    answer = page.get_by_role("textbox", name="Content").last
    answer.fill("Typed on a train.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Keep this change").last.click()
    expect(page.get_by_text("so nothing was sent")).to_be_visible()
    expect(answer).to_have_value("Typed on a train.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Keep this change").last.click()
    expect(page.get_by_text("It becomes part of the next version.")).to_be_visible()
    assert "Typed on a train." in Edit.objects.get().content


def test_two_presses_while_the_server_is_asked_send_once(page: Page, version: Version) -> None:
    page.goto(reverse("datasets:list"))
    page.locator("summary", has_text="Paste text instead").click()
    page.locator("#paste-text").fill("One line\nAnother line")
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.locator("form[data-holds-work]").evaluate(
        "(form) => { form.requestSubmit(); form.requestSubmit(); }"
    )
    page.wait_for_url("**/columns/")
    assert len(sent) == 1


def test_who_is_signed_out_meanwhile_keeps_what_was_typed(page: Page, version: Version) -> None:
    page.goto(url_of(version, "row", 1))
    answer = page.get_by_role("textbox", name="Content").last
    answer.fill("Typed for")
    page.context.clear_cookies()
    with page.expect_response(
        lambda each: "hx-redirect" in each.headers
    ):  # what renews itself asks first, and must not lead away
        answer.fill("Typed for an hour.")
    page.get_by_role("button", name="Keep this change").last.click()
    expect(page.get_by_text("You are signed out, so nothing was sent.")).to_be_visible()
    expect(answer).to_have_value("Typed for an hour.")
