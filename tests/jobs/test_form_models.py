"""What a job may start from: base models, tuned models, checkpoints; and why others not."""

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.jobs.models import Checkpoint, Job
from apps.providers import profiles
from apps.providers.types import JobStatus
from tests.factories import make_connection, make_job, make_version
from tests.jobs.conftest import ended
from tests.jobs.test_form_methods import data_of

HTMX = {"HX-Request": "true"}
TUNED = "ft:gpt-4.1-mini-2025-04-14:harbour::a1"


@pytest.fixture
def openai(owner):
    return make_connection(workspace=owner.workspace, profile="openai", name="Our OpenAI")


@pytest.fixture
def tuned_job(owner, openai):
    job = make_job(workspace=owner.workspace, connection=openai, name="Ferry times")
    for step, model in ((10, f"{TUNED}:ckpt-step-10"), (20, TUNED)):
        Checkpoint.objects.create(
            job=job,
            provider_checkpoint_id=str(step),
            model=model,
            step=step,
            created_at=datetime.now(UTC),
        )
    return ended(job, JobStatus.SUCCEEDED, fine_tuned_model=TUNED)


def offered(client, connection, **query):
    """Return the field for the base model as it is after a connection was chosen."""
    query = {"connection": str(connection.public_id), **query}
    return client.get(reverse("jobs:base_models"), query, headers=HTMX)


def start(client, owner, connection, model):
    version = make_version(workspace=owner.workspace)
    return client.post(reverse("jobs:create"), data_of(version, connection, model))


def test_tuned_models_and_checkpoints_of_the_workspace_are_offered(client, tuned_job, openai):
    page = client.get(reverse("jobs:create")).content.decode()
    assert '<optgroup label="Tuned models of this workspace">' in page
    assert f'<option value="{TUNED}">Ferry times · {TUNED}</option>' in page
    assert f'<option value="{TUNED}:ckpt-step-10">Ferry times, step 10' in page
    assert page.count(f'value="{TUNED}"') == 1


def test_a_job_can_start_from_a_tuned_model(client, owner, openai, tuned_job):
    response = start(client, owner, openai, f"{TUNED}:ckpt-step-10")
    assert response.status_code == 302
    assert Job.objects.latest("pk").base_model == f"{TUNED}:ckpt-step-10"


def test_models_of_strangers_and_of_other_connections_are_not_offered(
    client_of, stranger, owner, tuned_job
):
    make_connection(workspace=stranger.workspace, profile="openai")
    assert TUNED not in client_of(stranger).get(reverse("jobs:create")).content.decode()


def test_a_tuned_model_of_another_provider_is_refused_by_its_maker(client, owner, tuned_job):
    azure = make_connection(
        workspace=owner.workspace, profile="azure", base_url="https://x.test/v1", name="Azure"
    )
    response = start(client, owner, azure, TUNED)
    (error,) = response.context["form"].errors["base_model"]
    assert error == f"“{TUNED}” was trained by “Our OpenAI” and is not there at “Azure”."


def test_another_key_for_the_same_provider_may_train_it_further(client, owner, tuned_job):
    second = make_connection(workspace=owner.workspace, profile="openai", name="Second key")
    assert start(client, owner, second, TUNED).status_code == 302


def test_a_provider_that_trains_base_models_only_says_so(client, owner, tuned_job, monkeypatch):
    closed = profiles.profile_for("openai").capabilities
    monkeypatch.setattr(type(closed), "offers", lambda self, name: name != "continue_from_tuned")
    connection = tuned_job.connection
    page = client.get(reverse("jobs:create")).content.decode()
    assert TUNED not in page
    assert "trains base models only" in page
    response = start(client, owner, connection, TUNED)
    assert "trains base models only" in str(response.context["form"].errors["base_model"])


def test_a_model_of_the_connection_before_is_left_out_with_a_word(client, owner, providers):
    generic = make_connection(workspace=owner.workspace, name="Our server")
    providers.of(generic).models = ["llama-small"]
    query = {"base_model": "gpt-4.1-2025-04-14", "models_of": str(uuid4())}
    page = offered(client, generic, **query).content.decode()
    assert "Our server does not list “gpt-4.1-2025-04-14”" in page
    assert not re.search(r'name="base_model"[^>]*gpt-4', page)


def test_a_typed_model_stays_while_its_connection_does(client, owner, providers):
    generic = make_connection(workspace=owner.workspace)
    providers.of(generic).models = []
    query = {"base_model": "my-own", "models_of": str(generic.public_id)}
    assert 'value="my-own"' in offered(client, generic, **query).content.decode()


def test_an_address_that_names_a_model_in_rubbish_opens_the_form(client, tuned_job):
    response = client.get(reverse("jobs:create"), {"base_model": "\0", "model": "\0"})
    assert response.status_code == 200
