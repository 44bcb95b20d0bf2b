"""From the page of a model, or of its job, to a suite and a run with model and base chosen."""

from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.evals.models import Suite
from apps.providers.services import listing
from apps.providers.types import ProviderError
from tests.evals.asked import TUNED, make_suite
from tests.evals.typed import typed
from tests.factories import make_connection, make_job, make_version

BASE = "gpt-4o-2024-08-06"


@pytest.fixture
def model(owner, openai):
    made = owner.workspace.tuned_models.get(name=TUNED)
    made.job = make_job(
        workspace=owner.workspace,
        connection=openai,
        validation_data=make_version(workspace=owner.workspace),
        fine_tuned_model=TUNED,
        base_model=BASE,
        status="succeeded",
        finished_at=timezone.now(),
    )
    made.save()
    return made


def link_on(client, page: str) -> str:
    """Follow “Evaluate”, as somebody would."""
    html = client.get(page).content.decode()
    address = html.split(">Evaluate<")[0].rpartition('href="')[2].partition('"')[0]
    address = address.replace("&amp;", "&")
    assert address.startswith(reverse("evals:create"))
    return address


@pytest.mark.parametrize("of_job", [False, True])
def test_a_suite_begins_with_the_validation_data_and_ends_at_both_models(
    client, owner, openai, model, of_job
):
    page = client.get(link_on(client, (model.job if of_job else model).get_absolute_url()))
    form = page.context["form"]
    assert form["dataset"].value() == str(model.job.validation_data.public_id)
    assert "which it did not learn from" in page.content.decode()
    fields = {name: form[name].value() or "" for name in ("dataset", "model", "count", "seed")}
    answer = client.post(
        reverse("evals:create"),
        {**fields, "form_token": str(uuid4()), **typed({"kind": "exact"})},
    )
    run_form = client.get(answer.url).context["form"]
    assert run_form["baseline"].value() == f"{openai.public_id} {BASE}"
    assert run_form["others"].value() == [f"{openai.public_id} {TUNED}"]


def test_suites_that_ask_its_validation_data_stand_first(client, owner, model):
    make_suite(owner.workspace, [{"kind": "exact"}])
    fitting = make_suite(owner.workspace, [{"kind": "exact"}], data=model.job.validation_data)
    Suite.objects.exclude(pk=fitting.pk).update(created_at=timezone.now())
    page = client.get(f"{reverse('evals:create')}?model={model.public_id}")
    assert page.context["evaluation"].suites[0] == fitting
    address = reverse("evals:run_create", args=[fitting.public_id])
    assert f"{address}?model={model.public_id}" in page.content.decode()


def test_without_validation_data_the_page_says_so(client, owner, model):
    model.job.validation_data = None
    model.job.save()
    page = client.get(f"{reverse('evals:create')}?model={model.public_id}").content.decode()
    assert "There is no validation data of its job here" in page


def test_a_model_that_cannot_be_asked_is_named(client, owner, model):
    suite = make_suite(owner.workspace, [{"kind": "exact"}])
    model.deleted_at = timezone.now()
    model.save()
    address = reverse("evals:run_create", args=[suite.public_id])
    page = client.get(f"{address}?model={model.public_id}").content.decode()
    assert "cannot be asked now" in page


@pytest.mark.parametrize("told", ["model=", "model=x", "job=", "job=1", f"model={UUID(int=1)}"])
def test_an_address_that_names_nothing_is_a_plain_form(client, told):
    page = client.get(f"{reverse('evals:create')}?{told}")
    assert page.status_code == 200
    assert page.context["evaluation"] is None


def test_a_stranger_learns_nothing_of_it(client_of, stranger, model):
    page = client_of(stranger).get(f"{reverse('evals:create')}?model={model.public_id}")
    assert page.context["evaluation"] is None
    assert page.context["form"]["dataset"].value() == ""


def test_models_that_only_the_server_knows_are_asked_for_and_stay_on_offer(
    client, owner, models, monkeypatch
):
    monkeypatch.setattr(listing, "FRESH_SECONDS", 0)  # a minute is over at once
    connection = make_connection(workspace=owner.workspace)
    address = reverse(
        "evals:run_create", args=[make_suite(owner.workspace, [{"kind": "exact"}]).public_id]
    )
    value = f"{connection.public_id} llama-small"
    page = client.get(address).content.decode()
    assert value not in page
    assert "are asked for their models" in page
    models.listed = ["llama-small"]
    anew = client.get(address, headers={"HX-Request": "true"})
    assert value in anew.content.decode()
    assert anew["HX-Trigger"] == "models-listed"
    models.refusal = ProviderError("It is away.")
    client.get(address, headers={"HX-Request": "true"})
    assert value in client.get(address).content.decode()
    fields = {"form_token": str(uuid4()), "baseline": "", "others": [value]}
    assert client.post(address, fields).status_code == 302


def test_what_was_chosen_while_the_servers_were_asked_stays_chosen(client, owner, openai, models):
    address = reverse(
        "evals:run_create", args=[make_suite(owner.workspace, [{"kind": "exact"}]).public_id]
    )
    others = [f"{openai.public_id} {TUNED}"]
    told = {"baseline": "", "others": others}
    form = client.get(address, told, headers={"HX-Request": "true"}).context["form"]
    assert (form["baseline"].value(), form["others"].value()) == ("", others)
