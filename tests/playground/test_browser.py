"""What only a browser can show: keys, buttons, and model output that stays text."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, expect

from apps.accounts.models import Membership
from apps.playground.models import Reply
from apps.providers.models import Connection
from tests.playground.site import Site, asked
from tests.providers.fake_server import FakeServer

pytestmark = pytest.mark.browser

CHAT = ("POST", "/v1/chat/completions")


@pytest.fixture
def page(browser: Browser, client: Client, connection: Connection, site: Site) -> Iterator[Page]:
    """Open a new conversation as the owner."""
    context = browser.new_context(base_url=site.url)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site.url}])
    context.route("**/static/**", _from_the_build)
    page = context.new_page()
    with page.expect_response("**/models/0/?*"), page.expect_response("**/models/1/?*"):
        page.goto(reverse("playground:create"))
    expect(page.locator("#send")).to_be_enabled()  # htmx holds it while it asks for the models
    yield page
    context.close()


def _from_the_build(route: Route) -> None:
    found = finders.find(route.request.url.split("/static/")[1])
    assert found, route.request.url
    route.fulfill(path=found)


def ask(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Control+Enter")


def test_both_answers_arrive_and_the_composer_is_ready_again(
    page: Page, provider: FakeServer
) -> None:
    ask(page, "Hi")
    texts = page.locator("[data-reply-text]")
    expect(texts).to_have_text(["Hello!", "Hello!"])
    expect(page.get_by_text("Answered by")).to_have_count(2)
    ask(page, "More")
    expect(texts).to_have_text(["Hello!"] * 4)
    expect(page.get_by_label("Your message")).to_have_value("")
    expect(page.get_by_label("Your message")).to_be_focused()
    assert provider.count(*CHAT) == 4


def test_what_is_sent_before_the_models_are_there_is_sent_once_they_are(
    page: Page, provider: FakeServer
) -> None:
    held: list[Route] = []
    page.route("**/playground/models/**", lambda route: held.append(route), times=2)
    with page.expect_request("**/models/0/?*"), page.expect_request("**/models/1/?*"):
        page.reload()
    expect(page.locator("#send")).to_be_disabled()
    models = page.get_by_label("Model", exact=True)
    expect(models.first).to_be_disabled()  # what is chosen now would be gone with the list
    ask(page, "Hi")
    page.keyboard.press("Control+Enter")
    for route in held:
        route.continue_()
    expect(page.locator("[data-reply-text]")).to_have_text(["Hello!", "Hello!"])
    expect(models.first).to_be_enabled()
    assert provider.count(*CHAT) == 2


def test_escape_stops_both_and_a_reload_asks_nobody(page: Page, provider: FakeServer) -> None:
    provider.hold_reply.clear()
    ask(page, "Hi")
    texts = page.locator("[data-reply-text]")
    expect(texts).to_have_text(["Hel", "Hel"])
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped")).to_have_count(2)
    page.reload()
    expect(texts).to_have_text(["Hel", "Hel"])
    assert provider.count(*CHAT) == 2
    assert not Reply.objects.unfinished().exists()


def test_one_column_is_stopped_alone(page: Page, provider: FakeServer) -> None:
    provider.hold_reply.clear()
    ask(page, "Hi")
    expect(page.locator("[data-reply-text]")).to_have_text(["Hel", "Hel"])
    page.get_by_role("button", name="Stop", exact=True).first.click()
    expect(page.get_by_text("Stopped")).to_have_count(1)
    provider.hold_reply.set()
    expect(page.locator("[data-reply-text]")).to_have_text(["Hel", "Hello!"])


def test_what_a_model_writes_is_never_markup(page: Page, provider: FakeServer) -> None:
    provider.reply = ["<img src=x ", "onerror=document.title='gone'>", "<b>bold</b>"]
    ask(page, "Hi")
    expect(page.locator("[data-reply-text]").first).to_have_text("".join(provider.reply))
    assert page.locator("[data-reply-text] *").count() == 0
    assert "gone" not in page.title()


def test_a_refusal_keeps_the_message(page: Page, provider: FakeServer) -> None:
    page.get_by_label("Model", exact=True).first.select_option(label="Another model…")
    ask(page, "Precious words")
    expect(page.get_by_role("alert")).to_have_text("Choose a model for each column.")
    expect(page.get_by_label("Your message")).to_have_value("Precious words")
    page.get_by_label("Model id").first.fill("my-own")
    ask(page, "Precious words")
    expect(page.locator("[data-reply-text]").first).to_have_text("Hello!")


def test_a_stopped_reply_is_tried_again_by_a_press(page: Page, provider: FakeServer) -> None:
    provider.hold_reply.clear()
    ask(page, "Hi")
    expect(page.locator("[data-reply-text]")).to_have_text(["Hel", "Hel"])
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped")).to_have_count(2)
    provider.hold_reply.set()
    page.get_by_role("button", name="Try again").first.click()
    expect(page.locator("[data-reply-text]")).to_have_text(["Hello!", "Hel"])
    expect(page.get_by_role("button", name="Try again")).to_have_count(1)
    assert provider.count(*CHAT) == 3


def test_names_stay_hidden_until_a_key_judges(page: Page, provider: FakeServer) -> None:
    ask(page, "Hi")
    expect(page.locator("[data-reply-text]")).to_have_text(["Hello!"] * 2)
    page.get_by_role("button", name="Hide names").click()
    expect(page.get_by_role("button", name="Show names")).to_be_visible()
    ask(page, "More")
    judged, streamed = (page.locator("[data-turn]").nth(place) for place in range(2))
    expect(streamed.get_by_text("Which answer is better?")).to_be_visible()  # without a reload
    expect(page.get_by_text("Answered by")).to_have_count(0)
    page.get_by_role(
        "heading", level=1
    ).click()  # the arrows belong to the message while it has them
    page.keyboard.press("ArrowUp")
    expect(judged.get_by_text("Your vote: Both are good")).to_be_visible()
    expect(judged.get_by_text("Answered by")).to_have_count(2)
    expect(streamed.get_by_text("Answered by")).to_have_count(0)


def test_three_models_with_their_own_settings_and_a_branch(
    page: Page, provider: FakeServer
) -> None:
    page.locator("[data-shared-settings] > summary").click()
    page.locator("#id_system_prompt").fill("Be kind.")
    page.get_by_role("button", name="Add a column").click()
    third = page.get_by_role("region", name="Column 3")
    third.get_by_label("Own settings").check()
    own = third.get_by_label("System prompt")
    expect(own).to_have_value("Be kind.")  # it begins as a copy
    own.fill("Be rude.")
    third.get_by_label("Model", exact=True).select_option(label="Another model…")
    third.get_by_label("Model id").fill("o3-mini")
    third.get_by_label("Model id").press("Tab")
    expect(third.get_by_role("heading")).to_have_text("o3-mini")
    expect(third.get_by_label("Temperature")).to_be_disabled()
    expect(third.get_by_text("This model does not take it").first).to_be_visible()
    expect(page.locator("#id_temperature")).to_be_enabled()
    page.get_by_role("button", name="Close column 1").click()
    page.get_by_role("button", name="Add a column").click()
    expect(page.locator("[data-column-head]")).to_have_count(3)
    page.get_by_label("Answers per model").select_option("2")
    expect(page.locator("#send")).to_have_text("Send to all 3")
    expect(page.locator("#send")).to_be_enabled()
    ask(page, "Hi")
    texts = page.locator("[data-reply-text]")
    expect(texts).to_have_text(["Hello!"] * 6)
    expect(texts.locator("visible=true")).to_have_count(3)
    page.get_by_role("button", name="Show all 2").first.click()
    expect(texts.locator("visible=true")).to_have_count(4)
    prompts = [asked(request)[0]["content"] for request in provider.requests if request.body]
    assert sorted(prompts) == ["Be kind."] * 4 + ["Be rude."] * 2

    page.get_by_label("Your message").press("ArrowUp")
    expect(page.get_by_label("Your message")).to_have_value("Hi")
    page.get_by_role("button", name="Edit").click()
    edit = page.locator("[data-prompt-edit] textarea")
    expect(edit).to_be_focused()
    edit.press("Escape")
    expect(edit).to_have_count(0)
    page.get_by_role("button", name="Edit").click()
    edit.fill("Ahoy")
    edit.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ahoy")
    expect(page.get_by_role("main").get_by_role("link", name="Hi")).to_be_visible()
    expect(texts).to_have_text(["Hello!"] * 6)
    expect(page.locator("[data-stream]")).to_have_count(0)
    assert provider.count(*CHAT) == 12

    page.get_by_role("button", name="Ask again").locator("visible=true").first.click()
    expect(texts).to_have_text(["Hello!"] * 7)
    expect(page.get_by_role("tab", name="Answer 3")).to_have_attribute("aria-selected", "true")
    expect(page.locator("[data-stream]")).to_have_count(0)
    assert provider.count(*CHAT) == 13


def ask_another_on_the_right(page: Page) -> None:
    page.get_by_label("Model", exact=True).nth(1).select_option(label="Another model…")
    page.get_by_label("Model id").nth(1).fill("tuned")


def test_probabilities_and_differences_are_seen_and_what_is_copied_stays_the_answer(
    page: Page, provider: FakeServer
) -> None:
    ask_another_on_the_right(page)
    provider.says = lambda asked: (
        "The <b>harbour</b> opens at " + ("nine, aye." if asked["model"] == "tuned" else "eight.")
    )
    for summary in ("System prompt and parameters", "Stop sequences, JSON, tools"):
        page.locator("[data-shared-settings] summary", has_text=summary).click()
    page.locator("[name=top_logprobs]").first.fill("3")
    ask(page, "When?")
    expect(page.get_by_text("Answered by")).to_have_count(2)
    page.reload()

    page.get_by_label("Show differences to").select_option("0")
    tuned = page.locator("[data-reply]").nth(1)
    shown = tuned.locator("[data-reply-diff]")
    expect(shown.locator("del")).to_contain_text("eight")
    expect(shown.locator("ins").first).to_contain_text("Added: nine")
    expect(shown).to_contain_text("The <b>harbour</b> opens at")
    assert shown.locator("b").count() == 0
    expect(tuned.locator("[data-reply-text]")).to_have_text(
        "The <b>harbour</b> opens at nine, aye."
    )
    expect(tuned.locator("[data-reply-text]")).to_be_hidden()

    tuned.get_by_role("button", name="Probabilities").click()
    expect(shown).to_be_hidden()
    tokens = tuned.get_by_role("listbox", name="Tokens")
    expect(tokens).to_have_text("The <b>harbour</b> opens at nine, aye.")
    tokens.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    facts = tuned.locator("[data-token-facts]")
    expect(facts).to_contain_text("␣nine,")
    expect(facts).to_contain_text("␣nine,?1")
    expect(facts.locator("li")).to_have_count(3)
    tuned.get_by_role("button", name="Probabilities").click()
    expect(shown).to_be_visible()
    page.get_by_label("Show differences to").select_option("")
    expect(tuned.locator("[data-reply-text]")).to_be_visible()
    expect(shown).to_be_hidden()


def test_a_slow_model_is_waited_for_with_words(page: Page, provider: FakeServer) -> None:
    expect(page.get_by_text("Every column asks the same model")).to_be_visible()
    held: list[Route] = []
    page.route("**/stream/", lambda route: held.append(route))
    page.clock.install()
    ask(page, "Hi")
    expect(page.locator("[data-reply]")).to_have_count(2)
    page.clock.run_for(8_000)
    waiting = page.get_by_text("Waiting for the first word:")
    expect(waiting).to_have_count(2)
    for route in held:
        route.continue_()
    page.clock.run_for(2_000)
    expect(page.locator("[data-reply-text]")).to_have_text(["Hello!"] * 2)
    expect(waiting).to_have_count(0)


def test_equal_answers_are_marked_and_the_code_is_copied(page: Page, provider: FakeServer) -> None:
    ask_another_on_the_right(page)
    ask(page, "Hi")
    expect(page.get_by_text("These two models gave the same text")).to_be_visible()
    page.reload()
    page.get_by_label("Show differences to").select_option("1")
    expect(page.locator("[data-reply-diff]").first).to_contain_text("Identical, letter by letter")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("[data-reply] summary", has_text="Copy as").first.click()
    page.get_by_role("button", name="Python").first.click()
    expect(page.get_by_role("button", name="Copied").first).to_be_visible()
    assert "OpenAI(" in page.evaluate("() => navigator.clipboard.readText()")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="JavaScript").first).to_be_hidden()


def test_what_is_typed_survives_a_reload_until_it_is_sent(page: Page) -> None:
    message = page.get_by_label("Your message")
    message.fill("Half a thought")
    page.locator("summary", has_text="System prompt and parameters").click()
    page.get_by_label("System prompt").first.fill("Be brief.")
    page.reload()
    expect(message).to_have_value("Half a thought")
    expect(page.get_by_label("System prompt").first).to_have_value("Be brief.")
    expect(page.locator("#send")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-reply-text]")).to_have_text(["Hello!", "Hello!"])
    expect(message).to_have_value("")
    message.fill("Another")
    page.goto(reverse("playground:create"))
    expect(message).to_have_value("")
    page.go_back()
    expect(message).to_have_value("Another")


def test_what_one_person_typed_is_not_shown_to_the_next(
    page: Page, site: Site, client_of: Callable[[Membership], Client], editor: Membership
) -> None:
    message, typed = page.get_by_label("Your message"), "() => JSON.stringify(sessionStorage)"
    message.fill("My salary")
    session = client_of(editor).cookies[settings.SESSION_COOKIE_NAME].value
    mine = page.context.cookies()
    theirs = [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site.url}]
    page.context.add_cookies(theirs)
    page.reload()
    expect(message).to_have_value("")
    page.context.add_cookies(mine)
    page.reload()
    expect(message).to_have_value("My salary")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/**")
    assert "My salary" not in page.evaluate(typed)


def test_who_reads_the_end_stays_there_when_the_answers_are_whole(
    page: Page, provider: FakeServer
) -> None:
    page.set_viewport_size({"width": 1000, "height": 500})
    provider.reply = ["Words. "] * 60
    for answers in (2, 4):
        ask(page, "Hi")
        expect(page.get_by_text("Answered by")).to_have_count(answers)
    below = "() => document.documentElement.scrollHeight - innerHeight - scrollY"
    assert page.evaluate(below) < 2
