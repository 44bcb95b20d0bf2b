"""The list of models and the page of each, through their addresses."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.jobs.models import Job
from apps.library import tasks
from apps.library.models import EndToldBy, TunedModel
from tests.factories import make_job, make_tuned_model
from tests.library.conftest import TUNED, make_done_job, save_checkpoint


def shown(client, query: str) -> list[str]:
    response = client.get(f"{reverse('library:list')}?{query}")
    return [model.title for model in response.context["models"]]


def test_an_empty_library_teaches_what_it_is_for(client):
    page = client.get(reverse("library:list")).content.decode()
    assert "When a job succeeds" in page
    assert reverse("jobs:create") in page


def test_filters_and_order_stand_in_the_address(client, owner, connection):
    today = timezone.localdate()
    shared = {"workspace": owner.workspace, "connection": connection}
    soon = {"ends_on": today + timedelta(days=9), "end_told_by": EndToldBy.MODEL}
    late = {"ends_on": today + timedelta(days=99), "end_told_by": EndToldBy.BASE}
    make_tuned_model(**shared, **late, title="late", tags=["keep"])
    make_tuned_model(**shared, title="endless", notes="Speaks like a pirate.")
    make_tuned_model(**shared, **soon, title="soon")
    make_tuned_model(**shared, title="saved", is_checkpoint=True, step=3)
    make_tuned_model(**shared, title="gone", deleted_at=timezone.now())
    make_tuned_model(workspace=owner.workspace, title="other connection")
    for query, expected in {
        "": ["other connection", "soon", "endless", "late"],
        f"sort=end&connection={connection.public_id}": ["soon", "late", "endless"],
        "show=checkpoints": ["saved"],
        "show=deleted": ["gone"],
        "tag=keep": ["late"],
        "q=PIRATE": ["endless"],
        "q=keep": ["late"],
        "q=nothing-like-it": [],
        "show=nonsense&tag=nonsense&connection=nonsense": [
            "other connection",
            "soon",
            "endless",
            "late",
        ],
    }.items():
        assert shown(client, query) == expected, query


def test_the_list_costs_the_same_for_few_and_for_many(client, owner, connection):
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            client.get(reverse("library:list"))
        return len(queries)

    make_done_job(owner, connection)
    tasks.collect_models()
    few = cost()
    for number in range(20):
        make_done_job(
            owner, connection, fine_tuned_model=f"ft:x:{number}", provider_job_id=str(number)
        )
    tasks.collect_models()
    assert cost() == few


def test_the_list_reads_its_page_from_an_index(client, owner, connection):
    now = timezone.now()
    TunedModel.objects.bulk_create(
        TunedModel(
            workspace=owner.workspace,
            connection=connection,
            name=f"ft:{number}",
            made_at=now - timedelta(seconds=number),
            ends_on=(now + timedelta(days=number % 400)).date(),
            end_told_by=EndToldBy.MODEL,
        )
        for number in range(2000)
    )
    with database.cursor() as cursor:
        cursor.execute("ANALYZE library_tunedmodel")
    for query, index in (("", "tuned_model_newest"), ("sort=end", "tuned_model_soonest_end")):
        with CaptureQueriesContext(database) as queries:
            client.get(f"{reverse('library:list')}?{query}")
        page = next(each["sql"] for each in queries if "LIMIT 50" in each["sql"])
        with database.cursor() as cursor:
            cursor.execute(f"EXPLAIN {page}")
            assert index in " ".join(line for (line,) in cursor.fetchall())


def test_a_model_shows_its_lineage_both_ways(client, owner, connection, done_job):
    save_checkpoint(done_job, 10, valid_loss=0.4)
    save_checkpoint(done_job, 20, valid_loss=0.9)
    tasks.collect_models()
    make_job(
        workspace=owner.workspace, connection=connection, name="Second helping", base_model=TUNED
    )
    model = TunedModel.objects.get(is_checkpoint=False)
    page = client.get(model.get_absolute_url())
    text = page.content.decode()
    for expected in (
        done_job.training_data.name,
        done_job.get_absolute_url(),
        TUNED,
        "Second helping",
        "lowest validation loss",
        f"{reverse('playground:create')}?job={done_job.public_id}",
        "no date is known",
    ):
        assert expected in text
    best = next(row for row in page.context["detail"].checkpoints if row.is_best)
    assert best.checkpoint.step == 10
    assert best.model.get_absolute_url() in text


def test_the_page_of_a_checkpoint_leads_to_the_result(client, done_job):
    save_checkpoint(done_job, 10)
    tasks.collect_models()
    model = TunedModel.objects.get(is_checkpoint=True)
    text = client.get(model.get_absolute_url()).content.decode()
    assert "checkpoint of step 10" in text
    assert TunedModel.objects.get(is_checkpoint=False).get_absolute_url() in text


@pytest.mark.parametrize(
    ("job", "shown", "why"),
    [
        ({"usd": "4.2"}, "$4.20", "as the provider says"),
        ({"base_model": "gpt-4o-mini-2024-07-18"}, "$3.00", "trained tokens times"),
        ({"estimate": {"usd": "1.5"}}, "$1.50", "from before the start"),
        ({}, "–", ""),
    ],
)
def test_the_cost_says_where_it_comes_from(client, owner, connection, job, shown, why):
    made = make_done_job(owner, connection)
    Job.objects.filter(pk=made.pk).update(**job)
    tasks.collect_models()
    text = client.get(TunedModel.objects.get().get_absolute_url()).content.decode()
    figure = text.split("Cost of the training")[1].split("Trained tokens")[0]
    assert shown in figure
    assert why in figure


def test_a_young_model_is_given_time_to_answer(client, owner, connection):
    make_done_job(owner, connection)
    tasks.collect_models()
    model = TunedModel.objects.get()
    assert "only minutes old" in client.get(model.get_absolute_url()).content.decode()
    TunedModel.objects.update(made_at=timezone.now() - timedelta(minutes=20))
    assert "only minutes old" not in client.get(model.get_absolute_url()).content.decode()


def test_the_end_is_counted_down_with_its_source(client, owner):
    ends_on = timezone.localdate() + timedelta(days=20)
    model = make_tuned_model(
        workspace=owner.workspace, ends_on=ends_on, end_told_by=EndToldBy.MODEL
    )
    text = client.get(model.get_absolute_url()).content.decode()
    assert f"stops answering in 20 days, on {ends_on}" in text
    assert "The provider says so for this model." in text


def test_bad_notes_are_refused_and_nothing_is_lost(client, owner):
    model = make_tuned_model(workspace=owner.workspace, title="Before")
    url = reverse("library:note", args=[model.public_id])
    response = client.post(url, {"title": "After", "tags": "x" * 50, "notes": "<b>Long</b>"})
    assert response.status_code == 422
    text = response.content.decode()
    assert "at most 40 characters" in text
    assert "&lt;b&gt;Long&lt;/b&gt;" in text
    assert TunedModel.objects.get().title == "Before"


def test_a_viewer_reads_notes_and_changes_none(client_of, owner, viewer):
    model = make_tuned_model(workspace=owner.workspace, notes="Keep this one.", tags=["best"])
    text = client_of(viewer).get(model.get_absolute_url()).content.decode()
    assert "Keep this one." in text
    assert reverse("library:note", args=[model.public_id]) not in text


def test_a_model_made_elsewhere_is_compared_with_its_base(client, owner):
    model = make_tuned_model(workspace=owner.workspace)
    link = f"{reverse('playground:create')}?tuned={model.public_id}"
    assert link in client.get(model.get_absolute_url()).content.decode()
    columns = client.get(link).context["columns"]
    assert [column["picker"].selected for column in columns] == ["tiny-chat-1m", model.name]
    assert {column["picker"].connection for column in columns} == {model.connection}
    assert client.get(f"{reverse('playground:create')}?tuned=nonsense").status_code == 404


def test_the_overview_says_which_models_end_soon(client, owner):
    shared = {"workspace": owner.workspace, "end_told_by": EndToldBy.MODEL}
    today = timezone.localdate()
    make_tuned_model(**shared, ends_on=today + timedelta(days=200))
    assert "stop answering soon" not in client.get(reverse("home:overview")).content.decode()
    for days in (40, 20):
        make_tuned_model(**shared, ends_on=today + timedelta(days=days))
    text = client.get(reverse("home:overview")).content.decode()
    first = today + timedelta(days=20)
    assert f"2 tuned models stop answering soon, the first on {first}" in text


def test_a_model_is_trained_further_from_its_page_however_old_it_is(client, owner, connection):
    old = make_done_job(owner, connection)
    for number in range(25):
        name = f"ft:tiny-chat-1m:us::{number}"
        make_done_job(owner, connection, fine_tuned_model=name, provider_job_id=str(number))
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=9))
    tasks.collect_models()
    model = TunedModel.objects.get(name=TUNED)
    text = client.get(model.get_absolute_url()).content.decode()
    name = TUNED.replace(":", "%3A")
    link = f"{reverse('jobs:create')}?connection={connection.public_id}&amp;base_model={name}"
    assert link in text
    form = client.get(link.replace("&amp;", "&")).context["form"]
    assert form["base_model"].value() == TUNED
