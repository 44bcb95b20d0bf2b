"""A pytest plugin: Chromium for the journeys, or the reason why there is none."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

# Only a failure waits that long: a busy machine with two cores may need more than the usual five.
PATIENCE_MILLISECONDS = 20_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once. Its tests run in a process of their own (`-m browser`)."""
    if reason := os.environ.get("RETUNE_BROWSER_SKIP_REASON"):
        pytest.skip(reason)
    # Playwright keeps an event loop in this thread, where Django makes no rows unless told to.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
