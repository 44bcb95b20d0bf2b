"""A job as the beginning of another: everything kept, at its own provider or elsewhere."""

from uuid import uuid4

import pytest
from django.urls import reverse

from apps.jobs.models import Job
from apps.jobs.services import create_job
from apps.jobs.starting.wanted import Wanted
from apps.providers.types import JobStatus, Method
from tests.datasets.rule_cases.rows import compared
from tests.factories import make_connection, make_job, make_version
from tests.jobs.conftest import ended
from tests.jobs.test_form_methods import rows

REPORTS = [{"type": "wandb", "wandb": {"project": "ferry", "tags": ["a", "b"]}}]


@pytest.fixture
def openai(owner):
    return make_connection(workspace=owner.workspace, profile="openai", name="Our OpenAI")


@pytest.fixture
def job(owner, openai):
    """A preference job with everything that can be chosen."""
    made = {"workspace": owner.workspace, "format": "preference", "content": rows(compared())}
    wanted = Wanted(
        connection=openai,
        training_data=make_version(name="pairs", **made),
        validation_data=make_version(name="others", **made),
        base_model="gpt-4o-mini-2024-07-18",
        method=Method.DPO,
        hyperparameters={"n_epochs": 2, "beta": 0.2, "learning_rate_multiplier": "auto"},
        suffix="ferry",
        seed=7,
        metadata={"team": "harbour"},
        integrations=REPORTS,
    )
    return create_job(membership=owner, wanted=wanted, name="Ferry")


def form_of(client, job, **query):
    url = reverse("jobs:create")
    return client.get(url, {"clone": str(job.public_id), **query})


def values(form):
    """Return what a browser would send of the form as it stands."""
    data = {name: form[name].value() for name in form.fields}
    pairs = data.pop("metadata", ())
    data |= {"metadata_key": [key for key, _v in pairs], "metadata_value": [v for _k, v in pairs]}
    data["method"] = form.chosen.method
    rows = {name: data[name] for name in ("training_data", "validation_data", "connection")}
    data |= {name: getattr(row, "public_id", row) for name, row in rows.items()}
    return {name: "" if value is None else value for name, value in data.items()}


def test_a_clone_that_changes_nothing_asks_for_the_same(client, job):
    form = form_of(client, job).context["form"]
    response = client.post(reverse("jobs:create"), values(form))
    clone = Job.objects.latest("pk")
    assert response.url == clone.get_absolute_url()
    kept = {
        *("connection", "training_data", "validation_data", "base_model", "method", "suffix"),
        *("seed", "metadata", "integrations", "hyperparameters", "grader"),
    }
    expected = {name: getattr(job, name) for name in kept}
    expected["hyperparameters"] = {**job.hyperparameters, "batch_size": "auto"}
    assert {name: getattr(clone, name) for name in kept} == expected
    assert (clone.cloned_from, clone.name) == (job, "Clone of Ferry")


def test_a_grader_is_cloned_too(client, owner):
    azure = make_connection(workspace=owner.workspace, profile="azure")
    parts = {
        name: {
            "type": "text_similarity",
            "name": name,
            "input": "{{sample.output_text}}",
            "reference": "{{item.reference_answer}}",
            "evaluation_metric": metric,
        }
        for name, metric in (("near", "bleu"), ("far", "rouge_l"))
    }
    grader = {"type": "multi", "name": "graders", "graders": parts, "calculate_output": "near*far"}
    job = make_job(
        workspace=owner.workspace, connection=azure, method="reinforcement", grader=grader
    )
    assert form_of(client, job).context["form"].graders.shape() == grader


def test_a_clone_elsewhere_keeps_what_translates_and_names_what_does_not(client, owner, job):
    together = make_connection(workspace=owner.workspace, profile="together", name="Together")
    response = form_of(client, job, connection=str(together.public_id))
    form, page = response.context["form"], response.content.decode()
    assert form.chosen.connection == together
    assert (form["n_epochs"].value(), form["beta"].value()) == (2, 0.2)
    assert "learning_rate" in form.fields
    assert form["learning_rate"].value() in (None, "")
    assert [str(each.label) for each in form.dropped] == [
        "Labels",
        "Weights & Biases: Project",
        "Weights & Biases: Tags",
    ]
    assert "Not offered by Together, and left out:" in page
    assert "Together does not list “gpt-4o-mini-2024-07-18”" in page
    assert form["base_model"].value() == ""


def test_a_base_model_that_is_not_there_elsewhere_is_named(client, owner, job):
    engine = make_connection(workspace=owner.workspace, profile="engine", name="This machine")
    response = form_of(client, job, connection=str(engine.public_id))
    assert "This machine does not list “gpt-4o-mini-2024-07-18”" in response.content.decode()
    assert response.context["form"]["base_model"].value() == ""


def test_a_job_made_elsewhere_is_cloned_as_far_as_it_is_known(client, owner, openai):
    job = Job.objects.create(
        workspace=owner.workspace,
        connection=openai,
        name="From the notebook",
        base_model="gpt-4.1-mini-2025-04-14",
        is_imported=True,
        validation_file_id="file-9",
        resolved_hyperparameters={"n_epochs": 3, "batch_size": 1},
        grader={"type": "python", "name": "mine", "source": "def grade(): pass"},
    )
    response = form_of(client, job)
    form, page = response.context["form"], response.content.decode()
    assert (form["n_epochs"].value(), form["base_model"].value()) == (3, job.base_model)
    assert form["training_data"].value() is None
    assert "Its training data is not in Retune" in page
    assert "validated with data that is not in Retune" in page
    assert "settings are those the provider tells" in page
    assert "does not take: python" in page
    assert "def grade" not in page


def test_a_grader_that_nobody_knows_is_asked_for(client, owner):
    job = make_job(workspace=owner.workspace, method="reinforcement", is_imported=True)
    assert "Its grader is not known here." in form_of(client, job).content.decode()


def test_data_that_is_no_longer_ready_is_left_out_with_a_word(client, job):
    job.validation_data.status = "checking"
    job.validation_data.save(update_fields=["status"])
    response = form_of(client, job)
    assert response.context["form"]["validation_data"].value() is None
    assert "“others” is not ready any more" in response.content.decode()


def test_nobody_clones_a_stranger_s_job(client_of, stranger, job):
    assert form_of(client_of(stranger), job).status_code == 404
    other = make_version(workspace=stranger.workspace)
    connection = make_connection(workspace=stranger.workspace)
    data = {
        "form_token": str(uuid4()),
        "training_data": str(other.public_id),
        "connection": str(connection.public_id),
        "base_model": "x",
        "cloned_from": str(job.public_id),
    }
    client_of(stranger).post(reverse("jobs:create"), data)
    assert Job.objects.get(workspace=stranger.workspace).cloned_from is None


def test_what_is_no_job_cannot_be_cloned(client):
    assert client.get(reverse("jobs:create"), {"clone": "nonsense"}).status_code == 404


def test_the_page_of_a_job_leads_to_its_clone_and_back(client, job):
    page = client.get(job.get_absolute_url()).content.decode()
    assert f"{reverse('jobs:create')}?clone={job.public_id}" in page
    clone = make_job(workspace=job.workspace, cloned_from=job)
    page = client.get(ended(clone, JobStatus.SUCCEEDED).get_absolute_url()).content.decode()
    assert job.get_absolute_url() in page
