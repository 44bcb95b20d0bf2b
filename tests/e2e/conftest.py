"""A page of a whole, running Retune."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.checkout import Copy


@pytest.fixture
def page(browser: Browser, retune: Copy) -> Iterator[Page]:
    """Open a page; scripts that fail or break the policy fail the test."""
    context = browser.new_context(base_url=retune.address, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.extend(_broken_policy(message)))
    yield page
    context.close()
    assert not faults, faults


@pytest.fixture
def setup_link(retune: Copy) -> str:
    """The one-time link that the first start printed."""
    retune.wait_for("/setup/", retune.started)
    found = re.search(r"http://\S+/setup/\S+", retune.output())
    assert found, retune.output()
    return found.group()


def _broken_policy(message: ConsoleMessage) -> list[str]:
    return [message.text] if "Content Security Policy" in message.text else []
