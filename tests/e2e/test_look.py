"""Every page can be read: in both themes, on a phone, in Chinese, with a screen reader."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext

from apps.accounts.models import Membership
from tests.every_page import every_page

pytestmark = pytest.mark.browser

FAULTS = (Path(__file__).parent / "look.js").read_text()
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "phone": {"color_scheme": "light", "viewport": {"width": 360, "height": 740}},
    "chinese": {"locale": "zh-CN", "viewport": {"width": 360, "height": 740}},
}


@pytest.fixture
def paths(transactional_db: None, client: Client, owner: Membership) -> dict[str, str]:
    return every_page(client, owner)


@pytest.fixture(params=LOOKS)
def window(
    request: pytest.FixtureRequest, browser: Browser, live_server: Any, client: Client
) -> Iterator[BrowserContext]:
    """Open the owner's browser in one of the looks, without movement."""
    context = browser.new_context(
        base_url=live_server.url, reduced_motion="reduce", **LOOKS[request.param]
    )
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    yield context
    context.close()


def test_every_page_can_be_read(paths: dict[str, str], window: BrowserContext) -> None:
    page = window.new_page()
    faults = {}
    for name, path in paths.items():
        page.goto(path)
        faults[name] = page.evaluate(FAULTS)
    assert {name: found for name, found in faults.items() if found} == {}
