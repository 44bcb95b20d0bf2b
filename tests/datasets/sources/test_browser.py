"""Choosing columns in a browser: what is picked is seen at once, also on a phone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from apps.datasets.models import Version
from tests.datasets.test_browser import address, file_of, open_context

pytestmark = pytest.mark.browser
__all__ = ["address", "open_context"]

ROWS = "".join(f"{n};Wie heißt Nr. {n}?;Nummer {n}.\n" for n in range(1, 13))
TABLE = f"Nr;Kunde;Pip\n{ROWS}".encode("cp1252")


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    page = open_context(viewport={"width": 390, "height": 844}).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(reverse("datasets:list"))
    yield page
    assert faults == []


def upload(page: Page, file: dict[str, Any]) -> None:
    page.locator("#dataset-file").set_input_files([file])  # type: ignore[list-item]


def test_a_table_becomes_conversations_by_picking_a_role_per_column(page: Page) -> None:
    upload(page, file_of("fragen.csv", TABLE))
    expect(page.get_by_role("heading", name="What is in the columns?")).to_be_visible()
    expect(page.get_by_text("Windows-1252")).to_be_visible()
    warning = page.get_by_role("alert")
    expect(warning).to_contain_text("Choose what the columns are")

    page.get_by_label("What is in “Nr”?").select_option(label="What the model answers")
    page.get_by_label("What is in “Pip”?").select_option(label="What the model answers")
    # a role is held by one column only
    expect(page.get_by_label("What is in “Nr”?")).to_have_value("")
    page.get_by_label("What is in “Kunde”?").select_option(label="What the person says")
    first = page.get_by_role("article", name="Row 1")
    expect(first).to_contain_text("Wie heißt Nr. 1?")
    page.get_by_label("System prompt for every row").fill("Du bist höflich.")
    page.get_by_label("System prompt for every row").blur()
    expect(first).to_contain_text("Du bist höflich.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page.get_by_role("button", name="Read all rows").click()
    expect(page.get_by_text("Ready for training")).to_be_visible()
    version = Version.objects.get()
    assert version.row_count == 12
    assert (
        version.path.read_text()
        .splitlines()[11]
        .endswith(
            '{"role":"user","content":"Wie heißt Nr. 12?"},'
            '{"role":"assistant","content":"Nummer 12."}]}'
        )
    )
