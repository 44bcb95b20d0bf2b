"""What only a browser can show: another kind of provider changes the fields, and keeps the rest."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_another_kind_changes_its_own_fields_and_nothing_that_was_typed(page: Page) -> None:
    page.goto("/connections/new/")
    page.get_by_label("Name", exact=True).fill("Our Azure")
    page.get_by_label("Key", exact=True).fill("sk-typed")
    expect(page.get_by_label("Base URL")).to_have_value("https://api.openai.com/v1")
    page.get_by_label("Kind").select_option("azure")
    expect(page.get_by_label("Base URL")).to_have_value(
        "https://YOUR-RESOURCE.openai.azure.com/openai/v1"
    )
    expect(page.get_by_label("Client secret")).to_be_visible()
    expect(page.get_by_label("Organisation")).to_have_count(0)
    expect(page.get_by_label("Key", exact=True)).to_have_value("sk-typed")
    page.get_by_label("Base URL").fill("https://ours.example/v1")
    page.get_by_label("Kind").select_option("nebius")
    expect(page.get_by_label("Client secret")).to_have_count(0)
    expect(page.get_by_label("Base URL")).to_have_value("https://ours.example/v1")
