"""A run of one model: how good it is, in which questions, and the way to a comparison."""

import json

import pytest
from django.urls import reverse
from scipy import stats
from scipy.stats import binomtest

from apps.evals import statistics
from apps.evals.models import Run
from tests.evals.asked import TUNED, fields_of, knows, make_suite, start
from tests.evals.results import FAILED, make_results
from tests.factories import make_tuned_model

RIGHT, ROWS = 41, 50


@pytest.fixture
def judged(owner, openai):
    def make(told, **fields):
        return make_results(workspace=owner.workspace, connection=openai, told=[told], **fields)

    return make


def page_of(client, run):
    return client.get(run.get_absolute_url()).content.decode()


def test_the_sentence_says_what_it_passes_and_how_sure_that_is(client, judged):
    run = judged([True] * RIGHT + [False] * (ROWS - RIGHT), models=("support-v2",))
    wilson = binomtest(RIGHT, ROWS).proportion_ci(method="wilson")
    (share,) = run.result["shares"]
    assert (share["low"], share["high"]) == pytest.approx((wilson.low, wilson.high))
    page = page_of(client, run)
    said = "passes 41 of 50 questions on exact match: 82 % (95 % interval 69 … 90 %)."
    assert f"Support-V2 {said}" in page
    for words in ("How good is it?", "9 wrong", "41 right", "Compare it with another model"):
        assert words in page
    for words in ("compared with<", "fixed", "broken", "Is it better?"):
        assert words not in page


def test_scores_have_a_mean_with_the_interval_of_two_rows_more(client, judged):
    scores = [0.2, 0.4, 0.3, 0.5, 0.1, 0.2, 0.6, 0.9]
    (share,) = judged(scores).result["shares"]
    assert share["passed"] is None
    student = stats.ttest_1samp([*scores, 0.9, -0.1], 0).confidence_interval()
    assert (share["low"], share["high"]) == pytest.approx((student.low, student.high))
    assert "Base has a mean score of 0.40 on exact match" in page_of(client, Run.objects.get())


def test_several_answers_make_a_share_and_few_questions_little(client, judged):
    run = judged([[True, False], [True, True], [False, False]])
    page = page_of(client, run)
    assert "Base gives 50 % right answers on exact match" in page
    assert "say next to nothing" in page
    assert "mostly wrong" in page


def test_what_got_no_answer_is_said_in_the_sentence(client, judged):
    told = page_of(client, judged([True] * 6 + [FAILED, FAILED]))
    assert "passes 6 of 6 questions" in told
    assert "2 questions without a result are left out." in told
    nothing = page_of(client, judged([FAILED] * 3))
    assert "No answer of Base has a result on exact match" in nothing


def test_what_went_wrong_comes_first_and_neighbours_keep_the_order(client, judged):
    run = judged([True, False, True, FAILED, False])
    rows = client.get(reverse("evals:rows", args=[run.public_id]))
    assert [row.case.position for row in rows.context["rows"]] == [4, 2, 5, 1, 3]
    assert rows.context["counts"] == {"all": 5, "wrong": 2, "right": 2}
    told = client.get(reverse("evals:row", args=[run.public_id, 5])).context["neighbours"]
    assert (told.previous, told.next) == (2, 1)
    wrong = client.get(reverse("evals:row", args=[run.public_id, 5]), {"kind": "wrong"})
    assert wrong.context["neighbours"].next is None


def test_each_part_of_the_questions_has_its_share(client, judged):
    slices = [{"language": "de"}] * 6 + [{"language": "en"}] * 4
    run = judged([True] * 6 + [False] * 4, slices=slices)
    found = client.get(run.get_absolute_url() + "?sort=effect").context["parts"]
    assert [(row.value, row.mean, row.is_small) for row in found] == [
        ("en", 0.0, True),
        ("de", 1.0, False),
    ]
    assert found[1].low == pytest.approx(binomtest(6, 6).proportion_ci(method="wilson").low)


def test_files_and_evidence_say_it_too(client, owner, openai, judged):
    model = make_tuned_model(
        workspace=owner.workspace, connection=openai, name="ft:gpt-4.1-mini:x", base_model=""
    )
    told = [True] * 6 + [False] * 2
    run = judged(told, models=(model.name,), slices=[{"language": "de"}] * 4 + [{}] * 4)
    address = reverse("evals:run_json", args=[run.public_id])
    found = json.loads(b"".join(client.get(address).streaming_content))
    assert "passes 6 of 8 questions" in found["verdicts"][0]
    evidence = client.get(reverse("evals:evidence_json", args=[model.public_id])).json()
    (trial,) = evidence["evals"]
    assert "passes 6 of 8 questions" in trial["verdicts"][0]["words"]
    assert trial["parts"][0]["mean"] == 1
    assert [sample["kind"] for sample in trial["samples"]] == ["wrong", "wrong"]
    assert any("decisive" in words for words in evidence["gaps"])
    page = client.get(reverse("evals:evidence", args=[model.public_id])).content.decode()
    assert "passes 6 of 8 questions" in page


def test_one_model_is_asked_then_its_base_beside_it(
    client, owner, openai, models, django_capture_on_commit_callbacks
):
    suite = make_suite(owner.workspace, [{"kind": "exact"}], count=8)
    models.says = {TUNED: knows}
    fields = fields_of(openai, [TUNED], baseline="")
    run = start(client, suite, fields, django_capture_on_commit_callbacks)
    page = page_of(client, run)
    assert "passes 8 of 8 questions" in page
    model = run.workspace.tuned_models.get(name=TUNED)
    address = f"{reverse('evals:run_create', args=[suite.public_id])}?model={model.public_id}"
    assert address in page
    form = client.get(address).context["form"]
    base = f"{openai.public_id} {model.base_model}"
    assert (form["baseline"].value(), form["others"].value()) == (
        base,
        [f"{openai.public_id} {TUNED}"],
    )
    again = client.get(reverse("evals:run_create", args=[suite.public_id])).context["form"]
    assert again["baseline"].value() == ""  # as it was asked last


def test_several_models_without_a_first_are_refused(client, owner, openai):
    suite = make_suite(owner.workspace, [{"kind": "exact"}])
    both = [TUNED, "gpt-4.1-mini-2025-04-14"]
    address = reverse("evals:run_create", args=[suite.public_id])
    answer = client.post(address, fields_of(openai, both, baseline=""))
    assert answer.status_code == 422
    assert "baseline" in answer.context["form"].errors


@pytest.mark.parametrize(("rows", "points"), [(50, "14"), (400, "4.9"), (1, "45")])
def test_the_plan_says_how_exact_one_model_is_measured(rows, points):
    assert f"to within {points} points" in statistics.plan_alone(rows)
