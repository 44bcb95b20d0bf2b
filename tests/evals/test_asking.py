"""What is sent for each question, what is kept, and how a provider's wishes are met."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.evals import services
from apps.evals.asking import writing
from apps.evals.models import Answer, Run
from apps.providers import pacing
from apps.providers.models import Connection
from apps.providers.types import ProviderError, ProviderUnavailable, TokenLogprob, ToolCallPiece
from tests.evals.asked import BASE, fields_of, knows, make_recording, make_suite, start, tick
from tests.factories import make_version

REASONING = "o3-mini"


@pytest.fixture
def suite(owner):
    return make_suite(owner.workspace, [{"kind": "exact"}])


@pytest.fixture
def ask(client, owner, suite, openai, models, django_capture_on_commit_callbacks):
    """Start a run of one model, beside a recording where no other is named. It knows everything."""
    recording = make_recording(owner, {f"Question {n}?": "Old." for n in range(1, 13)})

    def send(*others, connection=openai, suite=suite, **fields):
        for model in (BASE, *others):
            models.says.setdefault(model, knows)
        if not others:
            fields = {"others": [f"recording {recording.public_id}"], **fields}
        data = fields_of(connection, others, **fields)
        return start(client, suite, data, django_capture_on_commit_callbacks)

    return send


def of_base(run):
    return run.answers.filter(candidate__position=0)


def test_every_sample_has_a_seed_of_its_own(ask, models):
    run = ask(samples="3", seed="7")
    assert run.ended_at
    assert sorted(request.seed for request in models.asked) == [7] * 3 + [8] * 3 + [9] * 3
    told = of_base(run).order_by("case", "sample").values_list("sample", flat=True)
    assert list(told) == [0, 1, 2] * 3


def test_a_question_with_tools_is_asked_with_them_and_the_call_is_compared(ask, models, suite):
    tide = [{"type": "function", "function": {"name": "tide"}}]
    called = '[{"arguments":{"day":1},"name":"tide"}]'
    suite.cases.filter(position=1).update(tools=tide, expected=called)
    models.calls = [ToolCallPiece(0, "c1", "tide", '{"da'), ToolCallPiece(0, arguments='y": 1}')]
    models.says[BASE] = lambda request: "Let me see." if request.tools else knows(request)
    run = ask()
    assert [list(request.tools) for request in models.asked] == [tide, [], []]
    answer = of_base(run).get(case__position=1)
    assert answer.text == called
    assert answer.scores.get().passed
    models.asked.clear()
    suite.cases.filter(position=1).update(tools=[{**tide[0], "strict": True}])
    ask()  # the same words with another tool are another question
    assert len(models.asked) == 1


def test_samples_are_copied_each_from_its_own(ask, models):
    ask(samples="2", temperature="0.7", seed="7")
    models.asked.clear()
    again = ask(samples="3", temperature="0.7", seed="7")
    assert [request.seed for request in models.asked] == [9] * 3
    assert of_base(again).filter(is_copied=True).count() == 6


def test_what_a_model_refuses_is_not_sent_and_then_nothing_is_repeated(ask, models, monkeypatch):
    monkeypatch.setattr(
        "apps.evals.asking.model_options._models", lambda _c: [(BASE, ""), ("o3-mini", "")]
    )
    ask(REASONING, temperature="0", wants_logprobs="on")
    sent = {request.model: request for request in models.asked}
    assert (sent[BASE].temperature, sent[BASE].top_logprobs) == (0, 20)
    assert (sent[REASONING].temperature, sent[REASONING].top_logprobs) == (None, None)
    assert sent[REASONING].max_tokens == 50
    models.asked.clear()
    ask(REASONING, temperature="0", wants_logprobs="on")
    assert {request.model for request in models.asked} == {REASONING}


def test_the_first_probabilities_are_kept_and_no_more(ask, models):
    models.logprobs = [TokenLogprob(f"t{n}", -0.5, [("a", -0.5)] * 30) for n in range(50)]
    run = ask(wants_logprobs="on")
    kept = of_base(run).first().logprobs
    assert len(kept) == 64
    assert kept[0][:2] == ["t0", -0.5]
    assert len(kept[0][2]) == 20


def test_an_answer_without_probabilities_is_no_answer_with_them(ask, models):
    ask()
    models.asked.clear()
    ask(wants_logprobs="on")
    assert len(models.asked) == 3


def test_recorded_answers_are_taken_and_what_is_missing_is_not_asked(ask, owner, models):
    recording = make_recording(owner, {"Question 1?": "Answer 1.", "Question 2?": "No."})
    run = ask(others=[f"recording {recording.public_id}"], samples="2")
    assert run.ended_at
    old = run.answers.filter(candidate__position=1).order_by("case__position")
    assert [(each.status, each.text) for each in old] == [
        ("done", "Answer 1."),
        ("done", "No."),
        ("failed", ""),
    ]
    assert old[0].total_ms == 700
    assert "holds no answer" in old[2].error
    assert [score.passed for answer in old for score in answer.scores.all()] == [True, False]
    assert {request.model for request in models.asked} == {BASE}


def test_another_workspaces_recording_cannot_be_chosen(client, stranger, suite, openai):
    recording = make_recording(stranger, {"Question 1?": "Answer 1."})
    data = fields_of(openai, others=[f"recording {recording.public_id}"])
    data["others"] = [f"recording {recording.public_id}"]
    answer = client.post(reverse("evals:run_create", args=[suite.public_id]), data)
    assert answer.status_code == 422


def test_calls_per_minute_are_shared_with_everything_else(ask, models, openai):
    Connection.objects.update(calls_per_minute=5)
    openai.refresh_from_db()
    pacing.note(openai, 3, None)  # jobs have asked
    run = ask()
    assert len(models.asked) == 2
    assert run.ended_at is None
    assert run.next_look_at > timezone.now()


def test_a_connection_that_asked_for_silence_is_left_alone(ask, models):
    until = timezone.now() + timedelta(minutes=3)
    Connection.objects.update(quiet_until=until)
    run = ask()
    assert models.asked == []
    assert run.next_look_at == until
    assert tick(run).ended_at


def test_too_many_calls_put_the_connection_to_rest_for_everybody(ask, models):
    def crowded(_request):
        raise ProviderUnavailable("Slow down", status=429, retry_after=40)

    models.says[BASE] = crowded
    run = ask()
    quiet_until = Connection.objects.get().quiet_until
    assert timezone.now() + timedelta(seconds=30) < quiet_until
    assert run.next_look_at > timezone.now() + timedelta(seconds=30)
    models.says[BASE] = knows
    assert tick(run).ended_at
    assert not run.answers.exclude(status="done").exists()


def test_a_storm_of_refusals_is_survived(ask, models):
    calls = []

    def stormy(request):
        calls.append(request)
        if len(calls) % 3:
            raise ProviderUnavailable("Slow down", status=429, retry_after=9)
        return knows(request)

    models.says[BASE] = stormy
    run = ask()
    for _ in range(12):
        if run.ended_at is None:
            tick(run)
    assert run.ended_at
    assert set(run.answers.values_list("status", flat=True)) == {"done"}


@pytest.mark.parametrize(("status", "asked"), [(401, 3), (402, 3), (404, 3), (400, 12)])
def test_what_every_question_would_be_told_is_not_asked_of_every_question(
    ask,
    owner,
    models,
    monkeypatch,
    status,
    asked,
    client,
    openai,
    django_capture_on_commit_callbacks,
):
    monkeypatch.setattr("apps.evals.asking.gates.AT_FIRST", 1)

    def refuses(_request):
        raise ProviderError("No", status=status)

    models.says[BASE] = refuses
    suite = make_suite(owner.workspace, [{"kind": "exact"}], count=12)
    run = ask(suite=suite)
    assert run.ended_at
    assert of_base(run).filter(status="failed", error="No").count() == 12
    assert len(models.asked) == asked


def test_a_key_that_cannot_be_used_fails_every_question(ask, models):
    models.refusal = ProviderError("Enter the key again.", code="key_unreadable")
    run = ask()
    assert run.ended_at
    assert of_base(run).filter(status="failed", error="Enter the key again.").count() == 3


def test_a_fault_of_ours_fails_one_question_and_no_run(ask, models):
    def breaks(request):
        if "2" in str(request.messages):
            raise KeyError("choices")
        return knows(request)

    models.says[BASE] = breaks
    run = ask()
    assert run.ended_at
    failed = run.answers.get(status="failed")
    assert "log" in failed.error


def test_empty_answers_are_answers_and_wrong(ask, models):
    models.says[BASE] = lambda _request: ""
    run = ask()
    assert run.ended_at
    assert [each.text for each in of_base(run)] == [""] * 3
    assert not Answer.objects.filter(scores__passed=True).exists()


def test_a_run_that_ended_early_goes_on_with_more_money(
    client, ask, models, django_capture_on_commit_callbacks
):
    run = ask(budget_usd="0")
    assert models.asked == []
    assert "Ask the rest" in client.get(run.get_absolute_url()).content.decode()
    address = reverse("evals:again", args=[run.public_id])
    for said, asked in (("nonsense", 0), ("0", 0), ("5", 3)):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(address, {"budget_usd": said})
        assert len(models.asked) == asked
    run.refresh_from_db()
    assert (run.end_reason, run.budget_usd) == ("", 5)
    assert not run.answers.exclude(status="done").exists()


def test_a_run_that_rests_says_until_when(client, ask, models):
    def crowded(_request):
        raise ProviderUnavailable("Slow down", status=429, retry_after=40)

    models.says[BASE] = crowded
    page = client.get(ask().get_absolute_url()).content.decode()
    assert "goes on by itself at" in page


def test_a_model_that_only_completes_gets_a_prompt_that_ends_as_its_data_does(
    ask, owner, models, monkeypatch
):
    both = [("babbage-002", "Old"), ("davinci-002", "Older")]
    monkeypatch.setattr("apps.evals.asking.model_options._models", lambda _connection: both)
    rows = [{"prompt": f"Ship {n}\n\n###\n\n", "completion": f" sails {n} END"} for n in range(9)]
    content = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    data = make_version(workspace=owner.workspace, content=content, format="prompt_completion")
    suite = make_suite(owner.workspace, [{"kind": "exact"}], data=data)
    openai = Connection.objects.get()
    run = ask(
        suite=suite,
        baseline=f"{openai.public_id} babbage-002",
        others=[f"{openai.public_id} davinci-002"],
    )
    assert run.ended_at
    assert models.asked == []
    assert models.prompted[0].prompt == "Question 1?\n\n###\n\n"
    assert models.prompted[0].stop == [" END"]
    assert set(run.answers.values_list("text", flat=True)) == {" Aye."}


def test_a_run_that_is_stopped_asks_nothing_more(ask, models, monkeypatch):
    """The worker notices with the next renewal of its lease; what it had is written."""

    def stopped(told):
        if models.asked:
            services.stop_run(run=Run.objects.get())
        write(told)

    write = writing.write
    monkeypatch.setattr("apps.evals.asking.gates.AT_FIRST", 1)
    monkeypatch.setattr("apps.evals.asking.turns.RENEW_SECONDS", 0)
    monkeypatch.setattr(writing, "write", stopped)
    run = ask(samples="10")
    assert "stopped" in run.end_reason
    assert 0 < len(models.asked) < 30
    assert run.judge_at is None or run.result
