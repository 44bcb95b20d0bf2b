"""Take a picture of every page of a running Retune, for the documentation.

    python docs/screenshots.py http://127.0.0.1:8000 --username ada < password.txt

What is on the pictures is what that installation holds: add the sample dataset, train on it and
compare the models first. Every page is taken light, dark and on a phone.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent / "screenshots"
SETTLE_MILLISECONDS = 800  # charts, and the first update of live parts

DESKTOP = {"width": 1280, "height": 800}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESKTOP, "color_scheme": "light"},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
PAGES = {
    "overview": "/",
    "datasets": "/datasets/",
    "jobs": "/jobs/",
    "job-new": "/jobs/new/",
    "playground": "/playground/",
    "playground-new": "/playground/new/",
    "connections": "/connections/",
    "connection-new": "/connections/new/",
    "account": "/account/",
}
# The page of one thing is behind the first link of its list.
DETAILS = {
    "dataset": "/datasets/",
    "job": "/jobs/",
    "conversation": "/playground/",
    "connection": "/connections/",
}
AN_ID = 'a[href^="{prefix}"][href$="/"]:not([href$="/new/"]):not([href="{prefix}"])'


def main() -> None:
    """Sign in once, then take every page in every look."""
    options = _options()
    password = sys.stdin.readline().rstrip("\n")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium or None)
        session = _signed_in(browser, options.address, options.username, password)
        for look, settings in LOOKS.items():
            _take_sign_in(browser, look, settings, options.address)
            context = browser.new_context(
                base_url=options.address, storage_state=session, **settings
            )
            _take_pages(context.new_page(), look)
            context.close()
        browser.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="where Retune runs, such as http://127.0.0.1:8000")
    parser.add_argument("--username", required=True, help="the password is read from stdin")
    parser.add_argument("--chromium", default="", help="a Chromium other than Playwright's own")
    return parser.parse_args()


def _signed_in(browser: Browser, address: str, username: str, password: str) -> Any:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_selector("#navigation", state="attached")
    return context.storage_state()


def _take_sign_in(browser: Browser, look: str, settings: dict[str, Any], address: str) -> None:
    context = browser.new_context(base_url=address, **settings)
    _take(context.new_page(), "/sign-in/", f"sign-in-{look}")
    context.close()


def _take_pages(page: Page, look: str) -> None:
    for name, path in PAGES.items():
        _take(page, path, f"{name}-{look}")
    for name, list_path in DETAILS.items():
        page.goto(list_path)
        link = page.locator(AN_ID.format(prefix=list_path)).first
        if link.count():
            _take(page, link.get_attribute("href") or list_path, f"{name}-{look}")
        else:
            print(f"No {name} to take a picture of.")


def _take(page: Page, path: str, name: str) -> None:
    page.goto(path)
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    page.screenshot(path=FOLDER / f"{name}.png")
    too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if too_wide > 0:
        print(f"{name} is {too_wide} px wider than the window.")


if __name__ == "__main__":
    main()
