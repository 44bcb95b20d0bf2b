"""What every answer has in common: headers, the way to sign in, words for errors."""

from urllib.parse import parse_qs, urlsplit

import pytest
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


@pytest.mark.parametrize(
    ("method", "headers", "page"),
    [
        (
            "get",
            {"HX-Request": "true", "HX-Current-URL": "http://testserver/jobs/?q=a"},
            "/jobs/?q=a",
        ),
        ("post", {"Referer": "http://testserver/datasets/"}, "/datasets/"),
        ("post", {"Referer": "http://evil.test/datasets/"}, "/"),
        ("post", {"Referer": "http://["}, "/"),
        ("post", {"Referer": "http://testserver//evil.test/"}, "/"),
        ("post", {}, "/"),
    ],
)
def test_signing_in_leads_back_to_the_page_that_was_left(db, method, headers, page):
    response = getattr(Client(), method)(reverse("datasets:add_sample"), headers=headers)
    to = response.get("HX-Redirect") or response["Location"]
    assert parse_qs(urlsplit(to).query) == {"next": [page]}


def test_the_address_of_a_form_leads_to_its_page(client):
    response = client.get(reverse("datasets:add_sample"))
    html = response.content.decode()
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert f'href="{reverse("datasets:list")}"' in html
    assert "Nothing was changed." in html
    part = client.get(reverse("datasets:add_sample"), headers={"HX-Request": "true"})
    assert part.content == b""


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


def test_a_form_that_is_too_large_is_answered_with_a_way_on(client):
    response = client.post(reverse("datasets:paste"), {"text": "x" * 2_200_000})
    assert response.status_code == 400
    assert "send long text as a file" in response.content.decode()
