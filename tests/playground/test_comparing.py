"""What a job brings to the playground: its models side by side, its questions, and the pickers."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from apps.accounts.models import Membership
from apps.datasets.services import datasets
from apps.jobs.models import Checkpoint, Job
from apps.playground.models import Conversation
from apps.providers.models import Connection
from tests.factories import make_connection, make_job
from tests.playground.site import form, page
from tests.providers.fake_server import FakeServer, model


@pytest.fixture
def job(owner: Membership, connection: Connection) -> Job:
    return make_job(
        workspace=owner.workspace,
        connection=connection,
        name="Pirate",
        base_model="tiny-chat-1m",
        fine_tuned_model="ft:pirate",
    )


def checkpoint(job: Job, model: str) -> Checkpoint:
    return Checkpoint.objects.create(
        job=job, provider_checkpoint_id=model, model=model, step=12, created_at=job.created_at
    )


def test_a_job_is_compared_with_its_base(client: Client, job: Job) -> None:
    html = page(client, f"{reverse('playground:create')}?job={job.public_id}")
    assert html.index("Base") < html.index("Tuned")
    assert '<option value="tiny-chat-1m" selected>' in html
    assert '<option value="ft:pirate" selected>' in html
    assert "You are kind." in html


def test_a_checkpoint_of_the_job_takes_the_right_side(client: Client, job: Job) -> None:
    checkpoint(job, "ft:pirate:12")
    url = f"{reverse('playground:create')}?job={job.public_id}&model=ft:pirate:12"
    html = page(client, url)
    assert html.index('<option value="tiny-chat-1m" selected>') < html.index(
        '<option value="ft:pirate:12" selected>'
    )
    assert "ft:pirate:12" in html[html.index(">Checkpoint<") :]


def test_a_model_that_is_not_of_the_job_is_not_put_beside_its_base(
    client: Client, connection: Connection, job: Job
) -> None:
    other = make_job(workspace=job.workspace, connection=connection)
    checkpoint(other, "ft:other:12")
    for model_id in ("ft:other:12", "anything", "ft:pirate\0"):
        query = {"job": job.public_id, "model": model_id}
        response = client.get(reverse("playground:create"), query)
        assert '<option value="ft:pirate" selected>' in response.content.decode()


def test_another_workspaces_job_is_not_compared(client: Client, stranger: Membership) -> None:
    theirs = make_job(workspace=stranger.workspace, fine_tuned_model="ft:theirs")
    for job_id in (theirs.public_id, "nonsense"):
        response = client.get(f"{reverse('playground:create')}?job={job_id}")
        assert response.status_code == 404


def test_looking_at_a_new_conversation_saves_nothing(client: Client, job: Job) -> None:
    page(client, f"{reverse('playground:create')}?job={job.public_id}")
    assert not Conversation.objects.exists()


def test_the_first_message_saves_the_conversation_with_its_job(
    client: Client, connection: Connection, job: Job
) -> None:
    url = f"{reverse('playground:create')}?job={job.public_id}"
    sides = {"column-0-model": "tiny-chat-1m", "column-1-model": "ft:pirate"}
    client.post(url, form(connection, "Ahoy,\n who are you?", system_prompt="Be rude.", **sides))
    conversation = Conversation.objects.get()
    assert (conversation.title, conversation.job) == ("Ahoy, who are you?", job)
    assert conversation.system_prompt == "Be rude."
    labels = conversation.columns.order_by("position").values_list("label", flat=True)
    assert list(labels) == ["base", "tuned"]


@pytest.mark.parametrize(
    ("has_validation", "words"),
    [(True, "a question that the model was not trained on"), (False, "from the training data")],
)
def test_questions_are_offered_where_it_can_be_those_that_the_model_has_not_seen(
    client: Client,
    owner: Membership,
    connection: Connection,
    django_capture_on_commit_callbacks: Any,
    has_validation: bool,
    words: str,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        training, validation = datasets.add_sample(membership=owner)
    job = make_job(
        workspace=owner.workspace,
        connection=connection,
        training_data=training,
        validation_data=validation if has_validation else None,
    )
    html = page(client, f"{reverse('playground:create')}?job={job.public_id}")
    assert html.count("data-question>") == 4
    source = validation if has_validation else training
    first = json.loads(source.path.read_text().splitlines()[0])
    assert escape(first["messages"][1]["content"]) in html
    assert words in html


def test_the_picker_lists_tuned_models_checkpoints_and_the_providers_own(
    client: Client, connection: Connection, provider: FakeServer, job: Job
) -> None:
    provider.models = [model("tiny-chat-1m"), model("ft:pirate"), model("ft:pirate:1")]
    provider.models.append(model("ft:gone:ckpt-step-3"))
    checkpoint(job, "ft:pirate:1")
    html = client.get(reverse("playground:models", args=[0]), picked(connection)).content.decode()
    groups = re.findall('<optgroup label="([^"]+)"', html)
    assert groups == ["Fine-tuned models", "Other models", "Checkpoints"]
    assert html.index("Checkpoints") < html.index("ft:gone:ckpt-step-3")
    assert '<option value="ft:pirate">Pirate</option>' in html
    assert '<option value="ft:pirate:1">Step 12 · Pirate</option>' in html
    assert html.count("ft:pirate:1") == 1
    assert '<option value="tiny-chat-1m" selected>' in html


def test_the_picker_begins_with_the_base_models(
    client: Client, owner: Membership, provider: FakeServer
) -> None:
    engine = make_connection(
        workspace=owner.workspace, base_url=provider.url, profile=Connection.Profile.ENGINE
    )
    make_job(workspace=owner.workspace, connection=engine, fine_tuned_model="ft:pirate")
    html = client.get(reverse("playground:models", args=[0]), picked(engine)).content.decode()
    groups = re.findall('<optgroup label="([^"]+)"', html)
    assert groups == ["Base models", "Fine-tuned models"]


def test_the_picker_says_what_the_engines_model_is_for(
    client: Client, owner: Membership, provider: FakeServer
) -> None:
    engine = make_connection(
        workspace=owner.workspace, base_url=provider.url, profile=Connection.Profile.ENGINE
    )
    html = client.get(reverse("playground:models", args=[0]), picked(engine)).content.decode()
    assert "memorises small datasets" in html


def test_a_provider_that_does_not_list_its_models_leaves_the_choice_open(
    client: Client, connection: Connection, provider: FakeServer
) -> None:
    provider.break_next("GET", "/v1/models", status=503)
    asked = picked(connection, kept=str(connection.public_id))
    html = client.get(reverse("playground:models", args=[0]), asked).content.decode()
    assert '<option value="tiny-chat-1m" selected>' in html
    assert "Another model…" in html
    assert "503" in html


def test_a_model_of_the_connection_before_is_not_kept(
    client: Client, connection: Connection
) -> None:
    asked = picked(connection) | {"column-0-model": "elsewhere", "kept": str(uuid4())}
    html = client.get(reverse("playground:models", args=[0]), asked).content.decode()
    assert "elsewhere" not in html


def picked(connection: Connection, **fields: str) -> dict[str, str]:
    chosen = {
        "column-0-connection": str(connection.public_id),
        "column-0-model": "tiny-chat-1m",
    }
    return chosen | fields
