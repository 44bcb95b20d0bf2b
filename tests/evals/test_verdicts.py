"""What a run says of its models: by which test, of which rows, and what it leaves out."""

import pytest
from django.urls import reverse
from scipy.stats import binomtest, wilcoxon

from apps.evals import statistics
from apps.evals.models import Score
from apps.evals.verdicts import judging
from tests.evals.results import FAILED, make_results


@pytest.fixture
def judged(owner, openai):
    def make(*told, **fields):
        return make_results(workspace=owner.workspace, connection=openai, told=told, **fields)

    return make


def page_of(client, run):
    return client.get(run.get_absolute_url())


def test_one_answer_each_is_compared_by_the_exact_test(judged):
    base = [True] * 4 + [False] * 36
    tuned = [False] + [True] * 20 + [False] * 19
    (comparison,) = judged(base, tuned).result["comparisons"]
    assert comparison["test"] == "mcnemar_exact"
    assert (comparison["better"], comparison["worse"]) == (17, 1)
    assert comparison["p_value"] == pytest.approx(binomtest(1, 18).pvalue)


def test_several_answers_are_compared_by_the_means_of_their_questions(client, judged):
    base = [[True, False, False], [False] * 3] * 6
    tuned = [[True, True, False], [True, False, False]] * 6
    run = judged(base, tuned)
    (comparison,) = run.result["comparisons"]
    assert comparison["test"] == "wilcoxon"
    assert comparison["rows"] == 12  # not 36: several answers are no further questions
    assert comparison["effect"] == pytest.approx(1 / 3)
    assert comparison["p_value"] == pytest.approx(wilcoxon([1 / 3] * 12).pvalue)
    page = page_of(client, run).content.decode()
    assert "+33.3 points" in page
    assert "answered each question 3 times" in page


def test_a_grader_that_only_scores_is_compared_by_its_scores(client, judged):
    run = judged([0.2, 0.4, 0.3, 0.5, 0.1, 0.2, 0.6], [0.5, 0.6, 0.7, 0.6, 0.3, 0.4, 0.8])
    (comparison,) = run.result["comparisons"]
    assert not comparison["is_share"]
    assert comparison["effect"] == pytest.approx(1.6 / 7)
    assert "+0.23" in page_of(client, run).content.decode()


def test_several_models_are_corrected_for_their_number(client, judged):
    base, tuned, third = [False] * 20, [True] * 8 + [False] * 12, [True] * 7 + [False] * 13
    run = judged(base, tuned, third)
    alone = [binomtest(0, rows).pvalue for rows in (8, 7)]
    found = [each["p_value"] for each in run.result["comparisons"]]
    assert found == pytest.approx(statistics.holm(alone))
    page = page_of(client, run).content.decode()
    assert "Better than Base on exact match: Tuned" in page
    assert "corrected for 2 comparisons" in page


def test_what_is_in_no_verdict_is_told_with_its_reason(client, judged):
    base = [True] * 10
    run = judged(base, [FAILED, FAILED, None, *[True] * 7])
    assert run.result["comparisons"][0]["skipped"] == 3
    page = page_of(client, run).content.decode()
    assert "Tuned: 2 questions got no answer" in page
    assert "Tuned: 1 answer could not be judged, mostly since: It differs." in page
    assert "What failed mostly said: No such model" in page


def test_a_share_has_wilsons_interval(judged):
    run = judged([True] * 15 + [False] * 5, [False] * 20)
    first, second = run.result["shares"]
    wilson = binomtest(15, 20).proportion_ci(method="wilson")
    assert (first["low"], first["high"]) == pytest.approx((wilson.low, wilson.high))
    assert second["low"] == 0


def test_shares_stand_on_the_page_before_the_run_has_ended(client, judged):
    run = judged([[True, False]] * 4, [[True, True]] * 4, is_judged=False)
    shares = [line.shares[0] for line in page_of(client, run).context["report"].lines]
    assert [share.mean for share in shares] == [0.5, 1.0]
    assert [share.low for share in shares] == [None, None]


def test_a_persons_word_goes_before_the_graders(judged):
    run = judged([False] * 8, [True] * 8)
    Score.objects.filter(answer__candidate__position=1).update(override=False)
    judging.judge(run.pk)
    run.refresh_from_db()
    assert run.result["comparisons"][0]["better"] == 0


def test_the_page_asks_as_often_for_many_rows_and_models_as_for_few(
    client, judged, django_assert_max_num_queries
):
    few = judged([True] * 2, [False] * 2)
    many = judged([True] * 30, [False] * 30, [True] * 30)
    with django_assert_max_num_queries(100) as asked_few:
        page_of(client, few)
    with django_assert_max_num_queries(len(asked_few)):
        page_of(client, many)


def test_addresses_that_make_no_sense_show_the_page_all_the_same(client, judged):
    run = judged([True] * 2, [False] * 2)
    nonsense = "?grader=99&candidate=-1&sort=drop&beta=pi"
    assert client.get(run.get_absolute_url() + nonsense).status_code == 200
    rows = reverse("evals:rows", args=[run.public_id])
    assert client.get(rows + nonsense + "&kind=x&page=zz").status_code == 200


def test_whether_a_judge_can_be_believed_stands_beside_its_verdict(client, judged):
    run = judged([False] * 8, [True] * 8)
    found = {"grader": 0, "rows": 40, "share": 0.85, "low": 0.709, "high": 0.929, "kappa": 0.7}
    run.result["agreement"] = [found]
    run.save()
    page = page_of(client, run).content.decode()
    assert "what people say of 85 % of the answers" in page
    assert "71 … 93 %, 40 rows" in page
    assert "0.70" in page


def test_what_an_earlier_release_has_judged_can_still_be_read(client, judged):
    run = judged([False] * 8, [True] * 8, graders=[{"kind": "label"}])
    kept = ("labels", "confusion", "accuracy", "macro_f1", "weighted_f1", "grader", "position")
    figures = ("label", "support", "predicted", "precision", "recall", "f1")
    classes = [
        {name: each[name] for name in kept}
        | {"classes": [{name: line[name] for name in figures} for line in each["classes"]]}
        for each in run.result["classes"]
    ]
    run.result = {"comparisons": run.result["comparisons"], "classes": classes}
    run.save()
    page = page_of(client, run).content.decode()
    assert "Tuned is better" in page
    assert "100 %" not in page  # its intervals were not kept; the shares are counted anew
    assert "100.0 %" in page
