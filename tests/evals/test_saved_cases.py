"""Saved cases: written, found, changed, deleted, and asked as a suite."""

from uuid import uuid4

import pytest
from django.urls import reverse

from apps.evals.models import SavedCase, Suite
from tests.evals.typed import typed
from tests.factories import make_saved_case

WRITTEN = {
    "collection": " Har  bour ",
    "system_prompt": "Be brief.",
    "question": "Who steers <b>?",
    "expected": "The captain.",
    "note": "Said nobody once.",
}


def test_a_case_is_written_by_hand_and_found_again(client, owner):
    answer = client.post(reverse("evals:case_create"), WRITTEN)
    assert answer.url == "/evals/cases/?collection=Har+bour"
    case = SavedCase.objects.get()
    assert [each["role"] for each in case.messages] == ["system", "user"]
    assert (case.expected, case.created_by) == ("The captain.", owner.user)
    make_saved_case(workspace=owner.workspace)
    for address, count in (
        (answer.url, 1),
        ("/evals/cases/", 2),
        ("/evals/cases/?q=STEERS", 1),
        ("/evals/cases/?q=nobody", 1),
        ("/evals/cases/?q=tide", 1),
        ("/evals/cases/?q=moon", 0),
        ("/evals/cases/?q=%00&page=99", 2),
    ):
        page = client.get(address)
        assert page.context["page_obj"].paginator.count == count, address
    assert "Who steers &lt;b&gt;?" in client.get(answer.url).content.decode()


@pytest.mark.parametrize("field", ["collection", "question"])
def test_a_case_needs_a_question_and_a_collection(client, owner, field):
    answer = client.post(reverse("evals:case_create"), {**WRITTEN, field: " "})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "Said nobody once." in answer.content.decode()
    assert not SavedCase.objects.exists()


def test_a_case_changes_but_not_into_one_that_is_there(client, owner):
    case = make_saved_case(workspace=owner.workspace, content_key="k")
    make_saved_case(workspace=owner.workspace, content_key="k", collection="Pier")
    address = reverse("evals:case", args=[case.public_id])
    changes = {"expected": "Here.", "note": "", "collection": "Harbour"}
    assert client.post(address, changes).status_code == 302
    case.refresh_from_db()
    assert (case.expected, case.note) == ("Here.", "")
    answer = client.post(address, {**changes, "collection": "Pier"})
    assert answer.status_code == 422
    assert "has the same question already" in answer.content.decode()
    client.post(reverse("evals:case_delete", args=[case.public_id]))
    assert SavedCase.objects.get().collection == "Pier"


def test_a_collection_becomes_a_suite_that_keeps_its_copy(client, owner):
    make_saved_case(workspace=owner.workspace)
    make_saved_case(workspace=owner.workspace, expected="")
    make_saved_case(workspace=owner.workspace, collection="Pier")
    page = client.get(reverse("evals:create") + "?collection=Harbour")
    assert page.context["form"]["source"].value() == "saved"
    sent = {
        "form_token": str(uuid4()),
        "source": "saved",
        "collection": "Harbour",
        **typed({"kind": "exact", "trim": "on"}),
    }
    assert client.post(reverse("evals:create"), sent).status_code == 302
    suite = Suite.objects.get()
    assert (suite.kind, suite.name, suite.left_out) == ("saved", "Harbour", 1)
    SavedCase.objects.all().delete()
    case = suite.cases.get()
    assert (case.expected, case.row) == ("Behind the tide.", None)
    page = client.get(suite.get_absolute_url())
    assert "Saved cases" in page.content.decode()
    for address in (reverse("evals:list"), reverse("evals:run_create", args=[suite.public_id])):
        assert client.get(address).status_code == 200


def test_the_collection_of_strangers_is_not_to_be_had(client, owner, stranger):
    make_saved_case(workspace=stranger.workspace)
    sent = {"form_token": str(uuid4()), "source": "saved", "collection": "Harbour"}
    answer = client.post(reverse("evals:create"), sent | typed({"kind": "exact"}))
    assert answer.status_code == 422
    assert client.get("/evals/cases/").context["page_obj"].paginator.count == 0


def test_a_viewer_reads_a_case_and_changes_none(client_of, viewer, owner):
    case = make_saved_case(workspace=owner.workspace)
    address = reverse("evals:case", args=[case.public_id])
    page = client_of(viewer).get(address)
    assert "Behind the tide." in page.content.decode()
    assert client_of(viewer).post(address, {"collection": "x"}).status_code == 404
    assert client_of(viewer).get(reverse("evals:case_create")).status_code == 403
