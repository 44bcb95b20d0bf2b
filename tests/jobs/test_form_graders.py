"""The builder of a grader on the form of a reinforcement job."""

import json

import pytest
from django.urls import reverse

from apps.jobs.models import Job
from tests.datasets.rule_cases.rows import task
from tests.factories import make_connection, make_version
from tests.jobs.test_form_methods import data_of

O4 = "o4-mini-2025-04-16"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def tasks(owner):
    rows = (task(answer=f"It is {number}", topic={"name": "numbers"}) for number in range(12))
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    make = {"workspace": owner.workspace, "format": "reinforcement", "content": content}
    return make_version(**make), make_version(**make)


@pytest.fixture
def azure(owner):
    return make_connection(workspace=owner.workspace, profile="azure", name="Azure")


def grader(place, **fields):
    fields = {
        "kind": "string_check",
        "input": "{{sample.output_text}}",
        "operation": "eq",
        "reference": "{{item.answer}}",
        **fields,
    }
    return {f"grader-{place}-{name}": value for name, value in fields.items()}


SIMILAR = {"kind": "text_similarity", "metric": "rouge_l", "name": "similar"}
TWO = {"grader": ["1", "2"], **grader(1, name="exact"), **grader(2, **SIMILAR)}


def form_data(tasks, azure, **fields):
    training, validation = tasks
    both = {"validation_data": str(validation.public_id)}
    return data_of(training, azure, O4) | both | fields


def options(client, tasks, azure, **fields):
    return client.post(reverse("jobs:options"), form_data(tasks, azure, **fields), headers=HTMX)


def start(client, tasks, azure, **fields):
    return client.post(reverse("jobs:create"), form_data(tasks, azure, **fields))


def test_the_grader_begins_with_what_the_rows_have(client, tasks, azure):
    response = options(client, tasks, azure)
    page, builder = response.content.decode(), response.context["form"].graders
    assert "{{item.answer}}</code>" in page
    assert 'value="{{item.topic}}"' in page
    assert "Try the grader" in page
    assert builder.sample == "It is 0"
    assert builder.shape() == {
        "type": "string_check",
        "name": "grader_1",
        "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}",
        "operation": "eq",
    }


def test_the_grader_travels_with_the_job_in_the_shape_of_the_api(
    client, tasks, azure, providers, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        start(client, tasks, azure, **TWO, **{"graders-formula": "exact + 0.5 * similar"})
    (spec,) = providers.of(azure).specs
    assert spec.grader == Job.objects.get().grader
    assert spec.grader["type"] == "multi"
    assert spec.grader["calculate_output"] == "exact + 0.5 * similar"
    assert spec.grader["graders"]["similar"] == {
        "type": "text_similarity",
        "name": "similar",
        "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}",
        "evaluation_metric": "rouge_l",
    }


def test_without_a_formula_all_graders_count_alike(client, tasks, azure):
    start(client, tasks, azure, **TWO)
    assert Job.objects.get().grader["calculate_output"] == "(exact + similar) / 2"


def test_parts_are_added_and_taken_out_and_keep_what_was_typed(client, tasks, azure):
    first = {"grader": "1", **grader(1, reference="{{item.topic}}")}
    added = options(client, tasks, azure, **first, change="add-grader").context["form"].graders
    assert list(added.parts) == ["1", "2"]
    assert added.parts["1"]["reference"] == "{{item.topic}}"
    left = options(client, tasks, azure, **TWO, change="remove-grader-1").context["form"].graders
    assert [part["name"] for part in left.parts.values()] == ["similar"]


def test_another_kind_asks_for_what_it_needs(client, tasks, azure):
    typed = {"grader": "1", **grader(1, kind="text_similarity")}
    page = options(client, tasks, azure, **typed).content.decode()
    assert "grader-1-metric" in page
    assert "grader-1-operation" not in page


def test_a_grader_is_tried_on_the_first_rows_with_an_example_answer(client, tasks, azure):
    typed = {**TWO, "graders-sample": "It is 1", "change": "try-grader"}
    response = options(client, tasks, azure, **typed)
    tried = response.context["tried"]
    assert [each.number for each in tried] == [1, 2, 3, 4, 5]
    assert [round(each.grade.score, 3) for each in tried[:2]] == [0.333, 1.0]
    page = response.content.decode()
    assert "0.333" in page
    assert "It is 4" in page


def test_rows_are_never_code_on_the_page(client, owner, azure):
    evil = "<script>alert(1)</script>"
    row = task(**{"answer": evil, "{{x": evil})
    version = make_version(
        workspace=owner.workspace,
        format="reinforcement",
        content=json.dumps(row).encode() + b"\n",
    )
    page = options(client, (version, version), azure, change="try-grader").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    ("typed", "place", "words"),
    [
        (grader(1, reference="{{item.anwser}}"), ("1", "reference"), "no key “anwser”"),
        (grader(1, reference=""), ("1", "reference"), "Enter what to compare"),
        (grader(1, input="fixed"), ("1", "input"), "never reads the model"),
        (TWO | {"grader-2-name": "exact"}, ("2", "name"), "Another grader"),
        (TWO | {"grader-2-name": "two words"}, ("2", "name"), "letters, digits"),
        (TWO | {"graders-formula": "exact +"}, None, "ends too early"),
        (TWO | {"graders-formula": "exact + other"}, None, "no grader “other”"),
    ],
)
def test_what_is_wrong_with_a_grader_stands_at_its_field(client, tasks, azure, typed, place, words):
    for url, fields in (
        (reverse("jobs:create"), {}),
        (reverse("jobs:options"), {"change": "try-grader"}),
    ):
        data = form_data(tasks, azure, **{"grader": "1", **typed, **fields})
        response = client.post(url, data)
        builder = response.context["form"].graders
        if place:
            (part,) = [each for each in builder.forms if each.place == place[0]]
            assert words in str(part.errors[place[1]])
        assert words in response.content.decode()
    assert not Job.objects.exists()


def test_a_reinforcement_job_needs_validation_data(client, tasks, azure):
    response = start(client, tasks, azure, validation_data="")
    assert "graded as the job goes on" in str(response.context["form"].errors["validation_data"])


def test_a_provider_without_this_method_names_the_reason(client, owner, tasks):
    nebius = make_connection(workspace=owner.workspace, profile="nebius")
    response = start(client, tasks, nebius)
    assert response.status_code == 422
    assert "not trained here" in str(response.context["form"].errors["training_data"])


def test_rows_that_need_no_grader_name_the_one_that_is_lost(client, owner, tasks, azure):
    chats = make_version(workspace=owner.workspace)
    typed = {**TWO, "training_data": str(chats.public_id)}
    form = options(client, tasks, azure, **typed).context["form"]
    assert form.graders is None
    assert [(each.label, each.value) for each in form.dropped] == [("Grader", "exact, similar")]


def test_many_parts_are_cut_and_strange_places_left_out(client, tasks, azure):
    places = ["../x", *map(str, range(1, 40))]
    builder = options(client, tasks, azure, grader=places).context["form"].graders
    assert list(builder.parts) == [str(number) for number in range(1, 8)]
