"""The playground knows what answers: deployed models by their names, and why others do not."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.library.deployments import serving
from apps.library.models import Deployment, EndToldBy, TunedModel
from apps.library.services import note_use
from apps.playground.asking import troubles
from apps.playground.choices import model_choices
from apps.playground.models import Column, Conversation, Reply, Trouble, Turn
from apps.playground.services import ColumnChoice, label_for
from apps.providers.models import Connection
from apps.providers.types import DeploymentStatus, ProviderError, ProviderUnavailable
from tests.factories import make_connection, make_tuned_model
from tests.library.conftest import TUNED, make_done_job

NOT_FOUND = ProviderError("No such model", status=404)


@pytest.fixture
def azure(owner, providers) -> Connection:
    connection = make_connection(workspace=owner.workspace, profile=Connection.Profile.AZURE)
    providers.of(connection).models = [TUNED]
    return connection


@pytest.fixture
def job(owner, azure):
    return make_done_job(owner, azure)


@pytest.fixture
def model(owner, azure, job) -> TunedModel:
    return make_tuned_model(
        workspace=owner.workspace, connection=azure, job=job, name=TUNED, title="Pirate"
    )


def serve(model: TunedModel, **fields) -> Deployment:
    now = timezone.now()
    defaults = {"status": DeploymentStatus.ACTIVE, "active_at": now, "model": "retune-pirate-1"}
    return Deployment.objects.create(
        workspace=model.workspace, tuned_model=model, name="retune-pirate-1", **defaults | fields
    )


def offered(connection: Connection) -> dict[str, str]:
    groups = model_choices(connection).groups
    return {model.id: model.label for group in groups for model in group.models}


def ask(model: TunedModel, asked: str = "") -> Reply:
    conversation = Conversation.objects.create(workspace=model.workspace, title="Hi")
    column = Column.objects.create(conversation=conversation, position=0, model=model.name)
    turn = Turn.objects.create(
        conversation=conversation, position=0, text="Hi", form_token=model.public_id
    )
    return Reply.objects.create(
        turn=turn, column=column, connection=model.connection, model=asked or model.name
    )


def test_a_model_is_offered_by_its_name_once_it_is_deployed(azure, model):
    assert TUNED not in offered(azure)
    deployment = serve(model)
    assert offered(azure)["retune-pirate-1"] == "Pirate"
    Deployment.objects.update(status=DeploymentStatus.STOPPED, ended_at=timezone.now())
    assert deployment.model not in offered(azure)


def test_a_model_that_was_deleted_is_offered_no_more(owner, connection, provider):
    make_done_job(owner, connection)
    provider.models = [TUNED]
    assert TUNED in offered(connection)
    make_tuned_model(
        workspace=owner.workspace, connection=connection, name=TUNED, deleted_at=timezone.now()
    )
    assert TUNED not in offered(connection)


def test_comparing_asks_the_deployment(client, job, model):
    serve(model)
    page = client.get(f"{reverse('playground:create')}?job={job.public_id}")
    columns = page.context["columns"]
    assert [column["picker"].selected for column in columns] == [job.base_model, "retune-pirate-1"]
    assert columns[1]["label"] == Column.Label.TUNED


def test_a_deployment_of_another_model_is_not_the_jobs_result(owner, azure, job):
    other = make_tuned_model(workspace=owner.workspace, connection=azure)
    serve(other)
    assert label_for(job, ColumnChoice(0, azure, "retune-pirate-1")) is None
    assert serving.chat_name(azure, TUNED) == TUNED


def test_a_chat_is_noted_once_a_minute(azure, model):
    deployment = serve(model)
    note_use(connection=azure, model="retune-pirate-1")
    deployment.refresh_from_db()
    first = deployment.last_used_at
    assert first
    note_use(connection=azure, model="retune-pirate-1")
    deployment.refresh_from_db()
    assert deployment.last_used_at == first


@pytest.mark.parametrize(
    ("state", "trouble"),
    [
        ({"made_at": timedelta(minutes=2)}, Trouble.MODEL_NOT_READY),
        ({}, Trouble.MODEL_NOT_DEPLOYED),
        ({"deleted": True}, Trouble.MODEL_DELETED),
        ({"ended": True}, Trouble.MODEL_ENDED),
        ({"served": True}, Trouble.MODEL_NOT_FOUND),
    ],
)
def test_a_model_that_is_not_found_has_a_reason(model, state, trouble):
    now = timezone.now()
    TunedModel.objects.update(made_at=now - state.get("made_at", timedelta(hours=1)))
    if "deleted" in state:
        TunedModel.objects.update(deleted_at=now)
    if "ended" in state:
        TunedModel.objects.update(ends_on=now.date(), end_told_by=EndToldBy.MODEL)
    reply = ask(model, serve(model).model if "served" in state else "")
    assert troubles.trouble_with(reply, NOT_FOUND) == trouble


def test_silence_of_a_new_model_is_no_trouble_of_the_provider(model):
    reply = ask(model)
    silence = ProviderUnavailable("timeout")
    assert troubles.trouble_with(reply, silence) == Trouble.MODEL_NOT_READY
    TunedModel.objects.update(made_at=timezone.now() - timedelta(hours=1))
    assert troubles.trouble_with(reply, silence) == Trouble.UNAVAILABLE


def test_a_wrong_key_is_a_wrong_key_for_new_models_too(model):
    refusal = ProviderError("Bad key", status=401)
    assert troubles.trouble_with(ask(model), refusal) == Trouble.KEY_REFUSED
