"""The language: asked for by the browser, chosen by a person, remembered in a cookie."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

URL, ACCOUNT = reverse("accounts:language"), reverse("accounts:account")
SIGN_IN = reverse("accounts:sign_in")


def test_a_chosen_language_is_remembered_in_this_browser(client):
    response = client.post(URL, {"language": "zh-hans", "next": ACCOUNT})
    assert response.url == ACCOUNT
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME]["max-age"] > 300 * 24 * 60 * 60
    assert '<html lang="zh-hans"' in client.get(ACCOUNT).content.decode()


@pytest.mark.parametrize("page", [SIGN_IN, reverse("home:setup", args=["unknown"])])
def test_who_cannot_sign_in_yet_can_choose_a_language(db, page):
    visitor = Client()
    html = visitor.get(page).content.decode()
    assert 'name="language" value="zh-hans"' in " ".join(html.split())
    assert visitor.post(URL, {"language": "zh-hans", "next": page}).url == page
    assert '<html lang="zh-hans"' in visitor.get(page).content.decode()


def test_each_language_has_its_own_name_in_every_language(db):
    page = Client(headers={"Accept-Language": "zh-CN"}).get(SIGN_IN).content.decode()
    assert ">English<" in page
    assert ">简体中文<" in page


def test_choosing_a_language_forgets_nothing(db):
    page = Client().get(SIGN_IN, {"next": "/jobs/?status=failed"}).content.decode()
    assert f'value="{SIGN_IN}?next=/jobs/%3Fstatus%3Dfailed"' in page


def test_the_choice_beats_what_the_browser_asks_for(db):
    visitor = Client(headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    visitor.post(URL, {"language": "en"})
    assert visitor.get(SIGN_IN)["Content-Language"] == "en"


def test_a_language_that_nobody_speaks_here_changes_nothing(client):
    client.post(URL, {"language": '"><script>'})
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies


def test_the_way_back_stays_on_this_site(client):
    elsewhere = {"language": "en", "next": "https://elsewhere.test/"}
    assert client.post(URL, elsewhere).url == reverse("home:overview")
