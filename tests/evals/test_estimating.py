"""What the form says before anything is asked."""

import pytest
from django.urls import reverse

from apps.providers.models import Connection
from tests.evals.asked import (
    BASE,
    JUDGE,
    TUNED,
    fields_of,
    judge,
    judging,
    knows,
    make_recording,
    make_suite,
    near,
    start,
)
from tests.factories import make_connection


@pytest.fixture
def told(client, openai):
    def ask(suite, connection=openai, beside=(TUNED,), **fields):
        address = reverse("evals:estimate", args=[suite.public_id])
        answer = client.post(address, fields_of(connection, beside, **fields))
        assert answer.status_code == 200
        return answer

    return ask


def test_answers_and_judges_are_counted_and_priced(owner, openai, told):
    suite = make_suite(owner.workspace, [judge(openai)], count=10)
    answer = told(suite, samples="2", max_tokens="100")
    estimate = answer.context["estimate"]
    assert (estimate.answers, estimate.verdicts) == (40, 80)
    base, tuned, judges = estimate.parts
    assert base.completion.high == 10 * 2 * 100
    assert base.usd.high == pytest.approx((base.prompt.high * 0.15 + 2_000 * 0.6) / 1e6, rel=0.01)
    assert tuned.usd.high == pytest.approx((tuned.prompt.high * 3.75 + 2_000 * 15) / 1e6, rel=0.01)
    assert judges.completion.high == 80 * 150
    page = " ".join(answer.content.decode().split())
    assert "40 answers, 80 questions to judges" in page
    assert "Prices of" in page
    assert "openai.com" in page


def test_the_estimate_holds_what_then_comes(
    client, owner, openai, models, told, django_capture_on_commit_callbacks
):
    suite = make_suite(owner.workspace, [judge(openai)], count=10)
    models.says = {BASE: knows, TUNED: knows, JUDGE: judging(lambda _material: True)}
    before = told(suite, max_tokens="8").context["estimate"]
    assert not before.is_measured
    start(client, suite, fields_of(openai, [TUNED]), django_capture_on_commit_callbacks)
    after = told(suite, max_tokens="8").context["estimate"]
    assert after.is_measured
    assert after.parts[0].prompt.low == 10 * 10
    assert after.parts[0].completion.low == 10 * 5 / 2
    assert after.parts[0].completion.high == 10 * 8


def test_recordings_are_judged_but_not_asked(owner, openai, told):
    suite = make_suite(owner.workspace, [judge(openai)], count=10)
    recording = make_recording(owner, {"Question 1?": "Answer 1."})
    estimate = told(suite, others=[f"recording {recording.public_id}"]).context["estimate"]
    assert (estimate.answers, estimate.verdicts) == (10, 40)


def test_an_unknown_price_is_said_and_free_is_free(owner, openai, told, monkeypatch):
    both = [("m1", ""), ("m2", "")]
    monkeypatch.setattr("apps.evals.asking.model_options._models", lambda _connection: both)
    generic = make_connection(workspace=owner.workspace)
    suite = make_suite(owner.workspace, [{"kind": "exact"}])
    fields = {"baseline": f"{generic.public_id} m1", "others": [f"{generic.public_id} m2"]}
    assert "No price is known for m1, m2" in told(suite, **fields).content.decode()
    engine = make_connection(workspace=owner.workspace, profile=Connection.Profile.ENGINE)
    fields = {"baseline": f"{engine.public_id} m1", "others": [f"{engine.public_id} m2"]}
    page = " ".join(told(suite, **fields).content.decode().split())
    assert "· free" in page
    assert "No price" not in page


def test_vectors_are_not_called_questions_to_judges(owner, openai, told):
    suite = make_suite(owner.workspace, [near(openai)], count=9)
    estimate = told(suite).context["estimate"]
    assert estimate.verdicts == 0
    vectors = estimate.parts[-1]
    assert vectors.usd.high == pytest.approx(vectors.prompt.high * 0.02 / 1e6, rel=0.01)


def test_what_a_model_does_not_take_is_said_before(owner, openai, told, monkeypatch):
    both = [(BASE, "Base"), ("o3-mini", "Thinker")]
    monkeypatch.setattr("apps.evals.asking.model_options._models", lambda _connection: both)
    suite = make_suite(owner.workspace, [{"kind": "exact"}])
    page = told(suite, beside=["o3-mini"], wants_logprobs="on").content.decode()
    assert "Thinker is asked without" in page
    assert "a temperature" in page


def test_an_unfinished_form_has_no_estimate(owner, openai, told):
    suite = make_suite(owner.workspace, [{"kind": "exact"}])
    for fields in ({"others": []}, {"samples": "11"}, {"seed": "-1"}):
        answer = told(suite, **fields)
        assert answer.context["estimate"] is None
        assert "Choose the models" in answer.content.decode()
