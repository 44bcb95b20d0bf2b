"""One's own account: password, language, and tokens for scripts."""

import re

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts import services
from apps.accounts.models import ApiToken
from apps.accounts.tokens import USE_NOTED_EVERY, aauthenticate, hash_token

ACCOUNT = reverse("accounts:account")
NEW = "another long password"


def test_changing_the_password_keeps_this_session_and_ends_others(client, owner, client_of):
    elsewhere = client_of(owner)
    response = client.post(reverse("accounts:password"), _passwords("correct horse"))
    assert response.url == ACCOUNT
    assert client.get(ACCOUNT).status_code == 200
    assert elsewhere.get(ACCOUNT).status_code == 302
    assert Client().login(username=owner.user.username, password=NEW)


def test_the_old_password_is_needed(client, owner):
    response = client.post(reverse("accounts:password"), _passwords("wrong"))
    assert response.status_code == 422
    assert "entered incorrectly" in response.content.decode()
    assert Client().login(username=owner.user.username, password="correct horse")


def test_guessing_the_old_password_is_slowed_down(client):
    url = reverse("accounts:password")
    statuses = [client.post(url, _passwords("wrong")).status_code for _ in range(11)]
    assert (statuses[0], statuses[-1]) == (422, 429)


def test_a_new_token_is_shown_once_with_code_to_copy(client, owner):
    page = client.post(reverse("accounts:create_token"), {"name": "Nightly"}).content.decode()
    raw = re.search(r'id="raw-token">(rt-[\w-]+)<', page)[1]
    assert f'base_url="{settings.ENGINE_URL}",\n    api_key="{raw}",' in page
    assert async_to_sync(aauthenticate)(raw).workspace == owner.workspace
    assert raw not in client.get(ACCOUNT).content.decode()
    assert not ApiToken.objects.filter(token_hash=raw).exists()


def test_a_revoked_token_opens_nothing(client, owner):
    token, raw = services.issue_token(workspace=owner.workspace, name="Nightly")
    response = client.post(reverse("accounts:revoke_token", args=[token.public_id]))
    assert response.url == ACCOUNT
    assert async_to_sync(aauthenticate)(raw) is None
    assert "Revoked" in client.get(ACCOUNT).content.decode()


@pytest.mark.parametrize("raw", ["", "rt-", "rt-unknown", "\x00", "\ud800", "x" * 100_000])
def test_what_is_no_token_opens_nothing(db, raw):
    assert async_to_sync(aauthenticate)(raw) is None


def test_the_last_use_is_noted_at_most_once_a_minute(owner, django_assert_num_queries):
    _, raw = services.issue_token(workspace=owner.workspace, name="Nightly")
    with django_assert_num_queries(2):
        async_to_sync(aauthenticate)(raw)
    with django_assert_num_queries(1):
        async_to_sync(aauthenticate)(raw)
    ApiToken.objects.update(last_used_at=timezone.now() - USE_NOTED_EVERY)
    with django_assert_num_queries(2):
        async_to_sync(aauthenticate)(raw)


def test_the_token_of_retune_itself_is_neither_listed_nor_revoked(client, owner):
    token, raw = services.issue_token(
        workspace=owner.workspace, name="Retune itself", is_internal=True
    )
    assert "Retune itself" not in client.get(ACCOUNT).content.decode()
    assert client.post(_revoke(token)).status_code == 404
    assert async_to_sync(aauthenticate)(raw)


def test_a_token_is_only_its_hash(owner):
    _, raw = services.issue_token(workspace=owner.workspace, name="Nightly")
    row = ApiToken.objects.values().get()
    assert row["token_hash"] == hash_token(raw)
    assert raw not in str(row)


@pytest.mark.parametrize("who", ["editor", "viewer"])
def test_tokens_are_for_owners(who, request, client_of, owner):
    token, _ = services.issue_token(workspace=owner.workspace, name="Nightly")
    browser = client_of(request.getfixturevalue(who))
    assert "Nightly" not in browser.get(ACCOUNT).content.decode()
    assert browser.post(reverse("accounts:create_token"), {"name": "x"}).status_code == 403
    assert browser.post(_revoke(token)).status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_stranger_finds_no_token_of_ours(client_of, stranger, owner):
    token, _ = services.issue_token(workspace=owner.workspace, name="Nightly")
    browser = client_of(stranger)
    assert "Nightly" not in browser.get(ACCOUNT).content.decode()
    assert browser.post(_revoke(token)).status_code == 404


def test_everything_here_asks_for_sign_in(db):
    zero = "00000000-0000-0000-0000-000000000000"
    for name in ("account", "password", "create_token"):
        assert Client().post(reverse(f"accounts:{name}")).url.startswith("/sign-in/")
    revoke = reverse("accounts:revoke_token", args=[zero])
    assert Client().post(revoke).url.startswith("/sign-in/")


def _passwords(old: str) -> dict[str, str]:
    return {"old_password": old, "new_password1": NEW, "new_password2": NEW}


def _revoke(token: ApiToken) -> str:
    return reverse("accounts:revoke_token", args=[token.public_id])
