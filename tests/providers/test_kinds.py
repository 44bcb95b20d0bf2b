"""Kinds of connections: what each asks for, what can be done there, and what it costs and ends."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.jobs.models import Checkpoint
from apps.providers import deploy_keys, overrides, refusals
from apps.providers.models import Connection, Override
from apps.providers.profiles import profile_for
from apps.providers.profiles.offers import offers
from apps.providers.types import ProviderError
from tests.factories import make_connection, make_job, make_version
from tests.providers.fake_server import model

CREATE = reverse("providers:create")
OTHER = {
    "name": "Lab",
    "profile": "nebius",
    "base_url": "https://llm.example.com/v1",
    "key": "sk-secret-abcd",
    "organization": "org-1",
}
AZURE = {
    "name": "Our Azure",
    "profile": "azure",
    "base_url": "https://ours.openai.azure.com/openai/v1",
    "key": "azure-key-abcd",
}
TO_DEPLOY = {
    "tenant": "11111111-2222-3333-4444-555555555555",
    "client_id": "app-1",
    "subscription": "sub-1",
    "resource_group": "group_1",
    "account": "ours",
    "deploy_secret": "entra~secret",
}
KIND = reverse("providers:kind")


def test_azure_can_be_connected_without_what_deploying_needs(client):
    client.post(CREATE, AZURE)
    connection = Connection.objects.get()
    assert (connection.details, connection.encrypted_deploy_secret) == ({}, "")


def test_the_secret_of_azure_is_encrypted_and_never_shown(client, viewer, client_of):
    client.post(CREATE, AZURE | TO_DEPLOY)
    connection = Connection.objects.get()
    assert connection.details == {n: t for n, t in TO_DEPLOY.items() if n != "deploy_secret"}
    assert deploy_keys.decrypt(connection) == TO_DEPLOY["deploy_secret"]
    assert "entra~secret" not in str(Connection.objects.values())
    assert "group_1" in client_of(viewer).get(connection.get_absolute_url()).content.decode()
    for browser in (client, client_of(viewer)):
        page = browser.get(connection.get_absolute_url()).content.decode()
        assert "entra~secret" not in page
        assert connection.encrypted_deploy_secret not in page


def test_a_secret_goes_to_no_tenant_it_was_not_typed_in_for(client):
    client.post(CREATE, AZURE | TO_DEPLOY)
    connection = Connection.objects.get()
    kept = AZURE | TO_DEPLOY | {"key": "", "deploy_secret": ""}
    client.post(connection.get_absolute_url(), kept | {"name": "Renamed"})
    connection.refresh_from_db()
    assert (connection.name, deploy_keys.decrypt(connection)) == ("Renamed", "entra~secret")
    response = client.post(connection.get_absolute_url(), kept | {"tenant": "another"})
    assert response.status_code == 422
    assert "secret that belongs to this tenant" in response.content.decode()
    Connection.objects.update(details=connection.details | {"tenant": "another"})
    connection.refresh_from_db()
    assert deploy_keys.decrypt(connection) == ""


def test_without_its_details_a_connection_keeps_no_secret(client):
    client.post(CREATE, AZURE | TO_DEPLOY)
    connection = Connection.objects.get()
    client.post(connection.get_absolute_url(), AZURE | {"key": ""})
    connection.refresh_from_db()
    assert (connection.details, connection.encrypted_deploy_secret) == ({}, "")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base_url": "https://YOUR-RESOURCE.openai.azure.com/openai/v1"}, "your own resource"),
        (TO_DEPLOY | {"account": ""}, "Fill in all of these"),
        (TO_DEPLOY | {"deploy_secret": ""}, "secret that belongs to this tenant"),
        ({"deploy_secret": "alone"}, "Fill in all of these"),
        (TO_DEPLOY | {"resource_group": "a/../b"}, "Only letters, digits and the signs"),
        ({"profile": "fireworks"}, "required"),
    ],
)
def test_what_azure_and_fireworks_need_is_asked_for_in_words(client, change, words):
    response = client.post(CREATE, AZURE | change)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Connection.objects.exists()


def test_each_kind_suggests_its_address_and_asks_for_what_it_needs(client):
    page = client.get(KIND, {"profile": "nebius", "base_url": "https://api.openai.com/v1"})
    assert 'value="https://api.tokenfactory.nebius.com/v1"' in page.content.decode()
    assert 'name="tenant"' not in page.content.decode()
    typed = client.get(KIND, {"profile": "azure", "base_url": "https://mine.example/v1"})
    assert 'value="https://mine.example/v1"' in typed.content.decode()
    assert 'name="tenant"' in typed.content.decode()
    assert 'name="organization"' not in typed.content.decode()
    strange = client.get(KIND, {"profile": "engine"})
    assert 'value="https://api.openai.com/v1"' in strange.content.decode()


def test_what_only_another_kind_needs_is_not_kept(client):
    client.post(CREATE, OTHER | TO_DEPLOY)
    connection = Connection.objects.get()
    assert (connection.organization, connection.details) == ("", {})
    assert connection.encrypted_deploy_secret == ""


@pytest.mark.parametrize("profile", Connection.Profile.values)
def test_the_page_says_what_can_be_done_and_why_not(client, owner, profile):
    connection = make_connection(workspace=owner.workspace, profile=profile)
    page = unescape(client.get(connection.get_absolute_url()).content.decode())
    known = profile_for(profile)
    for offer in offers(known):
        assert str(offer.label) in page
        assert offer.why_not in page
    assert known.source in page
    assert ("Retune was never run against" in page) != known.capabilities.tested_live


def test_prices_and_ends_are_shown_with_their_day_and_source(client, owner):
    azure = make_connection(workspace=owner.workspace, profile="azure")
    page = client.get(azure.get_absolute_url()).content.decode()
    assert "2027-10-14" in page
    assert "Read on 2026-07-07 from MicrosoftDocs" in page
    assert "No prices are listed for this provider" in page
    assert "by the hour, until it is stopped" in page
    openai = make_connection(workspace=owner.workspace, profile="openai", name="O")
    page = client.get(openai.get_absolute_url()).content.decode()
    assert "read on 2026-10-13 from developers.openai.com" in page
    assert "25.00" in page


def test_a_refusal_to_train_is_shown_until_a_person_forgets_it(client, owner, viewer, client_of):
    connection = make_connection(workspace=owner.workspace)
    words = "Fine-tuning is <not> available for your organization."
    refusals.note(connection.pk, ProviderError("Another", code="other"))
    connection.refresh_from_db()
    assert connection.training_refused_at is None
    refusals.note(connection.pk, ProviderError(words, code="training_not_available", status=403))
    url = connection.get_absolute_url()
    assert "is &lt;not&gt; available" in client.get(url).content.decode()
    assert "Lets no new job begin" in client.get(reverse("providers:list")).content.decode()
    assert "Forget this" not in client_of(viewer).get(url).content.decode()
    client.post(reverse("providers:forget_refusal", args=[connection.public_id]))
    assert "available for your organization" not in client.get(url).content.decode()


def test_the_form_of_a_job_shows_the_refusal_too(client, owner):
    connection = make_connection(workspace=owner.workspace)
    refusal = ProviderError("Not for you any more.", code="training_not_available", status=403)
    refusals.note(connection.pk, refusal)
    url = reverse("jobs:estimate")
    page = client.get(url, {"connection": connection.public_id}).content.decode()
    assert "Not for you any more." in page
    assert "You can still try." in page
    refusals.forget(connection.pk)
    page = client.get(url, {"connection": connection.public_id}).content.decode()
    assert "You can still try." not in page


def test_a_checkpoint_that_only_becomes_a_model_by_deploying_has_no_chat(client, owner):
    connection = make_connection(workspace=owner.workspace, profile="nebius")
    job = make_job(workspace=owner.workspace, connection=connection, provider_job_id="ftjob-1")
    now = timezone.now()
    Checkpoint.objects.create(
        job=job, provider_checkpoint_id="ftckpt_1", model="", step=4, created_at=now
    )
    page = client.get(job.get_absolute_url()).content.decode()
    assert "ftckpt_1" in page
    assert "with step 4" not in page
    Checkpoint.objects.update(model="ft:x:ckpt-step-4")
    assert "with step 4" in client.get(job.get_absolute_url()).content.decode()


def test_a_date_of_the_provider_counts_before_ours(client, owner, fake_server, settings):
    settings.ALLOW_PRIVATE_HOSTS = True
    base, tuned = "gpt-4.1-mini-2025-04-14", "ft:gpt-4.1-mini-2025-04-14:acme::1"
    for number, (told, shown) in enumerate(
        [(None, "2027-01-14"), ("2026-12-24", "2026-12-24")], start=1
    ):
        fake_server.models = [model(base, shutdown_date=told), model(tuned)]
        connection = make_connection(
            workspace=owner.workspace, profile="openai", base_url=fake_server.url, name=str(number)
        )
        page = client.get(reverse("providers:models", args=[connection.public_id]))
        assert f"{tuned} · until {shown}" in page.content.decode()


def test_how_often_a_server_may_be_asked_can_be_said(client):
    client.post(CREATE, OTHER | {"calls_per_minute": "30"})
    connection = Connection.objects.get()
    assert connection.calls_per_minute == 30
    assert 'value="30"' in client.get(connection.get_absolute_url()).content.decode()
    assert client.post(CREATE, OTHER | {"name": "B", "calls_per_minute": "0"}).status_code == 422
    client.post(connection.get_absolute_url(), OTHER | {"key": ""})
    connection.refresh_from_db()
    assert connection.calls_per_minute is None


def test_a_server_that_asked_for_a_rest_is_shown_to_rest(client, owner):
    connection = make_connection(workspace=owner.workspace)
    for wait, is_shown in ((60, True), (-60, False)):
        moment = timezone.now() + timedelta(seconds=wait)
        Connection.objects.update(quiet_until=moment)
        page = client.get(connection.get_absolute_url()).content.decode()
        assert ("asked for fewer requests" in page) == is_shown


def test_the_form_of_a_job_says_when_its_model_ends_at_azure(client, owner):
    azure = make_connection(workspace=owner.workspace, profile="azure")
    version = make_version(workspace=owner.workspace)
    asked = {"connection": azure.public_id, "training_data": version.public_id}
    url = reverse("jobs:estimate")
    page = client.get(url, {**asked, "base_model": "gpt-4.1-mini-2025-04-14"}).content.decode()
    assert "until about 2027-04-14" in page
    assert "answers until 2027-10-14" in page
    page = client.get(url, {**asked, "base_model": "Ministral-3B"}).content.decode()
    assert "until about" not in page


def test_an_end_that_a_workspace_entered_is_told_of_its_own_provider(client, owner):
    nebius = make_connection(workspace=owner.workspace, profile="nebius")
    facts = {"last_training_date": "2027-03-01", "last_answers_date": "2027-04-01"}
    for name, value in facts.items():
        Override.objects.create(
            workspace=owner.workspace,
            profile="nebius",
            name=name,
            value=value,
            as_of=timezone.now(),
            source="news",
        )
    overrides.forget(owner.workspace_id)
    page = client.get(nebius.get_absolute_url()).content.decode()
    assert "Nebius Token Factory takes" in page
    assert "OpenAI takes" not in page
    assert "active lately" not in page
