"""Light or dark: remembered in a cookie and rendered by the server, so nothing flashes."""

from django.urls import reverse

URL = reverse("home:theme")


def test_a_chosen_theme_is_in_the_first_byte_of_the_next_page(client):
    response = client.post(URL, {"theme": "dark", "next": "/account/"})
    assert response.url == "/account/"
    assert 'data-theme="dark"' in client.get(reverse("home:overview")).content.decode()


def test_the_system_theme_forgets_the_choice(client):
    client.post(URL, {"theme": "dark"})
    client.post(URL, {"theme": "system"})
    assert "data-theme=" not in client.get(reverse("home:overview")).content.decode()


def test_a_cookie_made_up_by_somebody_is_ignored(client):
    client.cookies["theme"] = '"><script>'
    assert "data-theme=" not in client.get(reverse("home:overview")).content.decode()


def test_the_way_back_stays_on_this_site(client):
    for elsewhere in ("https://elsewhere.test/", "elsewhere"):
        response = client.post(URL, {"theme": "dark", "next": elsewhere})
        assert response.url == reverse("home:overview")
