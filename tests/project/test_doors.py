"""Who may pass which door: asked of every address there is, also of those added tomorrow."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.project.addresses import addresses, rows_of

PUBLIC = {"home:health", "home:setup", "home:theme", "accounts:sign_in", "accounts:language"}
PUBLIC |= {"hooks:receive"}  # signed instead
# Things that belong to the person, not to the workspace: every role may do them.
PERSONAL = {
    "accounts:sign_out",
    "accounts:account",
    "accounts:password",
    "notifications:mark_seen",
    "notifications:emails",
    "playground:vote",
    "playground:review_undo",
    "evals:vote",  # a vote changes nothing of the run: who may look may judge
    "evals:review_undo",
}

ALL = addresses()
PRIVATE = [address for address in ALL if address.name not in PUBLIC]
OF_A_ROW = [address for address in PRIVATE if address.is_of_a_row]
SHARED = [address for address in PRIVATE if address.name not in PERSONAL]


def test_every_public_address_exists():
    assert {address.name for address in ALL} >= PUBLIC


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_visitor_is_sent_to_sign_in(owner, method, subtests):
    rows = rows_of(owner)
    for address in PRIVATE:
        with subtests.test(address.name):
            response = getattr(Client(), method)(address.url(rows))
            assert response.status_code == 302
            assert response.url.startswith(reverse("accounts:sign_in"))


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_learns_nothing_from_an_address(client_of, owner, stranger, method, subtests):
    rows, client = rows_of(owner), client_of(stranger)
    for address in OF_A_ROW:
        with subtests.test(address.name):
            response = getattr(client, method)(address.url(rows))
            assert response.status_code in {404, 405}


def test_a_viewer_changes_nothing(client_of, owner, viewer, subtests):
    rows, client = rows_of(owner), client_of(viewer)
    for address in SHARED:
        with subtests.test(address.name):
            response = client.post(address.url(rows))
            assert response.status_code in {403, 404, 405}


def test_an_owner_gets_an_answer_at_every_address(client, owner, subtests):
    rows = rows_of(owner)
    for address in OF_A_ROW:
        with subtests.test(address.name):
            response = client.get(address.url(rows))
            assert response.status_code in {200, 204, 302, 405}
