"""The frame around every page, in Chromium: colours, navigation, and a line that breaks."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect

pytestmark = pytest.mark.browser

ASKS_AGAIN_MILLISECONDS = 16_000


@pytest.fixture
def page(
    transactional_db: None, browser: Browser, live_server: Any, client: Client
) -> Iterator[Page]:
    """Open the first page as the owner, with a clock that the test moves."""
    context = browser.new_context(base_url=live_server.url, color_scheme="light")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.clock.install()
    page.goto("/")
    yield page
    context.close()


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


def test_the_colours_change_at_once_and_stay(page: Page) -> None:
    light = ground(page)
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="Dark").click()
    dark = ground(page)
    assert dark != light
    page.reload()
    assert ground(page) == dark
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


def test_the_navigation_of_a_phone_opens_and_closes_by_the_keyboard(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    navigation = page.get_by_role("navigation", name="Pages")
    expect(navigation).to_be_hidden()
    page.get_by_role("button", name="Open the navigation").focus()
    page.keyboard.press("Enter")
    expect(navigation).to_be_visible()
    page.keyboard.press("Escape")
    expect(navigation).to_be_hidden()
    expect(page.get_by_role("button", name="Open the navigation")).to_be_focused()


def test_the_keyboard_comes_to_the_content_without_passing_the_navigation(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_lost_line_is_said_once_and_taken_back(page: Page) -> None:
    words = page.get_by_text("Retune cannot be reached right now")
    page.route("**/*", _refuse_partials)
    for _ in range(2):
        page.clock.run_for(ASKS_AGAIN_MILLISECONDS)
    expect(words).to_have_count(1)
    page.unroute("**/*")
    page.clock.run_for(ASKS_AGAIN_MILLISECONDS)
    expect(words).to_have_count(0)


def test_a_fault_of_the_server_leaves_the_page_as_it_was(page: Page) -> None:
    page.route("**/*", _fail_partials)
    page.clock.run_for(ASKS_AGAIN_MILLISECONDS)
    expect(page.get_by_text("Retune cannot be reached right now")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


def test_a_page_whose_session_ended_goes_to_sign_in_by_itself(page: Page) -> None:
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.clock.run_for(ASKS_AGAIN_MILLISECONDS)
    expect(page).to_have_url(re.compile("/sign-in/"))  # two parts may lead there at once


def _is_partial(route: Route) -> bool:
    return "hx-request" in route.request.headers


def _refuse_partials(route: Route) -> None:
    if _is_partial(route):
        route.abort()
    else:
        route.continue_()


def _fail_partials(route: Route) -> None:
    if _is_partial(route):
        route.fulfill(status=500, body="<h1>Broken</h1>")
    else:
        route.continue_()
