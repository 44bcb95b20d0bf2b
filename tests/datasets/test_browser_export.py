"""From a report to the file that a provider wants."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import Membership
from apps.datasets.recipes.rows import BOM
from tests.datasets.rule_cases.rows import ANSWER, USER, chat
from tests.datasets.test_browser import address, choose, file_of, open_context, page
from tests.factories import make_connection

__all__ = ["address", "open_context", "page"]  # fixtures
pytestmark = pytest.mark.browser

NAMED = [chat({**USER, "content": f"Hi {n}", "name": "Ann"}, ANSWER) for n in range(12)]
CONTENT = b"".join(json.dumps(row).encode() + b"\n" for row in NAMED)


def test_rows_are_exported_for_azure_without_the_names_of_speakers(
    page: Page, owner: Membership
) -> None:
    azure = "https://harbour.openai.azure.com/openai/v1"
    make_connection(workspace=owner.workspace, name="Harbour", base_url=azure)
    choose(page, file_of("named.jsonl", CONTENT))
    line = page.locator("#trainability li").filter(has_text="Harbour")
    expect(line.get_by_text("Can be trained")).to_be_visible()
    line.get_by_role("link", name="Export for Harbour").click()
    choice = page.locator("li#azure")
    expect(choice).to_be_in_viewport()
    choice.get_by_label("Leave out the names of speakers").check()
    with page.expect_download() as download:
        choice.get_by_role("button", name="Export for Azure OpenAI").click()
    assert download.value.suggested_filename == "named-1.azure.jsonl"
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(BOM)
    rows = [json.loads(line) for line in content.removeprefix(BOM).splitlines()]
    assert rows == [chat({**USER, "content": f"Hi {n}"}, ANSWER) for n in range(12)]
