"""Further people: registration is closed, the command line lets them in."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership, Role

PASSWORD = "parrots-fly-9"


@pytest.mark.parametrize("role", Role.values)
def test_a_person_is_added_with_a_role_and_can_sign_in(owner, monkeypatch, role):
    assert "grace is here now" in _addmember(monkeypatch, "grace", PASSWORD, "--role", role)
    added = Membership.objects.get(user__username="grace")
    assert (added.workspace, added.role) == (owner.workspace, role)
    browser = Client()
    browser.post(reverse("accounts:sign_in"), {"username": "grace", "password": PASSWORD})
    assert browser.get(reverse("home:overview")).status_code == 200


def test_a_person_without_a_named_role_may_edit(owner, monkeypatch):
    _addmember(monkeypatch, "grace", PASSWORD)
    assert Membership.objects.get(user__username="grace").role == Role.EDITOR


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [("grace", "12345", "too short"), ("no spaces please", PASSWORD, "valid username")],
)
def test_a_refusal_says_why_and_adds_nobody(owner, monkeypatch, name, password, words):
    with pytest.raises(CommandError, match=words):
        _addmember(monkeypatch, name, password)
    assert Membership.objects.count() == 1


def test_a_name_is_taken_once(owner, monkeypatch):
    with pytest.raises(CommandError, match="already exists"):
        _addmember(monkeypatch, owner.user.username, PASSWORD)


def test_the_owner_comes_first(db, monkeypatch):
    with pytest.raises(CommandError, match="createowner"):
        _addmember(monkeypatch, "grace", PASSWORD)


def _addmember(monkeypatch: pytest.MonkeyPatch, name: str, password: str, *more: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    output = io.StringIO()
    call_command("addmember", "--username", name, "--password-stdin", *more, stdout=output)
    return output.getvalue()
