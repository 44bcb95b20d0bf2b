"""A pytest plugin: Chromium for the journeys, or the reason why there is none."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

# Only a failure waits that long: a busy machine with two cores may need more than the usual five.
PATIENCE_MILLISECONDS = 45_000
# A click that leads to another page does not wait for its scripts, and the next click would come
# before them. No person is so fast: until a page has loaded, the mouse finds nothing on it.
NOT_BEFORE_IT_HAS_LOADED = """{
  const style = () => document.documentElement?.style;
  const hold = () => style()?.setProperty("pointer-events", "none");
  hold();
  document.addEventListener("readystatechange", () => {
    if (document.readyState === "interactive") hold();
  });
  // htmx begins in a timer of its own, which may fire after "load"; timers keep their order.
  addEventListener("load", () => setTimeout(() => style().removeProperty("pointer-events")));
}"""
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
        _be_patient(browser)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, client: Client, live_server: Any) -> Iterator[Page]:
    """Open the owner's browser; scripts that fail or break the policy fail the test."""
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    name = settings.SESSION_COOKIE_NAME
    session = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    context.add_cookies([session])  # type: ignore[list-item]
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if _is_fault(line) else None)
    yield page
    context.close()
    assert faults == []


def _is_fault(line: ConsoleMessage) -> bool:
    """Tell whether something went wrong; a refused form (422) is told as an error too."""
    return line.type == "error" and "422" not in line.text


def _be_patient(browser: Browser) -> None:
    """Let every window that is opened wait for its pages."""
    new_context = browser.new_context

    def patient_context(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.add_init_script(NOT_BEFORE_IT_HAS_LOADED)
        if options.get("java_script_enabled", True):
            context.on("page", _wait_for_scripts)
        return context

    browser.new_context = patient_context  # type: ignore[method-assign]


def _wait_for_scripts(page: Page) -> None:
    """Let no key be pressed before htmx listens: the keyboard does not wait as the mouse does."""
    for name in ("goto", "reload"):
        setattr(page, name, _and_then_a_timer(page, getattr(page, name)))


def _and_then_a_timer(page: Page, go: Callable[..., Any]) -> Callable[..., Any]:
    def gone(*args: Any, **options: Any) -> Any:
        response = go(*args, **options)
        page.evaluate("() => new Promise((done) => setTimeout(done))")
        return response

    return gone
