"""What every answer has in common: headers, the way to sign in, words for errors."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import bad_request, permission_denied, server_error

OVERVIEW = reverse("home:overview")


def test_a_session_that_ends_under_a_polling_page_reloads_the_whole_page(db):
    response = Client().get(OVERVIEW, headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert response["HX-Redirect"].startswith(reverse("accounts:sign_in"))


def test_a_cache_never_takes_a_partial_for_the_page(client):
    assert "HX-Request" in client.get(OVERVIEW)["Vary"]


def test_no_page_runs_code_that_is_not_ours(client):
    policy = client.get(OVERVIEW)["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_open_section_is_marked_once(client):
    assert client.get(OVERVIEW).content.decode().count('aria-current="page"') == 1


def test_what_is_not_there_may_belong_to_another_workspace(client):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "another workspace" in response.content.decode()


def test_a_refusal_says_why_and_escapes_it():
    request = RequestFactory().get("/")
    html = permission_denied(request, PermissionDenied("Ask <b>Ada</b>.")).content.decode()
    assert "Ask &lt;b&gt;Ada&lt;/b&gt;." in html


def test_a_refusal_without_words_gets_some():
    html = permission_denied(RequestFactory().get("/"), PermissionDenied()).content.decode()
    assert "Your role in this workspace" in html


def test_a_fault_and_a_bad_request_need_neither_person_nor_database():
    request = RequestFactory().get("/")
    assert "Something broke" in server_error(request).content.decode()
    assert "not understood" in bad_request(request, ValueError()).content.decode()


def test_a_form_from_another_session_is_refused_in_words():
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(reverse("home:theme"), {"theme": "dark"})
    assert response.status_code == 403
    assert "no longer valid" in response.content.decode()


def test_a_list_page_links_to_its_neighbours_and_keeps_the_filter(rf):
    context = {"page_obj": Paginator(range(120), 50).page(2)}
    html = render_to_string("_pagination.html", context, rf.get("/?status=failed&page=2"))
    assert "51 to 100 of 120" in html
    assert "status=failed&amp;page=1" in html
    assert "status=failed&amp;page=3" in html
