"""The first start: in the browser with a link that works once, or without a browser."""

import re
import threading
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts import services as accounts
from apps.accounts.models import ApiToken, Membership, Role, SetupLink, User
from apps.accounts.tokens import aauthenticate
from apps.providers import keys
from apps.providers.models import Connection
from tests.factories import make_membership

PERSON = {
    "username": "ada",
    "email": "ada@example.com",
    "password": "correct horse battery",
    "password_again": "correct horse battery",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def link() -> str:
    raw = accounts.issue_setup_link()
    assert raw
    return reverse("home:setup", args=[raw])


def test_the_link_makes_owner_workspace_and_engine_and_signs_in(link, settings):
    browser = Client()
    assert b"Set up and sign in" in browser.get(link).content
    response = browser.post(link, PERSON)
    assert (response.status_code, response.url) == (302, reverse("home:overview"))
    owner = Membership.objects.select_related("user", "workspace").get()
    assert (owner.user.username, owner.user.email, owner.role) == (
        "ada",
        "ada@example.com",
        Role.OWNER,
    )
    assert int(browser.session["_auth_user_id"]) == owner.user.pk
    engine = Connection.objects.get(workspace=owner.workspace)
    assert (engine.profile, engine.address) == ("engine", settings.ENGINE_URL)


def test_the_engine_connection_carries_a_token_that_the_engine_takes(link):
    Client().post(link, PERSON)
    engine = Connection.objects.get()
    raw = keys.decrypt(engine.encrypted_key, base_url=engine.base_url)
    token = async_to_sync(aauthenticate)(raw)
    assert token
    assert token.workspace == engine.workspace


def test_an_e_mail_address_is_optional(link):
    response = Client().post(link, {**PERSON, "email": ""})
    assert response.status_code == 302


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"username": ""}, "This field is required"),
        ({"username": "two words"}, "Enter a valid username"),
        ({"password": "short", "password_again": "short"}, "too short"),
        ({"password": "ada@example.com", "password_again": "ada@example.com"}, "too similar"),
        ({"password_again": "something else"}, "not the same"),
        ({"email": "nobody"}, "valid email"),
    ],
)
def test_a_refused_form_says_why_and_leaves_the_link_open(link, change, words):
    browser = Client()
    response = browser.post(link, {**PERSON, **change})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not User.objects.exists()
    assert browser.post(link, PERSON).status_code == 302


def test_a_used_link_says_so(link):
    Client().post(link, PERSON)
    for response in (Client().get(link), Client().post(link, {**PERSON, "username": "eve"})):
        assert response.status_code == 410
        assert "has an owner already" in response.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize("unknown", ["x", "ünknown", "a" * 500])
def test_an_unknown_link_says_how_to_get_a_new_one(unknown):
    response = Client().post(reverse("home:setup", args=[unknown]), PERSON)
    assert response.status_code == 410
    assert "setup_link" in response.content.decode()
    assert not User.objects.exists()


def test_a_link_ends_after_a_day(link):
    SetupLink.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert Client().post(link, PERSON).status_code == 410
    assert not User.objects.exists()


def test_a_link_is_taken_once():
    raw = accounts.issue_setup_link()
    assert [accounts.use_setup_link(raw), accounts.use_setup_link(raw)] == [True, False]


def test_a_newer_link_ends_the_older_one(link):
    accounts.issue_setup_link()
    assert Client().get(link).status_code == 410


def test_guessing_links_is_slowed_down():
    guess = reverse("home:setup", args=["guess"])
    statuses = [Client().get(guess).status_code for _ in range(25)]
    assert statuses[0] == 410
    assert statuses[-1] == 429


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_press_at_once_one_becomes_the_owner(link):
    answers = _at_once(lambda name: Client().post(link, {**PERSON, "username": name}))
    assert sorted(answers) == [302, 410]
    assert Membership.objects.count() == User.objects.count() == 1
    assert Connection.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_command_and_the_link_at_once_still_make_one_owner():
    def create(name: str) -> Any:
        try:
            return accounts.create_owner(username=name, password=PERSON["password"])
        except accounts.OwnerExists:
            return None

    _at_once(create)
    assert Membership.objects.count() == User.objects.count() == 1


def test_the_command_sets_up_without_a_browser(monkeypatch):
    assert "ada is the owner now" in _createowner(monkeypatch, "ada", "correct horse battery\n")
    assert Connection.objects.get().is_engine
    assert Client().login(username="ada", password="correct horse battery")


def test_the_command_run_again_changes_nothing(monkeypatch):
    _createowner(monkeypatch, "ada", "correct horse battery\n")
    assert "already" in _createowner(monkeypatch, "ada", "another long password\n")
    assert Client().login(username="ada", password="correct horse battery")
    assert ApiToken.objects.count() == Connection.objects.count() == 1


def test_the_command_makes_no_second_owner(monkeypatch):
    _createowner(monkeypatch, "ada", "correct horse battery\n")
    with pytest.raises(CommandError, match="already has an owner"):
        _createowner(monkeypatch, "eve", "correct horse battery\n")


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [
        ("ada", "short\n", "too short"),
        ("ada", "", "too short"),
        ("a b", "long enough 42\n", "valid"),
    ],
)
def test_the_command_says_what_is_wrong(monkeypatch, name, password, words):
    with pytest.raises(CommandError, match=words):
        _createowner(monkeypatch, name, password)
    assert not User.objects.exists()


def test_setup_link_prints_one_line_that_opens(settings):
    settings.PUBLIC_URL = "http://testserver"
    printed = _output("setup_link")
    assert re.fullmatch(r"http://testserver/setup/[\w-]{43}/\n", printed)
    assert Client().get(printed.strip()).status_code == 200


def test_setup_link_prints_nothing_once_there_is_an_owner(owner):
    assert _output("setup_link") == ""


def test_engine_token_prints_only_the_token(owner):
    raw = _output("engine_token", "--name", "script").strip()
    token = async_to_sync(aauthenticate)(raw)
    assert token
    assert (token.name, token.workspace) == ("script", owner.workspace)


def test_engine_token_needs_an_owner_and_a_name():
    with pytest.raises(CommandError, match="no owner yet"):
        _output("engine_token", "--name", "script")
    make_membership()
    with pytest.raises(CommandError):
        _output("engine_token", "--name", "")


def _createowner(monkeypatch: pytest.MonkeyPatch, name: str, password: str) -> str:
    monkeypatch.setattr("sys.stdin", StringIO(password))
    return _output("createowner", "--username", name, "--password-stdin")


def _output(*command: str) -> str:
    output = StringIO()
    call_command(*command, stdout=output)
    return output.getvalue()


def _at_once(act: Any) -> list[Any]:
    """Do it for two people in two threads that start together; return the status codes."""
    start = threading.Barrier(2)
    answers: list[Any] = []

    def run(name: str) -> None:
        start.wait()
        answers.append(getattr(act(name), "status_code", None))
        connections.close_all()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("ada", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
