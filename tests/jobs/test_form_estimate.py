"""What stands beside the button: a range where the provider chooses, and how files are sent."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.jobs.models import Job
from apps.providers.models import Override
from apps.providers.profiles import profile_for
from apps.providers.types import JobStatus
from tests.datasets.rule_cases.rows import task
from tests.factories import make_connection, make_job, make_version
from tests.jobs.conftest import ended
from tests.jobs.test_form_methods import data_of, rows

MODEL = "gpt-4.1-2025-04-14"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def version(owner):
    """120 tokens in 100 rows."""
    version = make_version(workspace=owner.workspace)
    version.row_count, version.statistics["rows"] = 100, 100
    version.save(update_fields=["row_count", "statistics"])
    return version


@pytest.fixture
def openai(owner):
    return make_connection(workspace=owner.workspace, profile="openai", name="Our OpenAI")


def shown(client, version, connection, **fields):
    query = data_of(version, connection, MODEL, **fields)
    return client.get(reverse("jobs:estimate"), query, headers=HTMX)


@pytest.mark.parametrize(
    ("rows", "likely", "bounds"),
    [
        (1, 25, (25, 25)),
        (10, 10, (10, 25)),
        (100, 3, (1, 25)),
        (5_000, 3, (1, 5)),
        (8_334, 2, (1, 2)),
        (30_000, 1, (1, 1)),
    ],
)
def test_the_bounds_of_the_rule_hold_what_is_likely(rows, likely, bounds):
    rule = profile_for("openai").auto_epochs
    assert (rule.epochs(rows), rule.bounds(rows)) == (likely, bounds)


def test_automatic_epochs_cost_a_range(client, version, openai):
    response = shown(client, version, openai)
    estimate, page = response.context["estimate"], response.content.decode()
    assert (estimate["n_epochs_least"], estimate["n_epochs_most"]) == (1, 25)
    assert "from $0.01 to $0.15" in page
    assert "≈ $0.02" in page


def test_chosen_epochs_cost_what_they_cost(client, version, openai):
    response = shown(client, version, openai, n_epochs="2")
    estimate = response.context["estimate"]
    assert estimate["usd_least"] == estimate["usd"] == estimate["usd_most"] == "0.012"
    assert "The provider chooses the epochs" not in response.content.decode()


@pytest.mark.parametrize(("name", "per_million"), [("training", "0"), ("base_input", None)])
def test_a_price_of_nothing_is_a_price_and_that_of_asking_none(
    client, version, owner, name, per_million
):
    server = make_connection(workspace=owner.workspace)
    mine = {"workspace": owner.workspace, "profile": server.profile, "model": "llama"}
    Override.objects.create(**mine, name=name, value="0", as_of=timezone.localdate(), source="us")
    query = data_of(version, server, "llama")
    response = client.get(reverse("jobs:estimate"), query, headers=HTMX)
    assert response.context["estimate"]["usd_per_million"] == per_million
    says_nobody_knows = "No price is known for this model" in response.content.decode()
    assert says_nobody_knows == (per_million is None)


def test_a_setting_out_of_its_range_is_named_and_left_out(client, version, openai):
    page = shown(client, version, openai, n_epochs="9999").content.decode()
    assert "the estimate goes without them: Epochs." in page
    assert "without them" not in shown(client, version, openai, n_epochs="2").content.decode()


def test_the_engine_s_own_rule_leaves_nothing_open(client, owner, version):
    engine = make_connection(workspace=owner.workspace, profile="engine")
    estimate = shown(client, version, engine).context["estimate"]
    assert estimate["n_epochs_least"] == estimate["n_epochs_most"]


def test_the_estimate_is_kept_as_it_was_shown(client, version, openai):
    earlier = make_job(
        workspace=version.workspace, connection=openai, base_model=MODEL, trained_tokens=720
    )
    begun = timezone.now() - timedelta(seconds=60)
    ended(earlier, JobStatus.SUCCEEDED, started_at=begun)
    estimate = shown(client, version, openai).context["estimate"]
    client.post(reverse("jobs:create"), data_of(version, openai, MODEL))
    assert Job.objects.latest("pk").estimate == estimate
    assert [round(seconds) for seconds in estimate["seconds"]] == [60, 60]


def test_reinforcement_has_no_price_by_the_token(client, owner):
    azure = make_connection(workspace=owner.workspace, profile="azure")
    tasks = make_version(workspace=owner.workspace, format="reinforcement", content=rows(task()))
    response = shown(client, tasks, azure)
    assert response.context["estimate"]["usd"] is None
    assert "billed by time and not by tokens" in response.content.decode()


def test_what_the_provider_said_when_it_let_no_job_begin_is_shown_before_trying_again(
    client, version, openai
):
    openai.training_refusal = "OpenAI is winding down the fine-tuning platform."
    openai.training_refused_at = timezone.now()
    openai.save()
    page = shown(client, version, openai).content.decode()
    assert page.count("is winding down the fine-tuning platform") == 1


def test_the_days_that_are_left_to_train_are_told(client, version, openai):
    assert "New jobs can be started here for" in shown(client, version, openai).content.decode()


@pytest.mark.parametrize(
    ("profile", "megabytes", "words"),
    [
        ("openai", 300, "300.0\xa0MB and is sent in parts of 64.0\xa0MB"),
        ("openai", 200, "200.0\xa0MB and is sent in one piece"),
        ("generic", 300, "300.0\xa0MB and is sent in one piece"),
        ("azure", 600, "The file is larger than the 512.0\xa0MB that are taken here"),
        ("openai", 9_000, "The file is larger than the 8.0\xa0GB that are taken here"),
    ],
)
def test_how_a_large_file_is_sent_is_said_or_why_it_is_not_taken(
    client, owner, version, profile, megabytes, words
):
    version.size_bytes = megabytes * 1024 * 1024
    version.save(update_fields=["size_bytes"])
    connection = make_connection(workspace=owner.workspace, profile=profile)
    assert words in shown(client, version, connection).content.decode()


def test_a_file_that_is_too_large_starts_no_job(client, version, owner):
    azure = make_connection(workspace=owner.workspace, profile="azure")
    version.size_bytes = 600 * 1024 * 1024
    version.save(update_fields=["size_bytes"])
    response = client.post(reverse("jobs:create"), data_of(version, azure, MODEL))
    assert "larger than" in str(response.context["form"].errors["training_data"])


def test_small_files_are_sent_without_a_word(client, version, openai):
    assert shown(client, version, openai).context["sending"] == []


def test_what_is_written_differently_for_a_provider_is_told(client, version, owner):
    azure = make_connection(workspace=owner.workspace, profile="azure")
    assert "byte order mark" in shown(client, version, azure).content.decode()
