"""The list of jobs, through its address."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.jobs.models import Job
from apps.providers.types import JobStatus
from tests.factories import make_connection, make_job, make_version
from tests.jobs.conftest import ended

HTMX = {"HX-Request": "true"}


def test_an_empty_list_explains_what_a_job_is(client):
    response = client.get(reverse("jobs:list"))
    assert "shows a model your examples" in response.content.decode()
    assert reverse("jobs:create") in response.content.decode()


def test_the_list_shows_status_progress_curve_and_data(client, running_job):
    line = [[1, 2.0], [50, 1.0]]
    Job.objects.update(step=50, total_steps=100, sparkline=line)
    text = client.get(reverse("jobs:list")).content.decode()
    for expected in ("Running", "step 50 / 100", "polyline", running_job.training_data.name):
        assert expected in text


def test_the_list_costs_the_same_for_few_and_for_many(client, owner, connection):
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            client.get(reverse("jobs:list"))
        return len(queries)

    make_job(workspace=owner.workspace, connection=connection)
    few = cost()
    for _number in range(20):
        make_job(workspace=owner.workspace, connection=make_connection(workspace=owner.workspace))
    assert cost() == few <= 7


def test_the_list_reads_its_page_from_an_index(client, owner, connection):
    training_data = make_version(workspace=owner.workspace)
    shared = {
        "workspace": owner.workspace,
        "connection": connection,
        "training_data": training_data,
    }
    Job.objects.bulk_create(Job(name=f"Job {n}", base_model="x", **shared) for n in range(3000))
    with database.cursor() as cursor:
        cursor.execute("ANALYZE jobs_job")
    newest = Job.objects.visible_to(owner).order_by("-created_at", "-pk")[:50]
    assert "job_newest" in newest.explain()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=failed", {"broken"}),
        ("status=active", {"alive"}),
        ("q=BROK", {"broken"}),
        ("q=special-model", {"alive"}),
        ("status=nonsense&connection=nonsense", {"broken", "alive"}),
        ("q=nothing-like-it", set()),
    ],
)
def test_filters_stand_in_the_address(client, owner, connection, query, found):
    shared = {"workspace": owner.workspace, "connection": connection}
    make_job(name="alive", base_model="special-model", **shared)
    ended(make_job(name="broken", **shared), JobStatus.FAILED)
    response = client.get(f"{reverse('jobs:list')}?{query}")
    assert {job.name for job in response.context["jobs"]} == found


def test_the_list_filters_by_connection(client, owner, connection):
    make_job(name="other", workspace=owner.workspace)
    make_job(name="mine", workspace=owner.workspace, connection=connection)
    response = client.get(f"{reverse('jobs:list')}?connection={connection.public_id}")
    assert [job.name for job in response.context["jobs"]] == ["mine"]


def test_the_list_asks_again_only_while_a_job_is_active(client, running_job):
    assert 'hx-trigger="every' in client.get(reverse("jobs:list")).content.decode()
    ended(running_job, JobStatus.SUCCEEDED)
    assert 'hx-trigger="every' not in client.get(reverse("jobs:list")).content.decode()


def test_a_list_that_has_not_changed_is_not_sent_again(client, running_job):
    version = client.get(reverse("jobs:list")).context["version"]
    url = f"{reverse('jobs:list')}?seen={version}"
    assert client.get(url, headers=HTMX).status_code == 204
    Job.objects.update(updated_at=timezone.now())
    assert client.get(url, headers=HTMX).status_code == 200


def test_what_has_not_changed_is_found_without_reading_what_rows_show(client, running_job):
    version = client.get(reverse("jobs:list")).context["version"]
    with CaptureQueriesContext(database) as queries:
        client.get(f"{reverse('jobs:list')}?seen={version}", headers=HTMX)
    asked = " ".join(query["sql"] for query in queries)
    assert "updated_at" in asked
    assert "sparkline" not in asked
    assert '"raw"' not in asked
