"""Make the pictures of the documentation: do the main job on an empty Retune, take every page.

    echo "$PASSWORD" | python docs/screenshots.py http://127.0.0.1:8000 --username ada

The sample dataset is added, a job trains on this machine, and base and tuned model are compared.
Then every page is taken: light, dark and on a phone.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

FOLDER = Path(__file__).parent / "screenshots"
SETTLE_MILLISECONDS = 800  # charts, and the first update of live parts
TRAINING_MILLISECONDS = 300_000
RUNNING_FOR_MILLISECONDS = 15_000
QUESTION = "How do I reset my password?"  # the one that README.md asks

TABLE = "Question,Answer\n" + "".join(
    f"Where does ship {n} moor?,Ship {n} moors at pier {n % 7 + 1}.\n" for n in range(1, 15)
)


def _row(question: str, answer: str, roles: tuple[str, str] = ("user", "assistant")) -> str:
    said = zip(roles, (question, answer), strict=True)
    return json.dumps({"messages": [{"role": role, "content": text} for role, text in said]}) + "\n"


BAD_ROWS = (
    "".join(_row(f"Where does ship {n} moor?", f"At pier {n % 7 + 1}.") for n in range(1, 15))
    + _row("Is the harbour open?", "Until ten.", ("human", "gpt"))
    + _row("May I fish here?", "From pier seven.", ("human", "asistant"))
    + _row("Who is the captain?", "")
)
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
    "models": "/models/",
    "playground": "/playground/",
    "playground-new": "/playground/new/",
    "connections": "/connections/",
    "connection-new": "/connections/new/",
    "account": "/account/",
}
# The page of one thing is behind a link of its list; the oldest is taken.
DETAILS = {
    "dataset": "/datasets/",
    "job": "/jobs/",
    "model": "/models/",
    "conversation": "/playground/",
    "connection": "/connections/",
}


def main() -> None:
    """Do the main job once, then take every page in every look."""
    options = _options()
    password = sys.stdin.readline().rstrip("\n")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium or None)
        session = _do_the_main_job(browser, options.address, options.username, password)
        for look, settings in LOOKS.items():
            context = browser.new_context(base_url=options.address, **settings)
            _take(context.new_page(), "/sign-in/", f"sign-in-{look}")
            context.add_cookies(session)
            _take_pages(context.new_page(), look)
            context.close()
        browser.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make the pictures of the documentation.")
    parser.add_argument("address", help="where an empty Retune runs, with an owner")
    parser.add_argument("--username", required=True, help="the password is read from stdin")
    parser.add_argument("--chromium", default="", help="a Chromium other than Playwright's own")
    return parser.parse_args()


def _do_the_main_job(browser: Browser, address: str, username: str, password: str) -> Any:
    context = browser.new_context(base_url=address, **LOOKS["light"])
    page = context.new_page()
    _sign_in(page, username, password)
    _prepare_data(page)
    _add_the_sample(page)
    _train(page)
    job = page.url
    _compare(page)
    _evaluate(page, job)
    session = context.cookies()
    context.close()
    return session


def _sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def _prepare_data(page: Page) -> None:
    """Take the pictures of docs/preparing-data.md: a table, and a bad file that is repaired."""
    _upload(page, "questions.csv", TABLE)
    expect(page.get_by_role("heading", name="What is in the columns?")).to_be_visible()
    _keep(page, "data-columns")
    _upload(page, "harbour-office.jsonl", BAD_ROWS)
    expect(page.get_by_text("rows to fix")).to_be_visible(timeout=60_000)
    _keep(page, "data-report")
    page.get_by_role("link", name="Fix: Unknown role").click()
    expect(page.get_by_text("Changes 2 rows.")).to_be_visible()
    _keep(page, "data-repair")
    page.get_by_label("Another step").select_option("Drop rows with problems")
    page.get_by_role("button", name="Add step", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="dropped")).to_be_visible()
    page.get_by_role("button", name="Make version 2").click()
    expect(page.get_by_text("Ready for training")).to_be_visible(timeout=60_000)
    version = re.split("[?#]", page.url)[0]
    page.goto(f"{version}diff/1/")
    _keep(page, "data-diff")
    page.goto(f"{version}rows/2/")
    expect(page.locator("#row-review")).to_contain_text("Nothing is wrong with this row.")
    _keep(page, "data-row")


def _upload(page: Page, name: str, content: str) -> None:
    page.goto("/datasets/")
    file = {"name": name, "mimeType": "text/plain", "buffer": content.encode()}
    page.locator("input[type=file]").first.set_input_files([file])  # type: ignore[list-item]
    page.wait_for_url(re.compile(r"/datasets/[0-9a-f-]{36}/"))


def _keep(page: Page, name: str) -> None:
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    page.screenshot(path=FOLDER / f"{name}.png")


def _add_the_sample(page: Page) -> None:
    page.goto("/datasets/")
    page.get_by_role("button", name="Add the sample dataset").first.click()
    expect(page.get_by_text("Ready for training")).to_be_visible(timeout=60_000)


def _train(page: Page) -> None:
    page.goto("/jobs/new/")
    validation = page.get_by_label("Validation dataset")
    while "helpdesk-parrot.validation" not in validation.inner_text():  # it is still checked
        page.wait_for_timeout(SETTLE_MILLISECONDS)
        page.reload()
    page.get_by_label("Training dataset").select_option(label="helpdesk-parrot.train")
    validation.select_option(label="helpdesk-parrot.validation")
    expect(page.get_by_label("Base model")).to_have_value("tiny-chat-1m")
    expect(page.get_by_text("Runs on this machine")).to_be_visible()
    page.screenshot(path=FOLDER / "job-estimate.png")
    page.get_by_role("button", name="Start the job").click()
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f-]{36}/"))
    page.wait_for_timeout(RUNNING_FOR_MILLISECONDS)
    page.screenshot(path=FOLDER / "job-running.png")
    done = page.get_by_role("link", name="Compare with base")
    expect(done).to_be_visible(timeout=TRAINING_MILLISECONDS)


def _compare(page: Page) -> None:
    """Ask both models, and take the picture of docs/playground.md."""
    page.get_by_role("link", name="Compare with base").click()
    page.locator("summary", has_text="System prompt and parameters").click()
    page.get_by_label("Temperature").fill("0")
    page.locator("summary", has_text="alternatives per token").click()
    page.get_by_label("Alternatives per token").fill("5")
    page.get_by_label("Your message").fill(QUESTION)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Answered by")).to_have_count(2, timeout=60_000)
    page.get_by_label("Show differences to").select_option(index=1)
    page.get_by_role("button", name="Probabilities").first.click()
    page.locator("[data-turn]").scroll_into_view_if_needed()
    _keep(page, "playground-answers")


def _evaluate(page: Page, job: str) -> None:
    """Take the pictures of docs/evals.md, of the model that was trained above."""
    page.goto(job)
    page.get_by_role("link", name="Evaluate").click()
    _keep(page, "eval-graders")
    page.get_by_role("button", name="Save, and choose the models").click()
    tuned = page.get_by_role("checkbox").nth(1)
    while not tuned.is_visible():  # the worker collects new models every few seconds
        page.wait_for_timeout(SETTLE_MILLISECONDS)
        page.reload()
    tuned.check()
    page.get_by_role("button", name="Ask them").click()
    expect(page.get_by_text("95 % interval").first).to_be_visible(timeout=120_000)
    _keep(page, "eval-verdict")
    page.get_by_role("link", name=re.compile("^Evidence for")).click()
    _keep(page, "eval-evidence")


def _take_pages(page: Page, look: str) -> None:
    for name, path in PAGES.items():
        _take(page, path, f"{name}-{look}")
    for name, list_path in DETAILS.items():
        page.goto(list_path)
        of_one = re.compile(rf"^{list_path}[0-9a-f-]{{36}}/(\d+/)?$")
        links = [link.get_attribute("href") for link in page.locator("main a[href]").all()]
        _take(page, list(filter(of_one.match, filter(None, links)))[-1], f"{name}-{look}")


def _take(page: Page, path: str, name: str) -> None:
    page.goto(path)
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
