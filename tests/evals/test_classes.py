"""Labels of a run: figures, probabilities of first tokens, and the names of old."""

import json
import math

import pytest
from django.urls import reverse

from apps.evals import statistics
from apps.evals.models import Answer, Case
from apps.evals.results import class_figures
from apps.evals.verdicts import judging
from apps.evals.verdicts.probabilities import label_shares
from tests.evals.results import make_results

LABEL = {"graders": [{"kind": "label"}]}


def tokens(**shares):
    """Return the first token of an answer with what could have stood in its place."""
    told = [[name, math.log(share)] for name, share in shares.items()]
    return [[*told[0], told]]


@pytest.fixture
def sorted_tickets(owner, openai):
    def make(truth, said, shares=None):
        outcomes = [one == other for one, other in zip(truth, said, strict=True)]
        run = make_results(
            workspace=owner.workspace, connection=openai, told=[outcomes], is_judged=False, **LABEL
        )
        for place, (label, answer) in enumerate(zip(truth, said, strict=True), 1):
            Case.objects.filter(suite=run.suite, position=place).update(expected=label)
            logprobs = tokens(**shares[place - 1]) if shares and shares[place - 1] else None
            told = {"text": answer, "logprobs": logprobs}
            Answer.objects.filter(run=run, case__position=place).update(**told)
        judging.judge(run.pk)
        run.refresh_from_db()
        return run

    return make


def test_the_figures_of_a_published_example(sorted_tickets):
    # scikit-learn's guide: average precision and area of scores [0.1, 0.4, 0.35, 0.8]
    truth = ["no", "no", "yes", "yes"]
    scores = [0.1, 0.4, 0.35, 0.8]
    shares = [{"no": 1 - score, "yes": score} for score in scores]
    run = sorted_tickets(truth, ["no", "no", "no", "yes"], shares)
    (report,) = run.result["classes"]
    yes = report["classes"][1]
    assert (yes["auroc"], yes["auprc"]) == pytest.approx((0.75, 0.8333), abs=1e-4)
    assert (yes["precision"], yes["recall"]) == (1, 0.5)
    assert yes["f_beta"]["0.5"] == pytest.approx(1.25 * 0.5 / (0.25 + 0.5))
    assert report["scored_rows"] == 4
    brier = (0.1**2 + 0.4**2 + 0.65**2 + 0.2**2) / 4
    assert report["calibration"]["brier"] == pytest.approx(brier)


def test_the_names_of_old(client, sorted_tickets):
    run = sorted_tickets(["no", "no", "yes", "yes"], ["no", "yes", "yes", "yes"])
    found = class_figures.old_metrics(run.result["classes"][0])
    assert found["classification/accuracy"] == 0.75
    assert found["classification/precision"] == pytest.approx(2 / 3)
    assert found["classification/recall"] == 1
    assert found["classification/f2.0"] == pytest.approx(5 * (2 / 3) / (4 * 2 / 3 + 1))
    assert found["classification/auroc"] is None
    address = reverse("evals:run_json", args=[run.public_id])
    told = b"".join(client.get(address, {"positive": "no"}).streaming_content)
    assert json.loads(told)["classification"][0]["metrics"]["classification/precision"] == 1


def test_without_probabilities_the_page_says_what_is_needed(client, sorted_tickets):
    run = sorted_tickets(["no", "yes"], ["no", "never heard"])
    page = client.get(run.get_absolute_url(), {"beta": "2"}).content.decode()
    assert "ask for them when a run is started" in page
    assert "F2</th>" in page


def test_calibration_stands_on_the_page(client, sorted_tickets):
    shares = [{"no": 0.95, "yes": 0.05}, {"yes": 0.6, "no": 0.4}]
    run = sorted_tickets(["no", "no"], ["no", "yes"], shares)
    assert run.result["classes"][0]["calibration"] is None  # one class is nothing to tell apart
    run = sorted_tickets(["no", "yes"], ["no", "yes"], shares)
    page = client.get(run.get_absolute_url()).content.decode()
    assert "Is it as sure as it is right?" in page


def test_labels_that_begin_alike_are_named(client, sorted_tickets):
    shares = [{"log": 0.9, "billing": 0.1}, {"billing": 0.9, "log": 0.001}, {"billing": 1.0}]
    run = sorted_tickets(["login", "logout", "billing"], ["login", "billing", "billing"], shares)
    (report,) = run.result["classes"]
    assert report["mixed"] == ["login", "logout"]
    assert report["scored_rows"] == 2
    assert "login, logout" in client.get(run.get_absolute_url()).content.decode()


def test_of_very_many_labels_the_most_frequent_are_shown_and_all_are_counted(
    client, sorted_tickets
):
    rare = [f"ticket {n:02d}" for n in range(55)]
    truth = ["often", "often", "often", *rare]
    said = ["often", "often", rare[54], rare[1], "never heard", *rare[2:]]
    run = sorted_tickets(truth, said)
    (report,) = run.result["classes"]
    assert len(report["labels"]) == len(report["classes"]) == 56
    assert report["macro_f1"] == pytest.approx(statistics.classification(truth, said).macro_f1)
    assert report["shown"][0] == "often"
    table = report["confusion"]
    assert (len(table), len(table[0])) == (51, 52)
    assert sum(map(sum, table)) == len(truth)
    assert table[0][:1] + table[0][-2:] == [2, 1, 0]  # one was taken for a label of the rest
    assert ["often", rare[54], 1] in report["pairs"]
    assert [rare[1], None, 1] in report["pairs"]
    page = client.get(run.get_absolute_url()).content.decode()
    assert "There are 56 labels" in page
    assert page.count("the rest") > 2
    assert rare[54] not in page
    lines = b"".join(client.get(reverse("evals:labels_csv", args=[run.public_id]))).decode()
    assert len(lines.strip().splitlines()) == 57
    assert rare[54] in lines


def test_more_labels_than_tokens_tell_apart_have_no_probabilities(sorted_tickets, monkeypatch):
    monkeypatch.setattr("apps.evals.verdicts.classes.MOST_SCORED", 1)
    run = sorted_tickets(["no", "yes"], ["no", "yes"], [{"no": 1.0}, {"yes": 1.0}])
    assert run.result["classes"][0]["scored_rows"] == 0


@pytest.mark.parametrize(
    ("told", "shares"),
    [
        ([["\n", -0.1, []], ["Yes", math.log(0.5), [["no", math.log(0.25)]]]], (0.5, 0.25)),
        ([[" yes.", math.log(0.5), []]], (0.5, 0.0)),  # more than the label, then a stop
        ([["ye", math.log(0.5), [["yes", math.log(0.5)]]]], (1.0, 0.0)),
        ([["maybe", -0.1, [["nobody", -0.1]]]], None),
        ([], None),
        (None, None),
        ([["yes"]], None),
        ([["yes", float("nan"), "strange"]], None),
        ("strange", None),
    ],
)
def test_probabilities_of_labels_are_those_of_the_first_token_that_says_something(told, shares):
    found, mixed = label_shares(told, ["yes", "no"], ignore_case=True)
    assert mixed == set()
    assert (None if found is None else pytest.approx(tuple(found.values()))) == shares
