"""What only a browser can show: files chosen and dropped, bars that move, cards with words."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as values
from django.contrib.staticfiles import finders
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Route, expect

from apps.accounts.models import Membership
from apps.datasets import storage, tasks
from apps.datasets.models import Version
from tests.datasets.line import line_to
from tests.engine_server import wait_until
from tests.factories import chat_file, chat_row, make_version
from tests.served import served_application

pytestmark = pytest.mark.browser

GOOD = chat_file(12)
FULL_SPEED = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
SLOW = {**FULL_SPEED, "uploadThroughput": 50_000}  # a megabyte takes longer than a test may look
DROP = """(zone, files) => {
  const dropped = new DataTransfer();
  for (const [name, text] of files) dropped.items.add(new File([text], name, { lastModified: 7 }));
  const options = { dataTransfer: dropped, bubbles: true, cancelable: true };
  for (const type of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(type, options));
}"""


@pytest.fixture(scope="module")
def address(django_db_setup: None) -> Iterator[str]:
    with served_application() as address:
        yield address


@pytest.fixture
def open_context(
    browser: Browser, client: Client, address: str, transactional_db: None
) -> Iterator[Callable[..., BrowserContext]]:
    """Return a maker of the owner's browser windows."""
    session = client.cookies[values.SESSION_COOKIE_NAME].value
    opened: list[BrowserContext] = []

    def open_context(**options: Any) -> BrowserContext:
        context = browser.new_context(base_url=address, **options)
        cookie = {"name": values.SESSION_COOKIE_NAME, "value": session, "url": address}
        context.add_cookies([cookie])  # type: ignore[list-item]
        context.route("**/static/**", _from_the_build)
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """Open the list of datasets; scripts that fail or break the policy fail the test."""
    page = open_context().new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Policy" in line.text else None)
    page.goto(reverse("datasets:list"))
    yield page
    assert faults == []


def _from_the_build(route: Route) -> None:
    found = finders.find(route.request.url.split("/static/")[1])
    assert found, route.request.url
    route.fulfill(path=found)


def file_of(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def choose(page: Page, *files: dict[str, Any]) -> None:
    page.get_by_label("Drop files here, or choose them").set_input_files(files)  # type: ignore[arg-type]


def drop(page: Page, *files: tuple[str, str]) -> None:
    page.locator("form[data-upload]").evaluate(DROP, list(files))


def card(page: Page, name: str) -> Locator:
    return page.locator("[data-upload-list] > li").filter(has_text=name)


@contextmanager
def slowly(page: Page) -> Iterator[None]:
    """Let uploads take their time, however slow the looking is; then let them rush to their end."""
    line = page.context.new_cdp_session(page)
    line.send("Network.emulateNetworkConditions", SLOW)
    yield
    line.send("Network.emulateNetworkConditions", FULL_SPEED)


def in_a_worker(work: Callable[[], Any]) -> None:
    """Do it in another thread: Playwright's event loop lives in this one."""

    def task() -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(task).result()


def names() -> set[str]:
    return set(Version.objects.values_list("dataset__name", flat=True))


def test_a_chosen_file_leads_to_its_report(page: Page) -> None:
    choose(page, file_of("parrot.jsonl", GOOD))
    expect(page.get_by_text("Ready for training")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("parrot")


def test_a_dropped_file_leads_to_its_report(page: Page) -> None:
    drop(page, ("parrot.jsonl", GOOD.decode()))
    expect(page.get_by_text("Ready for training")).to_be_visible()
    assert Version.objects.get().path.read_bytes() == GOOD


def test_a_file_becomes_the_next_version_of_its_dataset(page: Page) -> None:
    choose(page, file_of("parrot.jsonl", GOOD))
    expect(page.get_by_text("Ready for training")).to_be_visible()
    page.get_by_role("link", name="Versions").click()
    page.get_by_role("link", name="Upload a new version").click()
    page.get_by_label("Drop the file here, or choose it").set_input_files(
        file_of("owl.jsonl", chat_file(15))  # type: ignore[arg-type]
    )
    expect(page.get_by_text("All 15 rows follow every rule.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("parrot")
    assert set(Version.objects.values_list("number", flat=True)) == {1, 2}


def test_a_file_dropped_beside_the_zone_does_not_replace_the_page(page: Page) -> None:
    page.locator("h1").evaluate(DROP, [["parrot.jsonl", "{}"]])
    expect(page.get_by_role("heading", level=1)).to_have_text("Datasets")
    assert names() == set()


def test_a_bar_and_words_tell_how_far_the_upload_is(page: Page) -> None:
    with slowly(page):
        choose(page, file_of("long.jsonl", chat_file(5_000)))
        expect(card(page, "long.jsonl")).to_contain_text("/s")
        bar = page.get_by_role("progressbar", name="long.jsonl")
        assert 0 < bar.evaluate("bar => bar.value / bar.max") < 1
    expect(page.get_by_text("Ready for training")).to_be_visible()


def test_an_upload_goes_on_where_the_line_was_lost(page: Page, address: str) -> None:
    content = chat_file(20_000)
    offsets: list[int] = []
    page.on("request", lambda request: offsets.extend(offset_of(request)))
    with line_to(address, may_break=has_stored_some) as line:
        page.goto(line.address + reverse("datasets:list"))
        line.bytes_until_it_breaks = len(content) // 2
        choose(page, file_of("long.jsonl", content))
        expect(page.get_by_text("Ready for training")).to_be_visible()
    assert offsets[0] == 0 < offsets[-1] < len(content)
    assert Version.objects.get().path.read_bytes() == content


def test_a_server_that_is_away_is_asked_again(page: Page) -> None:
    page.route("**/upload/*/?filename=*", lambda route: route.abort("connectionrefused"), times=2)
    choose(page, file_of("parrot.jsonl", GOOD))
    expect(card(page, "parrot.jsonl")).to_contain_text(
        "What has arrived is kept; the next try is in 2 s"
    )
    expect(page.get_by_text("Ready for training")).to_be_visible()


def test_an_upload_goes_on_after_the_page_was_left(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "WRITE_BYTES", 10_000)
    content = chat_file(5_000)
    offsets: list[int] = []
    with slowly(page):
        drop(page, ("long.jsonl", content.decode()))
        expect(card(page, "long.jsonl")).to_contain_text("/s")
        wait_until(has_stored_some, "the first bytes to arrive")
        page.once("dialog", lambda dialog: dialog.accept())  # “Leave the page?”
        page.reload()
    page.on("request", lambda request: offsets.extend(offset_of(request)))
    drop(page, ("long.jsonl", content.decode()))
    expect(page.get_by_text("Ready for training")).to_be_visible()
    assert 0 < offsets[-1] < len(content)
    assert Version.objects.get().path.read_bytes() == content


def has_stored_some() -> bool:
    return any(path.stat().st_size for path in storage.folder().glob("*.part"))


def offset_of(request: Request) -> list[int]:
    found = re.search(r"[?&]offset=(\d+)", request.url)
    return [int(found[1])] if found and request.method == "PUT" else []


def test_several_files_go_up_one_after_the_other(page: Page) -> None:
    choose(page, *(file_of(f"{name}.jsonl", GOOD) for name in ("one", "two", "three")))
    rows = page.get_by_role("row").filter(has_text="Ready")
    expect(rows).to_have_count(3)
    assert names() == {"one", "two", "three"}


def test_a_cancelled_upload_leaves_nothing_and_the_next_one_goes_on(page: Page) -> None:
    with slowly(page):
        choose(page, file_of("long.jsonl", chat_file(5_000)), file_of("short.jsonl", GOOD))
        expect(card(page, "long.jsonl")).to_contain_text("/s")
        card(page, "long.jsonl").get_by_role("button", name="Cancel").click()
    expect(card(page, "long.jsonl")).to_contain_text("Cancelled. Nothing was kept.")
    expect(card(page, "short.jsonl").get_by_role("link", name="Open")).to_be_visible()
    assert names() == {"short"}


def test_what_is_no_jsonl_is_refused_in_its_card_before_it_goes_up(page: Page) -> None:
    choose(page, file_of("data.zip", b"PK\x03\x04rest"), file_of("good.jsonl", GOOD))
    expect(card(page, "data.zip")).to_contain_text("This is a zip archive. Unpack it")
    expect(card(page, "good.jsonl").get_by_role("link", name="Open")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Ready")).to_have_count(1)
    assert names() == {"good"}


def test_a_file_that_is_too_large_is_refused_in_its_card(page: Page, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = len(GOOD) - 1
    page.reload()
    choose(page, file_of("large.jsonl", GOOD), file_of("empty.jsonl", b""))
    expect(card(page, "large.jsonl")).to_contain_text("which is the most that can be uploaded")
    expect(card(page, "empty.jsonl")).to_contain_text("This file is empty.")


def test_what_the_server_refuses_is_said_in_the_card(page: Page, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = len(GOOD) - 1  # the page still believes in the old limit
    choose(page, file_of("large.jsonl", GOOD))
    expect(card(page, "large.jsonl")).to_contain_text("which is the most that can be uploaded")


def test_after_a_refusal_the_right_file_leads_to_its_report(page: Page) -> None:
    choose(page, file_of("empty.jsonl", b""))
    expect(card(page, "empty.jsonl")).to_contain_text("This file is empty.")
    choose(page, file_of("parrot.jsonl", GOOD))
    expect(page.get_by_text("Ready for training")).to_be_visible()


def test_the_same_file_dropped_twice_goes_up_once(page: Page) -> None:
    with slowly(page):
        long = ("long.jsonl", chat_file(5_000).decode())
        drop(page, long)
        drop(page, long)
        expect(page.get_by_text("This file is already in the list.")).to_be_visible()
    expect(card(page, "long.jsonl").get_by_role("link", name="Open")).to_be_visible()
    assert Version.objects.count() == 1


@pytest.fixture
def checking(owner: Membership) -> Version:
    """A dataset whose check has begun, and is due again."""
    content = GOOD + json.dumps(chat_row(answer="")).encode()
    return make_version(
        workspace=owner.workspace,
        content=content,
        status=Version.Status.CHECKING,
        next_check_at=timezone.now(),
        bytes_checked=len(content) // 2,
        rows_checked=6,
        row_count=None,
    )


def test_the_report_appears_by_itself(page: Page, checking: Version) -> None:
    page.goto(checking.get_absolute_url())
    expect(page.get_by_text("6 rows checked")).to_be_visible()
    in_a_worker(tasks.check_due_versions)
    expect(page.get_by_text("1 row to fix")).to_be_visible()


def test_a_person_may_leave_while_the_check_goes_on(page: Page, checking: Version) -> None:
    page.goto(checking.get_absolute_url())
    page.get_by_role("link", name="Datasets", exact=True).first.click()
    row = page.get_by_role("row").filter(has_text=checking.name)
    expect(row).to_contain_text("Checking")
    in_a_worker(tasks.check_due_versions)
    expect(row).to_contain_text("Has problems")
    row.get_by_role("link").click()
    expect(page.get_by_text("1 row to fix")).to_be_visible()


def test_a_check_is_cancelled_and_begun_anew(page: Page, checking: Version) -> None:
    page.goto(checking.get_absolute_url())
    expect(page.get_by_text("6 rows checked")).to_be_visible()
    page.get_by_role("button", name="Cancel the check").click()
    expect(page.get_by_text("The check was cancelled")).to_be_visible()
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("1 row to fix")).to_be_visible()


def test_deleting_asks_first_and_says_what_was_done(page: Page, checking: Version) -> None:
    page.goto(checking.get_absolute_url())
    page.get_by_role("button", name="Delete").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text(f"“{checking.name}” was deleted.")).to_be_visible()
    assert not Version.objects.exists()


def test_without_javascript_the_form_sends_the_file(
    open_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    page = open_context(java_script_enabled=False).new_page()
    page.goto(reverse("datasets:list"))
    choose(page, file_of("plain.jsonl", GOOD))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Ready for training")).to_be_visible()


def test_on_a_phone_nothing_is_wider_than_the_screen(
    open_context: Callable[..., BrowserContext],
) -> None:
    page = open_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(reverse("datasets:list"))
    choose(page, file_of("a-name-without-any-space-" * 8 + ".jsonl", b""))
    expect(page.get_by_text("This file is empty.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
