"""What is handed over about a model, and a run as files."""

import csv
import json
import re
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from apps.evals.models import Answer, Case
from apps.jobs.curves import metrics, points
from apps.jobs.models import Job
from apps.library.models import TunedModel
from tests.evals.results import FAILED, make_results
from tests.factories import make_job, make_tuned_model, make_version

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def judged(owner, openai):
    def make(*told, **fields):
        return make_results(workspace=owner.workspace, connection=openai, told=told, **fields)

    return make


@pytest.fixture
def tuned(owner, openai):
    shared = {"workspace": owner.workspace, "connection": openai}
    job = make_job(
        **shared,
        validation_data=make_version(workspace=owner.workspace),
        base_model="base",
        hyperparameters={"n_epochs": 3},
        seed=7,
    )
    told = {step: {"train_loss": 2 / step, "valid_loss": 2.1 / step} for step in range(1, 2_000)}
    points.keep((job.pk, step, numbers) for step, numbers in told.items())
    Job.objects.filter(pk=job.pk).update(latest_metrics=metrics.latest({}, told))
    return make_tuned_model(**shared, job=job, name="tuned", title="Harbour", base_model="base")


def evidence_of(client, model):
    return json.loads(client.get(reverse("evals:evidence_json", args=[model.public_id])).content)


def file_of(client, model):
    response = client.get(reverse("evals:evidence_html", args=[model.public_id]))
    assert response["Content-Disposition"].startswith("attachment")
    return response.content.decode()


def test_everything_about_a_model_is_in_it(client, judged, tuned):
    run = judged([False] * 12, [True] * 11 + [FAILED], slices=[{"topic": "sea"}] * 6 + [{}] * 6)
    evidence = evidence_of(client, tuned)
    assert evidence["model"]["name"] == "tuned"
    assert evidence["job"]["hyperparameters"] == {"n_epochs": 3}
    assert [data["role"] for data in evidence["data"]] == ["training", "validation"]
    assert evidence["data"][0]["sha256"] == tuned.job.training_data.sha256
    (told,) = evidence["evals"]
    assert told["id"] == str(run.public_id)
    assert told["verdicts"][0]["is_decisive"]
    assert told["slices"][0]["value"] == "sea"
    assert {each["kind"] for each in told["samples"]} == {"fixed"}
    assert told["left_out"][0]["words"] == "1 question got no answer"
    page = file_of(client, tuned)
    for words in ("Tuned is better", "+100.0 points", tuned.job.training_data.sha256, "n_epochs"):
        assert words in page


def test_what_is_said_first_is_about_this_model(client, judged, tuned):
    run = judged([False] * 12, [True] * 12, [True] * 12, models=("base", "third", "tuned"))
    (told,) = evidence_of(client, tuned)["evals"]
    assert told["id"] == str(run.public_id)
    assert [each["speaks"] for each in told["verdicts"]] == [None, "for"]
    judged([False] * 12, [True] * 12, models=("tuned", "other"))
    evidence = evidence_of(client, tuned)
    assert evidence["evals"][0]["verdicts"][0]["speaks"] == "against"
    assert "A verdict says that this model is worse than another." in evidence["gaps"]
    judged([True] * 12, [True] * 12, models=("base", "tuned"))
    assert evidence_of(client, tuned)["evals"][0]["verdicts"][0]["speaks"] == "undecided"


def test_curves_are_thinned_and_keep_their_ends(client, tuned):
    (plot,) = evidence_of(client, tuned)["curves"]
    for curve in plot["curves"]:
        assert len(curve["points"]) <= 300
        assert (curve["points"][0][0], curve["points"][-1][0]) == (1, 1999)
    assert len(re.findall("<polyline", file_of(client, tuned))) == 2


def test_the_file_needs_nothing_else_and_does_nothing(client, judged, tuned):
    run = judged([False] * 6, [True] * 6)
    Case.objects.filter(suite=run.suite).update(expected=HOSTILE)
    Answer.objects.filter(run=run).update(text=HOSTILE)
    TunedModel.objects.filter(pk=tuned.pk).update(title=HOSTILE, notes=f"{HOSTILE}</style>")
    page = file_of(client, tuned)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("</style>") == 1
    parser = Addresses()
    parser.feed(page)
    assert parser.found == []


class Addresses(HTMLParser):
    """Collects whatever a file would load or lead to."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [name for name, _ in attrs if name in ("src", "href", "action")]
        self.found += [tag] if tag in ("script", "link", "iframe", "form") else []


def test_what_is_not_known_is_a_dash_and_said(client, owner, openai):
    model = make_tuned_model(workspace=owner.workspace, connection=openai, base_model="")
    evidence = evidence_of(client, model)
    assert evidence["job"] is None
    assert len(evidence["gaps"]) == 6
    page = client.get(reverse("evals:evidence", args=[model.public_id])).content.decode()
    assert "No job here made this model" in page
    assert "No eval asked this model" in page
    assert "<code>–</code>" in page


def test_it_is_bounded_however_much_there_is(client, judged, tuned):
    for _ in range(6):
        judged([False] * 12, [True] * 6 + [False] * 6)
    evidence = evidence_of(client, tuned)
    assert len(evidence["evals"]) == 5
    assert sum(len(run["samples"]) for run in evidence["evals"]) <= 50


def test_answers_that_were_cut_off_speak_against_it(client, judged, tuned):
    judged([False] * 6, [True] * 6)
    assert not any("cut off" in gap for gap in evidence_of(client, tuned)["gaps"])
    Answer.objects.filter(candidate__position=1).update(finish_reason="length")
    evidence = evidence_of(client, tuned)
    assert any("cut off" in gap for gap in evidence["gaps"])
    assert "6 answers of Tuned were cut off" in evidence["evals"][0]["cut_off"][0]
    assert "6 answers of Tuned were cut off" in file_of(client, tuned)


def test_a_run_of_another_model_or_under_way_is_no_evidence(client, judged, tuned):
    judged([False] * 6, [True] * 6, models=("base", "other"))
    judged([False] * 6, [True] * 6, is_judged=False)
    assert evidence_of(client, tuned)["evals"] == []


def test_the_pages_lead_to_it(client, judged, tuned):
    run = judged([False] * 6, [True] * 6)
    address = reverse("evals:evidence", args=[tuned.public_id])
    for page in (run.get_absolute_url(), tuned.get_absolute_url()):
        assert address in client.get(page).content.decode()


def lines_of(client, run):
    response = client.get(reverse("evals:run_csv", args=[run.public_id]))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_a_run_is_a_table_of_answers(client, judged):
    run = judged([[True, False], [None, FAILED]], [[True, True], [False, True]])
    lines = lines_of(client, run)
    assert len(lines) == 8
    assert [line["exact match: counts"] for line in lines[:2]] == ["True", "False"]
    assert [line["status"] for line in lines[4:6]] == ["done", "failed"]
    assert lines[0]["asked"] == "Question 1?"


def test_an_answer_is_no_formula_in_a_spreadsheet(client, judged):
    run = judged([False], [False])
    Answer.objects.filter(run=run).update(text="=HYPERLINK(1)")
    assert lines_of(client, run)[0]["answer"] == "'=HYPERLINK(1)"


def test_a_run_is_json_for_programs(client, judged):
    run = judged([False] * 6, [True] * 6)
    response = client.get(reverse("evals:run_json", args=[run.public_id]))
    told = json.loads(b"".join(response.streaming_content))
    assert told["result"] == run.result
    assert "Tuned is better" in told["verdicts"][0]
    assert len(told["answers"]) == 12
    assert told["answers"][1]["scores"][0]["counts"] is True


def test_it_asks_as_often_for_many_rows_and_models_as_for_few(
    client, judged, tuned, django_assert_max_num_queries
):
    few = judged([False, True], [True, False])
    evidence_of(client, tuned)
    with django_assert_max_num_queries(200) as asked_few:
        evidence_of(client, tuned)
    few.delete()
    judged([False, True] * 15, [True, False] * 15, [True] * 30)
    with django_assert_max_num_queries(len(asked_few)):
        evidence_of(client, tuned)
