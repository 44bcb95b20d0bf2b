"""The door: name and password, slowed down for guessers, and out again."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership, User
from tests.factories import make_membership, make_user

SIGN_IN = reverse("accounts:sign_in")
RIGHT = "correct horse"


@pytest.fixture
def person(db):
    return make_membership(user=make_user(username="ada", password=RIGHT)).user


def try_to(browser: Client, password: str = RIGHT, username: str = "ada", **fields: str):
    return browser.post(SIGN_IN, {"username": username, "password": password, **fields})


def test_the_right_password_opens_the_overview(person):
    response = try_to(Client())
    assert (response.status_code, response.url) == (302, reverse("home:overview"))


def test_a_wrong_password_says_so_without_saying_which(person):
    for response in (try_to(Client(), "wrong"), try_to(Client(), username="nobody")):
        assert response.status_code == 422
        assert "Name or password is wrong" in response.content.decode()


def test_the_person_goes_where_they_wanted_to_go(person):
    browser = Client()
    wanted = reverse("providers:list")
    asked = browser.get(wanted)
    assert f'name="next" value="{wanted}"' in browser.get(asked.url).content.decode()
    assert try_to(browser, next=wanted).url == wanted


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.test/",
        "//evil.test/",
        "///evil.test",
        "\\\\evil.test",
        "/\\evil.test",
        "javascript:alert(1)",
        "http:evil.test",
        "https://testserver.evil.test/",
        "https://testserver@evil.test/",
        "evil",
        "evil:page",
    ],
)
def test_a_link_cannot_send_people_elsewhere(person, elsewhere):
    assert try_to(Client(), next=elsewhere).url == reverse("home:overview")
    page = Client().get(SIGN_IN, {"next": elsewhere}).content.decode()
    assert "evil" not in page


def test_guessing_one_name_is_slowed_down_even_from_many_addresses(person):
    statuses = [
        Client(REMOTE_ADDR=f"198.51.100.{number}").post(
            SIGN_IN, {"username": "ADA", "password": "wrong"}
        )
        for number in range(1, 12)
    ]
    assert [response.status_code for response in statuses[:10]] == [422] * 10
    refused = statuses[-1]
    assert refused.status_code == 429
    assert "Too many tries" in refused.content.decode()
    assert try_to(Client()).status_code == 429  # the right password is not even looked at


def test_guessing_many_names_from_one_address_is_slowed_down(db):
    statuses = [try_to(Client(), username=f"name-{n}").status_code for n in range(21)]
    assert (statuses[0], statuses[-1]) == (422, 429)


def test_whoever_is_signed_in_is_sent_on(client):
    assert client.get(SIGN_IN).url == reverse("home:overview")


def test_a_name_that_no_database_takes_is_a_wrong_name(db):
    assert try_to(Client(), username="a\x00b").status_code == 422


def test_signing_out_ends_the_session(client):
    assert client.post(reverse("accounts:sign_out")).url == SIGN_IN
    assert client.get(reverse("accounts:account")).status_code == 302


def test_a_picture_cannot_sign_anybody_out(client):
    assert client.get(reverse("accounts:sign_out")).status_code == 405


def test_signing_in_needs_the_form_of_this_site(person):
    assert try_to(Client(enforce_csrf_checks=True)).status_code == 403


def test_before_set_up_the_page_says_where_the_link_is(db):
    assert "set-up link" in Client().get(SIGN_IN).content.decode()


def test_nobody_can_register(db):
    for path in ("/register/", "/sign-up/", "/accounts/signup/"):
        assert Client().get(path).status_code in {302, 404}


def test_who_is_no_longer_active_is_out_at_once(client: Client, owner: Membership) -> None:
    User.objects.filter(pk=owner.user_id).update(is_active=False)
    assert client.get("/").headers["Location"].startswith("/sign-in/")


def test_who_is_no_longer_a_member_finds_nothing(client: Client, owner: Membership) -> None:
    owner.delete()
    assert client.get("/").status_code == 404


def test_who_is_signed_in_stays_so_when_redis_is_away(person, settings):
    browser = Client()
    browser.force_login(person)
    nowhere = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": nowhere}
    assert browser.get(reverse("playground:list")).status_code == 200


def test_a_session_that_has_ended_opens_nothing(person):
    browser = Client()
    browser.force_login(person)
    page = reverse("playground:list")
    assert browser.get(page).status_code == 200
    Session.objects.update(expire_date=timezone.now())
    assert browser.get(page).url.startswith(SIGN_IN)


def test_a_cookie_that_no_database_can_hold_is_nobody(client):
    client.cookies["sessionid"] = "abcdefgh\0x"  # browsers write it as \000
    assert client.get(reverse("playground:list")).status_code == 302
