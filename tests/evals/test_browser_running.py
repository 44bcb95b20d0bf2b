"""What only a browser can show of runs: the estimate follows the form, and arrow keys vote."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Route, expect

from apps.accounts.models import Membership
from apps.evals.models import HumanVote
from apps.providers.models import Connection
from tests.evals.asked import TUNED, make_suite
from tests.evals.results import make_results
from tests.factories import make_connection, make_tuned_model

pytestmark = pytest.mark.browser


@pytest.fixture
def connection(transactional_db: None, owner: Membership) -> Connection:
    return make_connection(
        workspace=owner.workspace, profile="openai", base_url="http://127.0.0.1:1/v1"
    )


def hold(route: Route, held: list[Route]) -> None:
    """Let the page pass, and keep what it asks for by itself."""
    if "hx-request" in route.request.headers:
        held.append(route)
    else:
        route.continue_()


def test_the_estimate_follows_the_form(page, owner, connection):
    shared = {"workspace": owner.workspace, "connection": connection}
    make_tuned_model(**shared, name=TUNED, base_model="gpt-4o-2024-08-06")
    suite = make_suite(owner.workspace, [{"kind": "exact"}], count=10)
    address = reverse("evals:run_create", args=[suite.public_id])
    held: list[Route] = []
    page.route(f"**{address}*", lambda route: hold(route, held))
    page.goto(address)
    estimate = page.locator("[aria-live=polite]", has_text="Choose the models")
    expect(estimate).to_be_visible()
    page.get_by_label(TUNED).check()  # while the connections are asked for their models
    held.pop().continue_()
    expect(page.get_by_text("The connections are asked")).to_have_count(0)
    expect(page.get_by_text(re.compile(r"^\s*20 answers\s+·\s+at most \$"))).to_be_visible()
    page.get_by_label("Answers to each question").fill("3")
    page.get_by_label("Longest answer").focus()
    expect(page.get_by_text(re.compile(r"^\s*60 answers\s+·\s+at most \$"))).to_be_visible()
    expect(page.get_by_label(TUNED)).to_be_checked()


def test_arrow_keys_vote_and_a_vote_can_be_taken_back(page, owner, connection):
    run = make_results(
        workspace=owner.workspace,
        connection=connection,
        told=[[None, None], [None, None]],
        graders=[{"kind": "human"}],
        is_judged=False,
    )
    page.goto(reverse("evals:review", args=[run.public_id]))
    first = page.locator("section[aria-labelledby=answer] p").inner_text()
    page.keyboard.press("ArrowUp")
    expect(page.locator("section[aria-labelledby=answer] p")).not_to_have_text(first)
    expect(page.get_by_text("You have judged 0 of 4 answers.")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("You have judged 1 of 4 answers.")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("You have judged 2 of 4 answers.")).to_be_visible()
    page.get_by_role("button", name="Take back my last vote").click()
    expect(page.get_by_text("You have judged 1 of 4 answers.")).to_be_visible()
    assert [vote.passed for vote in HumanVote.objects.all()] == [True]
    for said in ("Wrong", "Wrong", "Right"):
        page.get_by_role("button", name=said).click()
        page.wait_for_load_state()
    expect(page.get_by_text("You have judged everything.")).to_be_visible()
    page.get_by_role("link", name="See the verdict").click()
    expect(page.get_by_role("heading", name="What people say")).to_be_visible()
