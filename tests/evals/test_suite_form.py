"""The form of a suite: a judge among the models of its connection, names, rows that repeat."""

import json

from django.urls import reverse

from apps.evals.models import Suite
from apps.providers.types import ProviderError
from tests.evals.typed import typed
from tests.factories import chat_row, make_connection, make_version

EXACT = {"kind": "exact", "trim": "on"}


def test_a_judge_is_chosen_among_the_models_of_its_connection(client, owner, models, create):
    models.listed = ["llama-large", "llama-small"]
    connection = str(make_connection(workspace=owner.workspace).public_id)
    judge = {"kind": "judge", "rubric": "Kind?", "connection": connection, "model": "gone"}
    shown = client.post(reverse("evals:graders"), typed(judge)).context["builder"].forms[0]
    offered = str(shown["judge-model"])
    assert offered.startswith("<select")
    assert 'value="llama-large"' in offered
    assert 'value="gone" selected' in offered  # what was chosen once is not lost
    missing = create({**judge, "model": ""}).context["builder"].forms[0]
    assert missing.errors == {"judge-model": ["Choose the model that is asked."]}
    assert create({**judge, "model": "llama-large"}).status_code == 302


def test_without_a_connection_the_judge_misses_that_alone_and_the_page_opens_there(create):
    form = create({"kind": "judge", "rubric": "Kind?"}).context["builder"].forms[0]
    assert list(form.errors) == ["judge-connection"]
    assert form.fields["judge-connection"].widget.attrs["autofocus"]


def test_the_first_wrong_field_of_the_page_is_where_it_opens(create):
    grader = {"kind": "judge", "rubric": "", "scale": "1_to_5"}
    form = create(grader).context["builder"].forms[0]
    focused = [name for name, field in form.fields.items() if "autofocus" in field.widget.attrs]
    assert len(form.errors) == 2
    assert focused == ["judge-rubric"]


def test_a_connection_that_is_away_leaves_the_judge_to_be_typed(client, owner, models):
    models.refusal = ProviderError("No.")
    connection = str(make_connection(workspace=owner.workspace).public_id)
    judge = {"kind": "judge", "rubric": "Kind?", "connection": connection, "model": "m"}
    shown = client.post(reverse("evals:graders"), typed(judge)).context["builder"].forms[0]
    assert str(shown["judge-model"]).startswith("<input")


def test_suites_that_nobody_names_are_told_apart(create, version):
    for _ in range(3):
        create(EXACT)
    create(EXACT, name="Harbour")
    names = list(Suite.objects.order_by("pk").values_list("name", flat=True))
    assert names == [version.name, f"{version.name} (2)", f"{version.name} (3)", "Harbour"]


def test_a_row_that_stands_twice_is_asked_once_and_counted(client, create, owner):
    rows = [chat_row("Where?", "Here."), chat_row("Where?", "Here."), chat_row("Where?", "There.")]
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    version = make_version(workspace=owner.workspace, content=content)
    create(EXACT, dataset=str(version.public_id))
    suite = Suite.objects.get()
    assert list(suite.cases.values_list("expected", flat=True)) == ["Here.", "There."]
    assert "repeats another one" in client.get(suite.get_absolute_url()).content.decode()
