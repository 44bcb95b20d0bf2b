"""From questions and graders to a suite: what is chosen, what is refused, what is kept."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from apps.evals.forms.typed_graders import typed_of
from apps.evals.graders import KINDS, Kind, check
from apps.evals.graders.kinds import KINDS as DESCRIPTIONS
from apps.evals.models import Score, Suite
from apps.evals.questions.grader_fields import (
    ABOUT,
    CHOICES,
    FIELDS,
    GROUPS,
    choice_words,
    field_words,
)
from apps.evals.questions.grader_words import KIND_NAMES, KIND_WORDS, words_of
from tests.evals.asked import BASE, JUDGE, TUNED, fields_of, start
from tests.evals.grader_cases import TABLE
from tests.factories import chat_row, make_connection, make_version

EXACT = {"kind": "exact", "trim": "on"}


def test_every_kind_of_grader_can_be_chosen_and_is_kept_as_it_was_filled_in(create, owner, models):
    connection = str(make_connection(workspace=owner.workspace).public_id)
    filled = [
        {"kind": "normalised", "ignore_case": "on"},
        EXACT,
        {"kind": "contains", "texts": "Paris\r\n Rome \n\n", "mode": "any", "ignore_case": "on"},
        {"kind": "regex", "pattern": r"\d+", "mode": "whole"},
        {"kind": "json_schema", "schema": '{"type": "object"}', "allow_fence": "on"},
        {"kind": "number", "tolerance": "0,05", "tolerance_of": "expected", "take": "last",
         "decimal": "auto", "unit": "same"},
        {"kind": "similarity", "metric": "bleu", "threshold": ""},
        {"kind": "label", "labels": "good\nbad", "take": "first_word", "name": "Mood"},
    ]  # fmt: skip
    assert create(*filled).status_code == 302
    kept = Suite.objects.get().graders
    assert kept[0] == {"kind": "normalised", "ignore_case": True, "ignore_punctuation": False}
    assert kept[2]["texts"] == ["Paris", "Rome"]
    assert kept[4] == {"kind": "json_schema", "schema": {"type": "object"}, "allow_fence": True}
    assert kept[5]["tolerance"] == 0.05
    assert kept[6] == {"kind": "similarity", "metric": "bleu", "threshold": None}
    assert kept[7]["name"] == "Mood"
    filled = [
        {"kind": "json_valid", "root": "object"},
        {"kind": "json_fields", "fields": "total\nitems[0].price", "tolerance": "0"},
        {"kind": "embedding", "connection": connection, "model": "small", "threshold": "0.9"},
        {"kind": "judge", "connection": connection, "model": "m", "rubric": "Kind?",
         "scale": "1_to_5"},
        {"kind": "human", "instructions": "Is it kind?"},
    ]  # fmt: skip
    assert create(*filled).status_code == 302
    kept += Suite.objects.order_by("-pk")[0].graders
    assert kept[-3] == {
        "kind": "embedding",
        "connection": connection,
        "model": "small",
        "threshold": 0.9,
    }
    assert all(check(grader) == [] for grader in kept)
    assert {grader["kind"] for grader in kept} == set(KINDS) - {Kind.CASE}


@pytest.mark.parametrize(
    ("grader", "field", "words"),
    [
        ({"kind": "regex", "pattern": "("}, "regex-pattern", "This is no pattern"),
        ({"kind": "json_schema", "schema": "{"}, "json_schema-schema", "Enter a JSON Schema"),
        (
            {"kind": "json_schema", "schema": '{"items": {"type": "text"}}'},
            "json_schema-schema",
            "At items.type: ",
        ),
        (
            {"kind": "json_fields", "fields": "a\n.b", "tolerance": "0"},
            "json_fields-fields",
            "Line 2: Write a path",
        ),
        ({"kind": "number", "tolerance": "some"}, "number-tolerance", "Enter a number."),
        ({"kind": "similarity", "threshold": "80"}, "similarity-threshold", "from 0 to 1"),
        ({"kind": "judge", "rubric": "", "model": "m"}, "judge-rubric", "Enter a text."),
        ({"kind": "judge", "rubric": "x", "model": "m"}, "judge-connection", "Choose the connec"),
        ({"kind": "exact", "trim": "on", "name": "x" * 201}, "name", "at most 200"),
    ],
)
def test_what_is_wrong_with_a_grader_stands_at_its_field_and_nothing_is_lost(
    create, grader, field, words
):
    answer = create(EXACT, grader, name="Harbour")
    assert answer.status_code == 422
    form = answer.context["builder"].forms[1]
    assert words in str(form.errors[field])
    assert words in answer.content.decode()
    assert not Suite.objects.exists()
    assert answer.context["form"]["name"].value() == "Harbour"
    assert form.fields[field].widget.attrs["autofocus"]  # the page opens there
    for name, text in grader.items():
        assert text in (form.part.get(name, ""), form.part.get(f"{grader['kind']}-{name}"))


def test_a_row_with_what_no_database_can_hold_is_asked_with_a_mark_in_its_place(create, owner):
    row = {**chat_row("Where\0 is it?", "By\0 the sea."), "metadata": {"port\0": "old\0"}}
    version = make_version(workspace=owner.workspace, content=json.dumps(row).encode() + b"\n")
    assert create(EXACT, dataset=str(version.public_id)).status_code == 302
    case = Suite.objects.get().cases.get()
    assert (case.messages[-1]["content"], case.expected) == (
        "Where\ufffd is it?",
        "By\ufffd the sea.",
    )


def test_a_connection_of_strangers_is_not_to_be_had(create, stranger):
    theirs = make_connection(workspace=stranger.workspace)
    grader = {"kind": "judge", "rubric": "x", "model": "m", "connection": str(theirs.public_id)}
    answer = create(grader)
    assert answer.status_code == 422
    assert "judge-connection" in answer.context["builder"].forms[0].errors
    assert theirs.name not in answer.content.decode()


def test_two_graders_need_two_names(create):
    answer = create(EXACT, {"kind": "exact"})
    assert answer.status_code == 422
    assert "called “exact match”" in answer.content.decode()
    assert create(EXACT, {"kind": "exact", "name": "strict"}).status_code == 302


def test_graders_are_added_and_taken_out_and_what_was_typed_stays(create):
    answer = create(
        {"kind": "regex", "pattern": "<b>a"}, address="evals:graders", change="add-grader"
    )
    assert [form.place for form in answer.context["builder"].forms] == ["1", "2"]
    assert "&lt;b&gt;a" in answer.content.decode()
    answer = create(
        {"kind": "regex", "pattern": "a"},
        {"kind": "label", "labels": "one\ntwo"},
        address="evals:graders",
        change="remove-grader-1",
    )
    (form,) = answer.context["builder"].forms
    assert (form.place, form.grader()["labels"]) == ("2", ["one", "two"])


def test_another_kind_and_back_again_finds_what_was_typed(create):
    sent = {"kind": "label", "labels": "one\ntwo"}
    answer = create(sent, address="evals:graders", **{"grader-1-kind": "exact"})
    (form,) = answer.context["builder"].forms
    assert form.grader() == {"kind": "exact", "trim": True}  # as it begins
    carried = dict(form.carried)
    assert carried["grader-1-label-labels"] == "one\ntwo"
    back = create({"kind": "label"}, address="evals:graders", **carried)
    assert back.context["builder"].forms[0].grader()["labels"] == ["one", "two"]


def test_an_example_is_graded_before_anything_is_saved(create, owner):
    example = {"change": "try", "try-expected": "42", "try-answer": "It is <43>."}
    answer = create(
        EXACT, {"kind": "number"}, {"kind": "human"}, address="evals:graders", **example
    )
    exact, number, human = answer.context["tried"]
    assert (exact.grade.passed, number.grade.passed, human.grade) == (False, False, None)
    page = answer.content.decode()
    assert "Reads 43 instead of 42." in page
    assert "asked in a run" in page
    assert not Suite.objects.exists()


def test_without_an_expected_answer_that_of_the_first_question_is_taken(create):
    answer = create(EXACT, address="evals:graders", change="try", **{"try-answer": "Answer 0."})
    assert answer.context["question"].row == 1
    assert answer.context["builder"].expected == "Answer 0."
    assert answer.context["tried"][0].grade.passed is True


def test_an_incomplete_grader_is_not_tried(create):
    answer = create({"kind": "regex", "pattern": ""}, address="evals:graders", change="try")
    assert answer.status_code == 200
    assert "First complete the graders." in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"dataset": ""}, "dataset"),
        ({"source": "saved"}, "source"),
        ({"source": "elsewhere"}, "source"),
        ({"count": "0"}, "count"),
        ({"count": "1001"}, "count"),
        ({"seed": "-1"}, "seed"),
    ],
)
def test_a_source_that_makes_no_sense_is_refused(create, fields, field):
    answer = create(EXACT, **fields)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Suite.objects.exists()


def test_a_double_click_makes_one_suite(create):
    token = str(uuid4())
    assert create(EXACT, form_token=token).url == create(EXACT, form_token=token).url
    assert Suite.objects.count() == 1


def test_rows_without_an_answer_are_asked_where_a_grader_needs_none(client, owner, create):
    rows = [{"messages": [{"role": "user", "content": "Be kind."}]}, chat_row("Who?", "Me.")]
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    data = str(make_version(workspace=owner.workspace, content=content).public_id)
    assert create(EXACT, dataset=data).status_code == 302
    suite = Suite.objects.order_by("-pk")[0]
    assert (suite.cases.count(), suite.left_out) == (1, 1)
    assert create(EXACT, {"kind": "human"}, dataset=data).status_code == 302
    suite = Suite.objects.order_by("-pk")[0]
    assert (suite.cases.count(), suite.left_out) == (2, 0)


def test_a_viewer_makes_no_suite(client_of, viewer):
    for name in ("evals:create", "evals:graders"):
        assert client_of(viewer).post(reverse(name)).status_code == 403


def test_every_kind_every_field_and_every_choice_has_words():
    assert set(KIND_WORDS) == set(KIND_NAMES) == set(ABOUT) == set(KINDS)
    assert {kind for _, kinds in GROUPS for kind in kinds} == set(KINDS) - {Kind.CASE}
    fields = {(kind, name) for kind in KINDS for name in DESCRIPTIONS[kind].fields}
    for kind, name in fields:
        assert field_words(kind, name)
        for choice in DESCRIPTIONS[kind].fields[name].choices:
            assert choice_words(kind, name, choice)
    names = {name for _, name in fields} | {f"{kind}.{name}" for kind, name in fields}
    assert set(FIELDS) <= names
    assert {
        choice.rsplit(".", 1)[0] for choice in CHOICES if not choice.endswith("..")
    } <= names | {"decimal"}


@pytest.mark.parametrize(("kind", "fields"), [(row[0], row[1]) for row in TABLE])
def test_a_kept_grader_is_said_in_words_and_can_be_typed_again(kind, fields):
    from apps.evals.forms import GraderBuilder

    grader = {"kind": kind, **fields}
    assert len(words_of(grader)) > 10
    (form,) = GraderBuilder(typed_of([grader]), connections=[]).forms
    assert {name: form.grader()[name] for name in grader} == grader


@pytest.fixture
def suite(create):
    create({"kind": "label", "labels": "Answer 1."}, EXACT)
    return Suite.objects.get()


def test_questions_are_found_by_words_and_by_part(client, suite):
    page = client.get(suite.get_absolute_url()).content.decode()
    assert "begins with the expected one of these labels: “Answer 1.”" in page
    assert "All 12 questions" in page
    questions = reverse("evals:questions", args=[suite.public_id])
    for query, count in (
        ("", 12),
        ("?q=question%201", 3),
        ("?q=moon", 0),
        ("?part=length:short", 12),
        ("?part=label:Answer 1.", 1),
        ("?part=label:nobody", 0),
        ("?part=%00nonsense&page=x", 12),
    ):
        answer = client.get(questions + query)
        assert answer.context["page_obj"].paginator.count == count, query
    first = client.get(questions).content.decode()
    assert reverse("datasets:row", args=[*suite.data.address, 1]) in first
    assert "All that is sent" in first


def test_the_same_questions_are_judged_in_another_way(client, suite, create):
    page = client.get(reverse("evals:create") + f"?from={suite.public_id}")
    assert page.context["form"]["source"].value() == "suite"
    assert [form.grader()["kind"] for form in page.context["builder"].forms] == ["label", "exact"]
    answer = create({"kind": "number"}, source="suite", copied=str(suite.public_id), dataset="")
    assert answer.status_code == 302
    other = Suite.objects.order_by("-pk")[0]
    assert (other.name, other.data, other.seed) == (f"{suite.name} (2)", suite.data, suite.seed)
    asked = [list(each.cases.values_list("row", "expected")) for each in (suite, other)]
    assert asked[0] == asked[1]
    assert "label" not in other.cases.all()[0].slices


def test_the_questions_of_a_card_keep_their_own_graders(client, create):
    client.post(reverse("evals:drift"))
    card = Suite.objects.get()
    page = client.get(reverse("evals:create") + f"?from={card.public_id}")
    assert "does what its question asks for" in page.content.decode()
    create({"kind": "case"}, {"kind": "human"}, source="suite", copied=str(card.public_id))
    other = Suite.objects.order_by("-pk")[0]
    assert other.kind == "drift"
    told = [list(each.cases.values_list("grader", "slices")) for each in (card, other)]
    assert told[0] == told[1]
    plain = client.get(reverse("evals:create")).content.decode()
    assert "does what its question asks for" not in plain


def test_the_suite_of_strangers_is_not_copied(client_of, stranger, suite, create):
    page = client_of(stranger).get(reverse("evals:create") + f"?from={suite.public_id}")
    assert page.context["form"].original is None
    assert suite.name not in page.content.decode()


def test_every_question_knows_its_parts(owner, create, django_capture_on_commit_callbacks):
    long = "Wo liegt der Hafen, und wann fährt die Fähre nach Norden? " * 12
    rows = [chat_row("Who?", "Me."), {**chat_row(long, "Dort."), "metadata": {"team": "North"}}]
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    data = str(make_version(workspace=owner.workspace, content=content).public_id)
    with django_capture_on_commit_callbacks(execute=True):
        create(EXACT, dataset=data)
    assert list(Suite.objects.get().cases.values_list("slices", flat=True)) == [
        {"length": "short", "language": "unsure"},
        {"length": "long", "language": "de", "metadata.team": "North"},
    ]


def test_the_expected_answer_may_stand_in_a_field_of_the_row(owner, create):
    asked = {"messages": [{"role": "user", "content": "How many?"}]}
    rows = [{**asked, "reference": 7}, {**asked, "reference": "eight"}, asked]
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    data = str(make_version(workspace=owner.workspace, content=content).public_id)
    assert create(EXACT, dataset=data).status_code == 422
    assert create(EXACT, dataset=data, expected_in="reference").status_code == 302
    suite = Suite.objects.get()
    assert list(suite.cases.values_list("expected", flat=True)) == ["7", "eight"]
    assert suite.left_out == 1


@pytest.mark.parametrize("places", [["²"], ["9" * 5_000], ["-1"], ["x"]])
def test_places_of_nobodys_are_as_if_they_were_not_there(create, places):
    answer = create(address="evals:graders", change="add-grader", grader=places)
    assert [form.place for form in answer.context["builder"].forms] == ["1"]


def test_rows_have_no_graders_of_their_own(create):
    answer = create({"kind": "case"})
    assert answer.status_code == 422
    assert "These questions have no graders of their own." in answer.content.decode()


def test_graders_from_the_form_ask_their_models_in_a_run(
    client, create, openai, models, django_capture_on_commit_callbacks
):
    named = {"connection": str(openai.public_id)}
    judge = {"kind": "judge", **named, "model": JUDGE, "rubric": "Kind?", "scale": "1_to_5"}
    near = {"kind": "embedding", **named, "model": "text-embedding-3-small", "threshold": "0.9"}
    create(judge, near, count="4")
    models.says = {BASE: lambda _: "No.", TUNED: lambda _: "Yes.", JUDGE: lambda _: '{"score": 4}'}
    suite = Suite.objects.get()
    run = start(
        client, suite, fields_of(openai, beside=[TUNED]), django_capture_on_commit_callbacks
    )
    scores = Score.objects.filter(answer__run=run)
    assert set(scores.filter(grader=0).values_list("score", "passed")) == {(0.75, True)}
    assert scores.filter(grader=1, status="done").count() == 8
    assert "rubric" in str(models.asked[-1].messages)
    assert models.embedded
