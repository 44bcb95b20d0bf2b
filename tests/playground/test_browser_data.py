"""From data to the playground and back, in a browser: rows that are asked, answers put right."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from apps.accounts.models import Membership
from apps.datasets import tasks
from apps.datasets.models import Version
from apps.evals.models import Run, SavedCase
from apps.playground.models import Turn
from apps.providers.models import Connection
from tests.datasets import test_browser
from tests.datasets.test_browser import in_a_worker
from tests.evals.results import make_results
from tests.factories import chat_row, make_job, make_tuned_model, make_version
from tests.playground import test_browser as playground

pytestmark = pytest.mark.browser
page = playground.page
address, open_context = test_browser.address, test_browser.open_context

TOOL = {"type": "function", "function": {"name": "tide_table"}}
ROWS = [("Where is the ferry?", "Gone."), ("When does it leave?", "Hello!")]


def a_version(owner: Membership, name: str, *rows: tuple[str, str], **first: object) -> Version:
    """Give the first row these keys too."""
    made = [chat_row(*row) | (first if not place else {}) for place, row in enumerate(rows)]
    content = b"".join(json.dumps(row).encode() + b"\n" for row in made)
    return make_version(workspace=owner.workspace, name=name, content=content)


def test_a_row_is_found_asked_and_saved_as_a_test_case(page: Page, owner: Membership) -> None:
    version = a_version(owner, "Harbour", *ROWS, tools=[TOOL])
    page.get_by_role("button", name="From a dataset…").click()
    dialog = page.locator("#rows")
    dialog.get_by_label("Search in the rows").fill("leave")
    expect(dialog.get_by_role("button", name="Use row 1")).to_have_count(0)
    dialog.get_by_role("button", name="Use row 2").click()
    expect(dialog).to_be_hidden()
    message = page.get_by_label("Your message")
    expect(message).to_have_value("When does it leave?")
    page.get_by_role("button", name="Previous row").click()
    expect(message).to_have_value("Where is the ferry?")
    expect(page.locator("[name=tools]")).to_have_value(re.compile("tide_table"))
    page.get_by_role("button", name="Next row").click()
    expect(message).to_have_value("When does it leave?")
    tools = page.locator("[name=tools]")
    expect(tools).to_have_value("")  # the first row has some, this one has none
    page.get_by_role("button", name="Send to both").click()
    expect(page.locator("[data-reply-text]")).to_have_text(["Hello!", "Hello!"])
    expect(page.get_by_text("As expected", exact=True)).to_have_count(2)
    turn = Turn.objects.get()
    assert (turn.data, turn.row, turn.expected) == (version, 2, "Hello!")
    assert turn.conversation.system_prompt == "You are kind."
    page.get_by_text("Improve…").first.click()
    page.get_by_role("link", name="Save as test case").first.click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#reply-dialog")).to_be_hidden()
    page.get_by_text("Improve…").last.click()
    page.get_by_role("link", name="Save as test case").last.click()
    page.get_by_label("Collection").fill("Ferries")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Ferries")).to_be_visible()
    page.get_by_role("button", name="Close").last.click()
    case = SavedCase.objects.get()
    assert (case.collection, case.expected) == ("Ferries", "Hello!")
    # The next row goes on in the same conversation, and nothing of the last one is sent with it.
    page.get_by_role("button", name="Previous row").click()
    expect(message).to_have_value("Where is the ferry?")
    page.get_by_role("button", name="Send to both").click()
    expect(page.locator("[data-reply-text]")).to_have_count(4)
    assert Turn.objects.filter(row=1, is_fresh=True).count() == 1


@pytest.fixture
def run(owner: Membership, connection: Connection, transactional_db: None) -> Run:
    """A job's model, measured: it broke one of the questions that its base had right."""
    training = a_version(owner, "Training", ("Question 2?", "Never."), *ROWS)
    job = make_job(
        workspace=owner.workspace,
        connection=connection,
        training_data=training,
        status="succeeded",
        finished_at=timezone.now(),
        fine_tuned_model="tuned",
    )
    make_tuned_model(workspace=owner.workspace, connection=connection, job=job, name="tuned")
    with ThreadPoolExecutor(1) as thread:  # the browser runs an event loop in this one
        return thread.submit(_results, owner, connection).result()


def _results(owner: Membership, connection: Connection) -> Run:
    told = [[True, True, False], [True, False, False]]
    run = make_results(workspace=owner.workspace, connection=connection, told=told)
    connections.close_all()
    return run


@pytest.fixture
def window(open_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """Scripts that fail or break the policy fail the test."""
    window = open_context(viewport={"width": 1280, "height": 900}).new_page()
    faults: list[str] = []
    window.on("pageerror", lambda error: faults.append(str(error)))
    window.on("console", lambda line: faults.append(line.text) if "Policy" in line.text else None)
    yield window
    window.wait_for_load_state("networkidle")
    assert faults == []


def test_from_a_verdict_to_the_next_version_of_the_training_data(window: Page, run: Run) -> None:
    window.goto(run.get_absolute_url())
    window.get_by_role("link", name="Broken").first.click()
    window.get_by_role("link", name="Question 2").first.click()
    window.get_by_role("link", name="Nearest training rows").last.click()
    near = window.get_by_role("article", name="Row 1")
    near.get_by_role("button", name="Leave row 1 out").first.click()
    expect(window.get_by_role("button", name="Put row 1 back").first).to_be_visible()
    window.get_by_role("link", name="Back", exact=True).click()
    window.get_by_role("link", name="Correct this answer").last.click()
    answer = window.get_by_label("The right answer")
    expect(answer).to_have_value("Answer 2.")
    expect(window.get_by_text("which this eval asks")).to_be_visible()
    answer.fill("Answer two.")
    window.get_by_role("button", name="Keep this correction").click()
    expect(window.get_by_text("1 row left out · 1 row added")).to_be_visible()
    window.get_by_role("button", name="Make version 2").click()
    expect(window.get_by_text("Version 2 is being made.")).to_be_visible()
    in_a_worker(tasks.check_due_versions)
    made = Version.objects.get(dataset__name="Training", number=2)
    assert (made.status, made.row_count, made.parent.number) == ("ready", 3, 1)
    rows = [json.loads(line) for line in made.path.read_bytes().splitlines()]
    question, right = rows[-1]["messages"]
    assert (question["content"], right["content"]) == ("Question 2?", "Answer two.")
    window.goto(made.get_absolute_url())
    expect(window.get_by_text("Ready").first).to_be_visible()
