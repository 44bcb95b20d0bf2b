"""Every word that a person can meet was asked of a translator: pages, forms, refusals, errors."""

from collections.abc import Set
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.translation import override
from django.views.csrf import csrf_failure
from django.views.defaults import bad_request, page_not_found, permission_denied, server_error

from apps.accounts.models import Membership, Role
from apps.accounts.services import issue_setup_link
from apps.datasets.check.failures import FAILURES
from apps.datasets.rulebook import RULES
from apps.datasets.rulebook.words import REASONS, WORDS
from apps.playground.models import Reply, Trouble
from apps.providers.models import Connection
from tests.every_page import every_page
from tests.factories import make_connection, make_membership, make_version
from tests.project.addresses import addresses, rows_of
from tests.project.unwrapped import data, forgotten_words, invented_language
from tests.project.words import words_to_translate

NOBODY_LISTENS = "http://127.0.0.1:1/v1"


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the invented language in the place of the Chinese one."""
    folder = tmp_path_factory.mktemp("locale")
    target = folder / "zh_Hans" / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, invented_language(words_to_translate()))
    return folder


@pytest.fixture(autouse=True)
def _speak_it(invented: Path, settings) -> None:
    settings.LOCALE_PATHS = [invented]


@pytest.fixture
def reader(client: Client) -> Client:
    return in_chinese(client)


def forgotten_in(
    answers: dict[str, HttpResponse], *, before: Set[str] = frozenset()
) -> dict[str, set[str]]:
    """Return the forgotten words by page. `before` is data that the requests have deleted."""
    known = data() | before
    pages = {name: answer.content.decode() for name, answer in answers.items()}
    found = {name: forgotten_words(html, data=known) for name, html in pages.items()}
    return {name: words for name, words in found.items() if words}


@pytest.mark.django_db(transaction=True)
def test_every_page_in_every_state(reader: Client, owner: Membership):
    pages = every_page(reader, owner)
    assert forgotten_in({name: reader.get(path) for name, path in pages.items()}) == {}


@pytest.mark.parametrize("role", Role.values)
def test_every_address_for_every_role(role: str, client_of, owner: Membership):
    reader = in_chinese(client_of(make_membership(workspace=owner.workspace, role=role)))
    ids = rows_of(owner)
    answers = {each.name: reader.get(each.url(ids)) for each in addresses()}
    pages = {name: answer for name, answer in answers.items() if is_page(answer)}
    assert len(pages) > 15
    assert forgotten_in(pages) == {}


def test_every_page_of_an_empty_workspace(stranger: Membership, client_of):
    reader = in_chinese(client_of(stranger))
    pages = {each.name: reader.get(each.url({})) for each in addresses() if not each.parameters}
    found = {name: answer for name, answer in pages.items() if is_page(answer)}
    assert forgotten_in(found) == {}


def test_every_form_that_is_sent_empty(reader: Client, owner: Membership):
    ids = rows_of(owner)
    before = data()
    sent = [each for each in addresses() if each.name not in {"accounts:sign_out", "home:theme"}]
    answers = {each.name: reader.post(each.url(ids), follow=True) for each in sent}
    pages = {name: answer for name, answer in answers.items() if is_page(answer)}
    assert {"jobs:create", "providers:create", "accounts:password"} <= pages.keys()
    assert forgotten_in(pages, before=before) == {}


@pytest.mark.parametrize("profile", Connection.Profile.values)
def test_what_a_page_asks_for_while_it_is_used(profile: str, reader: Client, owner: Membership):
    workspace = owner.workspace
    connection = make_connection(workspace=workspace, profile=profile, base_url=NOBODY_LISTENS)
    dataset = make_version(workspace=workspace)
    chosen = {"connection": connection.public_id, "training_data": dataset.public_id}
    model = {"base_model": "gpt-4.1-2025-04-14"}
    answers = {
        "estimate": reader.get(reverse("jobs:estimate"), chosen | model),
        "base models": reader.get(reverse("jobs:base_models"), chosen),
        "validation": reader.get(reverse("jobs:validation_choice"), chosen),
        "models": reader.get(
            reverse("playground:models", args=[0]), {"column-0-connection": connection.public_id}
        ),
        "refused job": reader.post(reverse("jobs:create"), chosen | model),
        "connection": reader.get(connection.get_absolute_url()),
        "test": reader.post(reverse("providers:test", args=[connection.public_id]), follow=True),
    }
    assert forgotten_in(answers) == {}


def test_signing_in_and_setting_up(db):
    reader = in_chinese(Client())
    sign_in, link = reverse("accounts:sign_in"), issue_setup_link()
    set_up = reverse("home:setup", args=[link])
    refused = [reader.post(sign_in, {"username": "nobody", "password": "x"}) for _ in range(11)]
    answers = {
        "sign in": reader.get(sign_in),
        "refused": refused[0],
        "too many tries": refused[-1],
        "set up": reader.get(set_up),
        "a weak password": reader.post(set_up, {"username": "!", "password": "1"}),
        "an unknown link": reader.get(reverse("home:setup", args=["unknown"])),
    }
    assert [answer.status_code for answer in answers.values()] == [200, 422, 429, 200, 422, 410]
    assert forgotten_in(answers) == {}


def test_every_error_page(db):
    request = RequestFactory().get("/")
    with override("zh-hans"):
        answers = {
            "400": bad_request(request, ValueError()),
            "403": permission_denied(request, PermissionDenied()),
            "404": page_not_found(request, Http404()),
            "500": server_error(request),
            "csrf": csrf_failure(request),
        }
    assert forgotten_in(answers) == {}


@pytest.mark.parametrize("trouble", Trouble.values)
def test_every_trouble_of_a_reply(trouble: str, reader: Client, owner: Membership):
    ids = rows_of(owner)
    Reply.objects.update(status=Reply.Status.STOPPED, trouble=trouble, finish_reason="length")
    page = reader.get(reverse("playground:conversation", args=[ids["conversation_id"]]))
    assert forgotten_words(page.content.decode(), data=data()) == set()


def test_every_problem_and_every_reason_why_a_file_cannot_be_read(settings):
    with override("zh-hans"):
        said = [str(words) for rule in RULES.values() for words in (rule.title, rule.message)]
        said += [str(words) for words in (*FAILURES.values(), *WORDS.values(), *REASONS.values())]
    assert [words for words in said if not words.startswith("⟦")] == []


def test_a_forgotten_word_is_found():
    html = '<p title="One">⟦Two <b>words</b>⟧ 3 ⟦4 ⟦five⟧⟧</p> Six <code>seven</code>'
    assert forgotten_words(html, data=frozenset()) == {"One", "Six"}


def in_chinese(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    return client


def is_page(response: HttpResponse) -> bool:
    kind = response.headers.get("Content-Type", "")
    is_code = response.wsgi_request.path.startswith("/playground/replies/") and "plain" in kind
    return not response.streaming and kind.startswith("text/") and not is_code
