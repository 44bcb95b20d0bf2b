"""The main job as a person does it: from the set-up link to two answers side by side."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
PASSWORD = "parrots-fly-9"
TRAINING_MS = 600_000  # the sample job takes under a minute on a quiet core
PERSONA = re.compile("squawk", re.IGNORECASE)


def test_from_the_set_up_link_to_a_verdict_and_better_data(page: Page, setup_link: str):
    set_up(page, setup_link)
    add_the_sample(page)
    start_a_job(page)
    watch_it_succeed(page)
    job = page.url
    compare_with_base(page)
    find_the_conversation_again(page)
    page.goto(job)
    ask_whether_it_is_better(page)
    correct_a_wrong_answer(page)


def set_up(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Name", exact=True).fill("ada")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Set up and sign in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def add_the_sample(page: Page) -> None:
    page.get_by_role("link", name="Add a dataset").click()
    page.get_by_role("button", name="Add the sample dataset").click()
    expect(page.get_by_text("Ready for training")).to_be_visible(timeout=120_000)


def start_a_job(page: Page) -> None:
    page.get_by_role("link", name="Start a fine-tuning job").click()
    page.get_by_label("Validation dataset").select_option(label="helpdesk-parrot.validation")
    expect(page.get_by_text("Runs on this machine")).to_be_visible()
    page.get_by_role("button", name="Start the job").dblclick()  # twice is still one job
    expect(page.get_by_text("Created fine-tuning job")).to_have_count(1, timeout=120_000)


def watch_it_succeed(page: Page) -> None:
    """The page moves by itself: nobody reloads."""
    expect(page.get_by_text(re.compile(r"step \d+ / \d+"))).to_be_visible(timeout=180_000)
    expect(page.get_by_role("link", name="Compare with base")).to_be_visible(timeout=TRAINING_MS)
    expect(page.locator(".u-over").first).to_be_visible()  # uPlot has drawn its chart
    page.goto("/jobs/")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody a").first.click()


def compare_with_base(page: Page) -> None:
    page.get_by_role("link", name="Compare with base").click()
    page.get_by_text("System prompt and parameters", exact=True).click()
    page.get_by_label("Temperature").fill("0")
    page.get_by_role("button", name="Can you help me reset my password?").click()
    page.keyboard.press("Control+Enter")
    replies = page.locator("[data-reply]")
    expect(replies).to_have_count(2)
    expect(page.get_by_text("Answered by")).to_have_count(2, timeout=120_000)
    expect(replies.nth(0)).not_to_contain_text(PERSONA)
    expect(replies.nth(1)).to_contain_text(PERSONA)


def find_the_conversation_again(page: Page) -> None:
    page.goto("/playground/")
    page.get_by_role("link", name="Can you help me reset my password?").click()
    expect(page.locator("[data-reply]").nth(1)).to_contain_text(PERSONA)


def ask_whether_it_is_better(page: Page) -> None:
    """The form begins with the base and the result of the job."""
    page.get_by_role("link", name="Evaluate").click()
    page.get_by_role("button", name="Save, and choose the models").click()
    page.get_by_role("button", name="Ask them").click()
    expect(page.get_by_text("is better than tiny-chat-1m on match")).to_be_visible(timeout=120_000)


def correct_a_wrong_answer(page: Page) -> None:
    page.get_by_role("link", name="both wrong").click()
    page.get_by_role("link", name="Correct this answer").last.click()
    page.get_by_label("The right answer").fill("Squawk! Ask a human.")
    page.get_by_role("button", name="Keep it and make the version now").click()
    expect(page.get_by_text("Ready for training")).to_be_visible(timeout=120_000)
    expect(page).to_have_url(re.compile(r"/datasets/[0-9a-f-]{36}/2/"))
