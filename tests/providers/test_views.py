"""Connections in the browser: who sees them, who changes them, and what the server says."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.providers import keys
from apps.providers.models import Connection
from tests.factories import make_connection, make_job
from tests.providers.fake_server import KEY, FakeServer, error, model

LIST, CREATE = reverse("providers:list"), reverse("providers:create")
FORM = {
    "name": "Lab",
    "profile": "generic",
    "base_url": "https://llm.example.com/v1",
    "key": "sk-secret-abcd",
    "organization": "org-1",
    "project": "",
}


def page_of(name: str, connection: Connection) -> str:
    return reverse(f"providers:{name}", args=[connection.public_id])


@pytest.fixture
def lab(owner, fake_server: FakeServer, settings) -> Connection:
    """A connection to the scripted provider."""
    settings.ALLOW_PRIVATE_HOSTS = True
    return make_connection(workspace=owner.workspace, name="Lab", base_url=fake_server.url)


def test_creating_saves_the_key_encrypted_and_opens_its_page(client, owner):
    response = client.post(CREATE, FORM)
    connection = Connection.objects.get()
    assert response.url == connection.get_absolute_url()
    assert connection.workspace == owner.workspace
    assert (connection.key_last_four, connection.organization) == ("abcd", "org-1")
    assert "sk-secret-abcd" not in str(Connection.objects.values())
    key = keys.decrypt(connection.encrypted_key, base_url="https://llm.example.com/v1")
    assert key == "sk-secret-abcd"


def test_no_page_ever_shows_a_key_or_its_encrypted_form(client, viewer, client_of):
    client.post(CREATE, FORM)
    connection = Connection.objects.get()
    for browser in (client, client_of(viewer)):
        for url in (LIST, connection.get_absolute_url()):
            page = browser.get(url).content.decode()
            assert "…abcd" in page
            assert "sk-secret" not in page
            assert connection.encrypted_key not in page


def test_a_short_key_is_said_to_be_there_and_nothing_of_it(client):
    client.post(CREATE, {**FORM, "key": "sk-12345"})
    page = client.get(Connection.objects.get().get_absolute_url()).content.decode()
    assert "A key is saved. Leave this empty to keep it" in page
    assert "ends with …" not in page


def test_a_refused_form_does_not_send_the_key_back(client):
    page = client.post(CREATE, {**FORM, "name": ""})
    assert page.status_code == 422
    assert "sk-secret" not in page.content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base_url": "ftp://llm.example.com"}, "such as https://api.openai.com/v1"),
        ({"base_url": "llm.example.com/v1"}, "such as https://api.openai.com/v1"),
        ({"base_url": "https://"}, "such as https://api.openai.com/v1"),
        ({"base_url": "https://h:99999/v1"}, "such as https://api.openai.com/v1"),
        ({"base_url": "https://me:sk@h/v1"}, "its own field"),
        ({"base_url": "https://h/v1?key=1"}, "before any ? or #"),
        ({"base_url": "https://h\\@evil/v1"}, "no backslashes"),
        ({"key": "sk two"}, "without spaces"),
        ({"key": "schlüssel"}, "without spaces"),
        ({"organization": "org\r\nX-Evil: 1"}, "without spaces"),
        ({"key": ""}, "required"),
        ({"profile": "engine"}, "valid choice"),
    ],
)
def test_what_cannot_work_is_refused_in_words(client, change, words):
    response = client.post(CREATE, {**FORM, **change})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Connection.objects.exists()


def test_a_server_name_without_a_dot_is_an_address_too(client):
    client.post(CREATE, {**FORM, "base_url": "http://vllm:8000/v1/"})
    assert Connection.objects.get().base_url == "http://vllm:8000/v1"


def test_two_connections_cannot_share_a_name(client, owner):
    make_connection(workspace=owner.workspace, name="Lab")
    response = client.post(CREATE, FORM)
    assert response.status_code == 422
    assert "connection with this name already" in response.content.decode()


def test_renaming_keeps_the_key(client, lab):
    client.post(page_of("detail", lab), {**FORM, "base_url": lab.base_url, "key": "", "name": "A"})
    lab.refresh_from_db()
    assert lab.name == "A"
    assert keys.decrypt(lab.encrypted_key, base_url=lab.base_url) == KEY


def test_a_new_address_asks_for_the_key_again(client, lab):
    response = client.post(page_of("detail", lab), {**FORM, "key": ""})
    assert response.status_code == 422
    assert "enter its key again" in response.content.decode()
    unchanged = Connection.objects.get()
    assert unchanged.base_url == lab.base_url
    client.post(page_of("detail", lab), FORM)
    moved = Connection.objects.get()
    assert keys.decrypt(moved.encrypted_key, base_url=FORM["base_url"]) == FORM["key"]


def test_a_change_forgets_the_last_test(client, lab):
    client.post(page_of("test", lab))
    client.post(page_of("detail", lab), {**FORM, "base_url": lab.base_url, "key": ""})
    lab.refresh_from_db()
    assert (lab.last_test_ok, lab.last_test_message) == (None, "")


def test_the_test_shows_how_many_models_there_are(client, lab):
    page = client.post(page_of("test", lab), headers={"HX-Request": "true"}).content.decode()
    assert "Models that it lists: 1" in page
    assert "Works" in page
    assert "hx-trigger" not in page  # it asks by itself only once
    lab.refresh_from_db()
    assert lab.last_test_ok
    assert lab.last_tested_at


def test_the_test_shows_the_words_of_the_server_escaped(client, lab, fake_server):
    fake_server.break_next("GET", "/v1/models", status=401, body=error("No <b>entry</b>."))
    page = client.post(page_of("test", lab), headers={"HX-Request": "true"}).content.decode()
    assert "refused the key (401): No &lt;b&gt;entry&lt;/b&gt;." in page
    assert "Does not work" in page


def test_without_javascript_the_test_comes_back_to_the_page(client, lab):
    response = client.post(page_of("test", lab), follow=True)
    assert response.redirect_chain[-1][0] == lab.get_absolute_url()
    assert "Models that it lists: 1" in response.content.decode()


def test_a_private_address_is_refused_and_the_page_says_why(client, lab, fake_server, settings):
    settings.ALLOW_PRIVATE_HOSTS = False
    page = client.post(page_of("test", lab), headers={"HX-Request": "true"}).content.decode()
    assert "private network" in page
    assert fake_server.requests == []


def test_a_connection_never_tested_tests_itself_once(client, lab, viewer, client_of):
    assert 'hx-trigger="load"' in client.get(lab.get_absolute_url()).content.decode()
    as_viewer = client_of(viewer).get(lab.get_absolute_url()).content.decode()
    assert 'hx-trigger="load"' not in as_viewer


def test_deleting_removes_connection_and_key(client, lab):
    assert client.post(page_of("delete", lab)).url == LIST
    assert not Connection.objects.exists()


def test_deleting_is_refused_in_words_while_a_job_uses_it(client, lab, owner):
    make_job(workspace=owner.workspace, connection=lab)
    page = client.post(page_of("delete", lab), follow=True).content.decode()
    assert "used by jobs, conversations or evals" in page
    assert Connection.objects.filter(pk=lab.pk).exists()


def test_the_engine_can_be_tested_but_neither_changed_nor_deleted(client, owner, fake_server):
    engine = make_connection(workspace=owner.workspace, profile="engine", base_url=fake_server.url)
    assert client.post(page_of("detail", engine), FORM).status_code == 404
    page = client.post(page_of("delete", engine), follow=True).content.decode()
    assert "cannot be deleted" in page
    assert Connection.objects.filter(pk=engine.pk).exists()


def test_the_engine_is_reached_where_the_setting_says(client, owner, fake_server, settings):
    """The port of the engine may differ from one start to the next."""
    old = "http://127.0.0.1:1/v1"
    engine = make_connection(workspace=owner.workspace, profile="engine", base_url=old)
    settings.ENGINE_URL = fake_server.url
    page = client.post(page_of("test", engine), headers={"HX-Request": "true"}).content.decode()
    assert "Models that it lists: 1" in page


def test_models_come_as_options_sorted_and_escaped(client, lab, fake_server):
    fake_server.models = [model("b"), model("a<b>", shutdown_date="2027-01-14")]
    page = client.get(page_of("models", lab), {"chosen": "b"}).content.decode()
    assert page.index("a&lt;b&gt;") < page.index('value="b" selected')
    assert "until 2027-01-14" in page


def test_only_models_that_can_be_tuned_are_offered_for_tuning(client, lab, fake_server):
    Connection.objects.update(profile="openai")
    tuned = "ft:gpt-4.1-mini-2025-04-14:acme::1"
    fake_server.models = [
        model("gpt-4.1-mini-2025-04-14", shutdown_date="2027-01-14"),
        model("text-embedding-3-small"),
        model(tuned),
    ]
    page = client.get(page_of("models", lab), {"for": "tuning"}).content.decode()
    assert "gpt-4.1-mini-2025-04-14" in page
    assert "embedding" not in page
    assert f"{tuned} · until 2027-01-14" in page


def test_models_are_asked_for_once_a_minute_and_again_with_a_new_key(client, lab, fake_server):
    client.get(page_of("models", lab))
    client.get(page_of("models", lab))
    assert fake_server.count("GET", "/v1/models") == 1
    client.post(page_of("detail", lab), {**FORM, "base_url": lab.base_url, "key": KEY})
    client.get(page_of("models", lab))
    assert fake_server.count("GET", "/v1/models") == 2


def test_a_server_that_does_not_answer_says_so_in_the_picker(client, lab, fake_server):
    fake_server.break_next("GET", "/v1/models", status=503, body=error("Maintenance."))
    page = client.get(page_of("models", lab)).content.decode()
    assert "Maintenance." in page
    assert "disabled" in page
    assert client.get(page_of("models", lab)).content.decode().count("Maintenance.") == 0


def test_openai_connections_show_the_countdown(client, owner):
    openai = make_connection(workspace=owner.workspace, profile="openai")
    page = client.get(openai.get_absolute_url()).content.decode()
    assert "2027-01-06" in page
    assert "2027-01-14" in page


def test_other_connections_show_no_countdown(client, lab):
    assert "2027-01-06" not in client.get(lab.get_absolute_url()).content.decode()


@pytest.mark.parametrize("who", ["editor", "viewer"])
def test_editors_and_viewers_look_but_do_not_change(who, request, client_of, lab):
    browser = client_of(request.getfixturevalue(who))
    assert "Lab" in browser.get(LIST).content.decode()
    assert 'name="key"' not in browser.get(lab.get_absolute_url()).content.decode()
    assert browser.get(page_of("models", lab)).status_code == 200
    assert browser.get(CREATE).status_code == 403
    assert browser.post(CREATE, FORM).status_code == 403
    assert browser.post(page_of("detail", lab), FORM).status_code == 404
    assert browser.post(page_of("delete", lab)).status_code == 404
    assert list(Connection.objects.values_list("name", flat=True)) == ["Lab"]


def test_editors_may_test_and_viewers_may_not(client_of, editor, viewer, lab):
    assert client_of(editor).post(page_of("test", lab)).status_code == 302
    assert client_of(viewer).post(page_of("test", lab)).status_code == 404


def test_for_a_stranger_our_connections_are_not_there(client_of, stranger, lab, fake_server):
    browser = client_of(stranger)
    assert "Lab" not in browser.get(LIST).content.decode()
    assert browser.get(page_of("detail", lab)).status_code == 404
    assert browser.get(page_of("models", lab)).status_code == 404
    for name in ("detail", "test", "delete"):
        assert browser.post(page_of(name, lab), FORM).status_code == 404
    assert fake_server.requests == []


def test_everything_here_asks_for_sign_in(lab):
    for url in (LIST, CREATE, *(page_of(name, lab) for name in ("detail", "models"))):
        assert Client().get(url).url.startswith("/sign-in/")
    for name in ("test", "delete"):
        assert Client().post(page_of(name, lab)).url.startswith("/sign-in/")


def test_the_list_costs_the_same_for_one_and_for_many(
    client, lab, owner, django_assert_num_queries
):
    with django_assert_num_queries(3):  # session, person, connections
        client.get(LIST)
    for _ in range(10):
        make_connection(workspace=owner.workspace)
    with django_assert_num_queries(3):
        client.get(LIST)
