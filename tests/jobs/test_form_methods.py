"""The form of a job by method and provider: what is offered, kept, left out and refused."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.jobs.models import Job
from apps.providers.types import Method
from tests.datasets.rule_cases.rows import compared, task
from tests.factories import make_connection, make_version

HTMX = {"HX-Request": "true"}


def rows(row, count=12):
    return b"".join(json.dumps(row).encode() + b"\n" for _number in range(count))


@pytest.fixture
def chats(owner):
    return make_version(workspace=owner.workspace, name="chats")


@pytest.fixture
def preferences(owner):
    content = rows(compared())
    return make_version(
        workspace=owner.workspace, name="preferences", format="preference", content=content
    )


@pytest.fixture
def tasks(owner):
    content = rows(task())
    return make_version(
        workspace=owner.workspace, name="tasks", format="reinforcement", content=content
    )


@pytest.fixture
def at(owner):
    def connection(profile):
        return make_connection(workspace=owner.workspace, profile=profile, name=f"My {profile}")

    return connection


def data_of(training_data, connection, base_model="gpt-4.1-mini-2025-04-14", **fields):
    return {
        "form_token": str(uuid4()),
        "training_data": str(training_data.public_id),
        "fitted_to": str(training_data.public_id),
        "connection": str(connection.public_id),
        "base_model": base_model,
        **fields,
    }


def start(client, *args, **fields):
    return client.post(reverse("jobs:create"), data_of(*args, **fields))


def options(client, *args, **fields):
    """Return the part of the form that depends on connection and method."""
    url = reverse("jobs:options")
    return client.post(url, data_of(*args, **fields), headers=HTMX)


def test_the_method_follows_the_rows(client, at, chats, preferences, tasks):
    azure = at("azure")
    for version, method in (
        (chats, Method.SUPERVISED),
        (preferences, Method.DPO),
        (tasks, Method.REINFORCEMENT),
    ):
        before = {"fitted_to": "", "method": "supervised"}
        form = options(client, version, azure, **before).context["form"]
        assert form.chosen.method == method
        assert not form.mismatch


def test_another_method_stays_chosen_and_its_rows_are_asked_for(client, at, chats):
    page = options(client, chats, at("azure"), method="dpo").content.decode()
    assert "“chats” holds rows of the kind “Chat”" in page
    assert 'value="dpo" checked' in page


def test_a_method_that_a_provider_does_not_offer_is_shown_with_its_reason(client, at, chats):
    page = options(client, chats, at("openai")).content.decode()
    card = page[page.index('value="reinforcement"') :]
    assert card.index("disabled") < card.index("o4-mini, takes no new jobs")
    assert 'value="dpo" aria' in " ".join(page.split())


def test_what_nobody_could_confirm_is_offered_and_said_to_be_so(client, at, chats):
    page = options(client, chats, at("generic")).content.decode()
    assert page.count("Nobody could confirm that it is offered here") == 1
    assert "nobody could confirm that this provider heeds it: Name part" in page
    page = options(client, chats, at("openai")).content.decode()
    assert "could confirm" not in page


def test_a_preference_job_is_sent_as_such(
    client, at, preferences, providers, django_capture_on_commit_callbacks
):
    openai = at("openai")
    with django_capture_on_commit_callbacks(execute=True):
        start(client, preferences, openai, method="dpo", beta="0.2", n_epochs="2")
    (spec,) = providers.of(openai).specs
    assert (spec.method, spec.hyperparameters) == (Method.DPO, {"beta": 0.2, "n_epochs": 2})
    assert Job.objects.get().method == "dpo"


@pytest.mark.parametrize(
    ("profile", "fields", "place", "words"),
    [
        ("openai", {"method": "dpo"}, "method", "learned from by the method “Supervised”"),
        ("openai", {"method": "reinforcement"}, "method", "o4-mini, takes no new jobs"),
        ("nebius", {"method": "dpo"}, "method", "no training on preferences"),
        ("openai", {"n_epochs": "auto"}, "n_epochs", "whole number"),
        ("nebius", {"lora": "perhaps"}, "lora", "perhaps is not one of"),
        ("nebius", {"learning_rate": "1"}, "learning_rate", "less than or equal to 0.01"),
        ("openai", {"metadata_key": ["a", "a"], "metadata_value": ["1", "2"]}, "metadata", "twice"),
        ("openai", {"metadata_key": "k" * 65, "metadata_value": "v"}, "metadata", "at most 64"),
        ("openai", {"metadata_key": "k", "metadata_value": "v" * 513}, "metadata", "at most 512"),
        ("openai", {"metadata_key": "", "metadata_value": "v"}, "metadata", "a name"),
        ("openai", {"metadata_key": "retune_job", "metadata_value": "v"}, "metadata", "own"),
        ("openai", {"wandb_name": "run"}, "wandb_project", "Name the project"),
        ("openai", {"wandb_project": "p", "wandb_tags": "t" * 65}, "wandb_tags", "at most 64"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(client, at, chats, profile, fields, place, words):
    model = "gpt-4.1-mini-2025-04-14" if profile == "openai" else "meta-llama/Llama-3.1-8B-Instruct"
    response = start(client, chats, at(profile), model, **fields)
    assert response.status_code == 422
    assert words in str(response.context["form"].errors[place])
    assert not Job.objects.exists()


def test_sixteen_labels_are_one_too_many(client, at, chats):
    keys = [f"k{number}" for number in range(16)]
    response = start(client, chats, at("openai"), metadata_key=keys, metadata_value=keys)
    assert "at most 15 labels" in str(response.context["form"].errors["metadata"])


def test_labels_and_reports_travel_with_the_job(
    client, at, chats, providers, django_capture_on_commit_callbacks
):
    openai = at("openai")
    with django_capture_on_commit_callbacks(execute=True):
        start(
            client,
            chats,
            openai,
            metadata_key=[" team ", "", "empty"],
            metadata_value=["harbour", "", ""],
            wandb_project="ferry",
            wandb_tags="a, b,, a",
        )
    (spec,) = providers.of(openai).specs
    assert spec.metadata == {"team": "harbour", "empty": ""}
    assert spec.integrations == [
        {"type": "wandb", "wandb": {"project": "ferry", "tags": ["a", "b"]}}
    ]


def test_settings_are_those_of_the_provider_in_its_own_unit(client, at, chats):
    nebius = options(client, chats, at("nebius")).context["form"]
    assert "learning_rate_multiplier" not in nebius.fields
    assert nebius["learning_rate"].label == "Learning rate, absolute"
    assert "From 0.00000001 to 0.01." in nebius["learning_rate"].help_text
    openai = options(client, chats, at("openai")).context["form"]
    assert "learning_rate" not in openai.fields
    assert "beta" not in openai.fields


def test_another_connection_keeps_what_it_knows_and_tells_what_it_left_out(client, at, chats):
    response = options(
        client,
        chats,
        at("nebius"),
        n_epochs="4",
        learning_rate_multiplier="2",
        seed="7",
        wandb_project="ferry",
        metadata_key=["team"],
        metadata_value=["harbour"],
    )
    form, page = response.context["form"], response.content.decode()
    assert (form["n_epochs"].value(), form["seed"].value()) == ("4", "7")
    assert form["metadata"].value() == [("team", "harbour")]
    told = [(str(each.label), each.value) for each in form.dropped]
    assert told == [("Weights & Biases: Project", "ferry"), ("Learning rate multiplier", "2")]
    assert "Not offered by My nebius, and left out:" in page
    assert "the key of Weights &amp; Biases" in page


def test_a_value_that_the_chosen_provider_does_not_know_starts_nothing_unseen(client, at, chats):
    """The connection was changed, and the button pressed before the page had followed."""
    model = "meta-llama/Llama-3.1-8B-Instruct"
    response = start(client, chats, at("nebius"), model, learning_rate_multiplier="2")
    (error,) = response.context["form"].non_field_errors()
    assert "Learning rate multiplier (2)" in error
    assert not Job.objects.exists()


def test_only_what_a_provider_calls_automatic_is_sent_so(
    client, at, chats, django_capture_on_commit_callbacks
):
    start(client, chats, at("openai"))
    start(client, chats, at("nebius"), "meta-llama/Llama-3.1-8B-Instruct", lora="true", lora_r="16")
    at_openai, at_nebius = Job.objects.order_by("pk")
    assert set(at_openai.hyperparameters.values()) == {"auto"}
    assert at_nebius.hyperparameters == {"lora": True, "lora_r": 16}


def test_without_scripts_another_row_for_a_label_starts_nothing(client, at, chats):
    response = start(client, chats, at("openai"), change="label", metadata_key="a", seed="7")
    assert (response.status_code, Job.objects.count()) == (200, 0)
    assert response.context["form"]["seed"].value() == "7"


def test_a_viewer_is_not_shown_the_options(client_of, viewer, at, chats):
    response = options(client_of(viewer), chats, at("openai"))
    assert response.status_code == 403
