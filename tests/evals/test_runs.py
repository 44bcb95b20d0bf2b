"""From a dataset to a verdict: what is asked, what is kept, and what survives."""

import json
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.evals import tasks
from apps.evals.models import Answer, Run, Score, Suite
from apps.evals.verdicts import judging
from apps.providers.types import ChatRequest, ProviderError, ProviderUnavailable
from tests.evals.typed import typed
from tests.factories import chat_row, make_job, make_version

BASE, TUNED = "gpt-4o-mini-2024-07-18", "ft:gpt-4o-2024-08-06:harbour::1"


class Killed(BaseException):
    """What a worker dies of: nothing catches it."""


def knows(request: ChatRequest) -> str:
    """Answer as the rows of `chat_file` expect it."""
    return str(request.messages[-1]["content"]).replace("Question", "Answer").replace("?", ".")


def knows_nothing(_request: ChatRequest) -> str:
    return "I do not know."


@pytest.fixture
def suite(client, owner):
    version = make_version(workspace=owner.workspace)
    fields = {
        "form_token": str(uuid4()),
        "dataset": str(version.public_id),
        "count": "100",
        "seed": "1",
        **typed({"kind": "exact"}),
    }
    answer = client.post(reverse("evals:create"), fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return Suite.objects.get()


@pytest.fixture
def start(client, suite, openai, models, django_capture_on_commit_callbacks):
    def send(*others: str, **fields) -> Run:
        data = {
            "form_token": str(uuid4()),
            "baseline": f"{openai.public_id} {BASE}",
            "others": [f"{openai.public_id} {model}" for model in others or (TUNED,)],
            "temperature": "0",
            "max_tokens": "50",
            **fields,
        }
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(reverse("evals:run_create", args=[suite.public_id]), data)
        assert answer.status_code == 302, answer.context["form"].errors
        return Run.objects.order_by("-pk")[0]

    return send


def tick(run: Run) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Run.objects.filter(pk=run.pk).update(next_look_at=long_ago)
    Answer.objects.filter(run=run).update(next_try_at=long_ago)
    tasks.advance_run(run_id=run.pk)
    run.refresh_from_db()


def page_of(client, run: Run) -> str:
    return client.get(run.get_absolute_url()).content.decode()


def test_every_question_is_asked_of_every_model_and_the_verdict_stands_first(client, start, models):
    models.says = {BASE: knows_nothing, TUNED: knows}
    run = start()
    assert run.ended_at
    assert len(models.asked) == 24
    request = models.asked[0]
    assert [each["role"] for each in request.messages] == ["system", "user"]
    assert (request.temperature, request.max_tokens) == (0, 50)
    page = page_of(client, run)
    assert "+100.0 points" in page
    assert "12 fixed" in page
    assert "100.0 %" in page


def test_a_run_begins_with_the_models_of_the_job_and_then_of_the_last_run(
    client, owner, suite, openai, start, models
):
    def chosen() -> list[str]:
        page = client.get(reverse("evals:run_create", args=[suite.public_id]))
        form = page.context["form"]
        return [form["baseline"].value(), *(form["others"].value() or [])]

    assert chosen() == [f"{openai.public_id} gpt-4.1-mini-2025-04-14"]  # the first that it lists
    shared = {"workspace": owner.workspace, "connection": openai, "validation_data": suite.data}
    make_job(**shared, base_model=BASE, fine_tuned_model=TUNED)
    values = [f"{openai.public_id} {model}" for model in (BASE, TUNED)]
    assert chosen() == values
    start(baseline=values[1], others=[values[0]])
    assert chosen() == values[::-1]


def test_models_that_say_the_same_are_not_called_different(client, start, models):
    models.says = {BASE: knows, TUNED: knows}
    run = start()
    comparison = run.result["comparisons"][0]
    assert not comparison["is_decisive"]
    assert (comparison["better"], comparison["worse"]) == (0, 0)


def test_the_rows_of_each_kind_are_shown(client, start, models):
    def knows_some(request: ChatRequest) -> str:
        return knows(request) if "1" in knows(request) else "No."

    models.says = {BASE: knows_some, TUNED: knows}
    run = start()
    rows = reverse("evals:rows", args=[run.public_id])
    for kind, count in {"fixed": 9, "broken": 0, "right": 3, "wrong": 0, "": 12}.items():
        page = client.get(f"{rows}?kind={kind}")
        assert page.context["page_obj"].paginator.count == count
    verdict = page_of(client, run)
    assert [words in verdict for words in ("3 both right", "0 both wrong")] == [True, True]


def test_a_model_that_is_away_is_asked_later_and_one_that_says_no_has_failed(client, start, models):
    def is_away(_request: ChatRequest) -> str:
        raise ProviderUnavailable("Busy")

    def says_no(_request: ChatRequest) -> str:
        raise ProviderError("No such model", status=404)

    models.says = {BASE: is_away, TUNED: says_no}
    run = start()
    assert run.ended_at is None
    assert {answer.attempts for answer in run.answers.waiting()} == {1}
    assert run.answers.filter(status="failed").count() == 12
    models.says[BASE] = knows
    tick(run)
    assert run.ended_at
    assert "12 questions got no answer" in page_of(client, run)


def test_what_failed_is_asked_again_and_nothing_else(
    client, start, models, django_capture_on_commit_callbacks
):
    def says_no(_request: ChatRequest) -> str:
        raise ProviderError("No such model", status=404)

    models.says = {BASE: knows, TUNED: says_no}
    run = start()
    models.says[TUNED] = knows
    models.asked.clear()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("evals:again", args=[run.public_id]))
    run.refresh_from_db()
    assert {request.model for request in models.asked} == {TUNED}
    assert run.ended_at
    assert run.result["comparisons"][0]["rows"] == 12


def test_a_known_answer_is_not_asked_for_again(start, models):
    models.says = {BASE: knows, TUNED: knows}
    start()
    models.asked.clear()
    second = start()
    assert models.asked == []
    assert second.ended_at
    assert second.answers.filter(is_copied=True).count() == 24


def test_above_temperature_0_every_answer_is_a_new_one(start, models):
    models.says = {BASE: knows, TUNED: knows}
    start(temperature="0.7")
    models.asked.clear()
    start(temperature="0.7")
    assert len(models.asked) == 24


def test_a_worker_that_dies_leaves_its_questions_waiting(start, models):
    def dies(_request: ChatRequest) -> str:
        raise Killed

    models.says = {BASE: dies, TUNED: dies}
    with pytest.raises(Killed):
        start()
    run = Run.objects.get()
    assert run.answers.waiting().count() == 24
    models.says = {BASE: knows, TUNED: knows}
    Run.objects.update(lease_until=None)
    tick(run)
    assert run.ended_at
    assert Answer.objects.filter(status="done").count() == 24
    assert Score.objects.count() == 24


def test_the_budget_ends_a_run_and_says_what_was_left_out(client, start, models, monkeypatch):
    monkeypatch.setattr("apps.evals.asking.running.TURN", 4)
    models.says = {BASE: knows, TUNED: knows}
    run = start(budget_usd="0")
    assert run.ended_at
    assert models.asked == []
    assert "budget of $0.00" in page_of(client, run)


def test_costs_are_those_of_the_tokens(client, start, models):
    models.says = {BASE: knows, TUNED: knows}
    run = start()
    report = client.get(run.get_absolute_url()).context["report"]
    base, tuned = (line.usd for line in report.lines)
    # A model costs less than what is tuned from it.
    assert base == 12 * (10 * Decimal("0.15") + 5 * Decimal("0.60")) / 1_000_000
    assert tuned == 12 * (10 * Decimal("3.75") + 5 * 15) / 1_000_000


def test_a_person_knows_better_and_takes_it_back(
    client, owner, start, models, django_capture_on_commit_callbacks
):
    models.says = {BASE: knows, TUNED: knows_nothing}
    run = start()
    score = Score.objects.filter(passed=False)[0]
    for counts, worse in (("right", 11), ("grader", 12)):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(reverse("evals:override", args=[score.pk]), {"counts": counts})
        run.refresh_from_db()
        assert run.result["comparisons"][0]["worse"] == worse


def test_stopping_keeps_and_judges_what_is_there(
    client, start, models, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("apps.evals.asking.running.TURN", 8)
    models.says = {BASE: knows_nothing, TUNED: knows}
    run = start()
    assert run.ended_at is None
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("evals:stop", args=[run.public_id]))
    run.refresh_from_db()
    assert run.result["comparisons"][0]["rows"] == 4
    assert "It was stopped" in page_of(client, run)


def test_the_same_answers_always_say_the_same(start, models):
    models.says = {BASE: knows_nothing, TUNED: knows}
    run = start()
    before = run.result
    judging.judge(run.pk)
    run.refresh_from_db()
    assert run.result == before


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"others": []}, "others"),
        ({"others": "same"}, "others"),
        ({"temperature": "3"}, "temperature"),
        ({"baseline": "nobody nothing"}, "baseline"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(client, suite, openai, fields, field):
    baseline = f"{openai.public_id} {BASE}"
    if fields.get("others") == "same":
        fields = {"others": [baseline]}
    data = {"form_token": str(uuid4()), "baseline": baseline, "others": [], **fields}
    answer = client.post(reverse("evals:run_create", args=[suite.public_id]), data)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Run.objects.exists()


def test_answers_are_hostile_text(client, start, models):
    models.says = {BASE: lambda _request: "<script>alert(1)</script>\x00", TUNED: knows}
    run = start()
    page = client.get(reverse("evals:rows", args=[run.public_id])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_viewer_looks_and_a_stranger_does_not(client_of, viewer, stranger, start, models):
    models.says = {BASE: knows, TUNED: knows}
    run = start()
    assert client_of(viewer).get(run.get_absolute_url()).status_code == 200
    assert client_of(viewer).post(reverse("evals:stop", args=[run.public_id])).status_code == 404
    assert client_of(stranger).get(run.get_absolute_url()).status_code == 404


def test_labels_are_counted_by_what_they_were_taken_for(
    client, owner, openai, models, django_capture_on_commit_callbacks
):
    rows = [chat_row(f"Ticket {n}?", "billing" if n % 2 else "login") for n in range(12)]
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    version = make_version(workspace=owner.workspace, content=content)
    fields = {"form_token": str(uuid4()), "dataset": str(version.public_id), "count": "50"}
    client.post(reverse("evals:create"), fields | {"seed": "1", **typed({"kind": "label"})})
    models.says = {BASE: lambda _request: "billing", TUNED: lambda _request: "login"}
    data = {
        "form_token": str(uuid4()),
        "baseline": f"{openai.public_id} {BASE}",
        "others": [f"{openai.public_id} {TUNED}"],
    }
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("evals:run_create", args=[Suite.objects.get().public_id]), data)
    first, second = client.get(Run.objects.get().get_absolute_url()).context["classes"]
    assert (first.accuracy, second.accuracy) == (50, 50)
    assert first.told["confusion"] == [[6, 0, 0], [6, 0, 0]]
    assert second.told["confusion"] == [[0, 6, 0], [0, 6, 0]]


def test_before_a_run_the_page_says_what_its_rows_can_show(client, suite):
    told = client.get(reverse("evals:plan", args=[suite.public_id])).content.decode()
    assert "12 rows" in told
