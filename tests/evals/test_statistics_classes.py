"""Labels: the library's documented figures, and what is undefined."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from apps.evals.statistics import agreement, classification


def binary(scores):
    return [{"no": 1 - score, "yes": score} for score in scores]


def test_the_table_is_that_of_the_library():
    # scikit-learn's documentation of classification_report
    report = classification(list("01222"), list("00221"))
    rows = [(each.precision, each.recall, each.f1, each.support) for each in report.classes]
    assert rows[0] == pytest.approx((0.5, 1.0, 2 / 3, 1))
    assert rows[1] == pytest.approx((0.0, 0.0, 0.0, 1))
    assert rows[2] == pytest.approx((1.0, 2 / 3, 0.8, 3))
    assert report.accuracy.estimate == 0.6
    assert report.macro_f1 == pytest.approx(0.49, abs=5e-3)
    assert report.weighted_f1 == pytest.approx(0.61, abs=5e-3)
    assert report.confusion == ((1, 0, 0, 0), (1, 0, 0, 0), (0, 1, 2, 0))


def test_ranking_is_that_of_the_library():
    # scikit-learn's documentation of roc_auc_score and average_precision_score
    said = ["no", "no", "no", "yes"]
    truth = ["no", "no", "yes", "yes"]
    report = classification(truth, said, probabilities=binary([0.1, 0.4, 0.35, 0.8]))
    positive = report.of("yes")
    assert positive.auroc == 0.75
    assert positive.auprc == pytest.approx(0.83, abs=5e-3)
    assert report.auroc == 0.75
    assert report.of("maybe") is None


def test_f_beta_weighs_recall():
    report = classification(list("aabb"), list("abbb"), betas=(0.5, 2.0))
    # (1 + β²)·P·R / (β²·P + R) with P = 1, R = 1/2
    assert report.of("a").f_beta == pytest.approx({0.5: 0.625 / 0.75, 2.0: 2.5 / 4.5})


def test_an_answer_that_is_no_label_is_a_miss():
    report = classification(["yes", "yes", "no"], ["yes", None, "I cannot say"])
    assert report.accuracy.estimate == pytest.approx(1 / 3)
    assert report.confusion == ((0, 0, 1), (0, 1, 1))
    assert report.of("no").precision is None  # never said: no share of nothing
    assert (report.of("no").recall, report.of("no").f1) == (0, 0)


def test_what_is_undefined_is_none():
    report = classification(["a", "a"], ["a", "a"], probabilities=[{"a": 0.9}, {"a": 0.8}])
    assert (report.auroc, report.auprc, report.calibration) == (None, None, None)
    assert classification([], []) is None
    assert classification([str(number) for number in range(1_001)], ["0"] * 1_001) is None


def test_probabilities_are_of_the_labels_alone():
    raw = [
        {"yes": 0.6, "no": 0.2, "Sure": 0.2},
        {"Sure": 1.0},
        None,
        {"yes": math.nan},
        {"no": 1.0},
    ]
    report = classification(["yes", "no", "yes", "no", "no"], ["yes"] * 5, probabilities=raw)
    assert report.scored_rows == 2
    found = [each.confidence for each in report.calibration.bins]
    assert found == pytest.approx([0.75, 1.0])
    with pytest.raises(ValueError, match="each row"):
        classification(["a", "b"], ["a", "b"], probabilities=[None])


def test_calibration_compares_what_is_said_with_what_is_right():
    scores = [0.95] * 10 + [0.65] * 10
    truth = ["yes"] * 7 + ["no"] * 3 + ["yes"] * 6 + ["no"] * 4
    found = classification(truth, ["yes"] * 20, probabilities=binary(scores)).calibration
    assert [(each.low, each.rows, each.accuracy) for each in found.bins] == [
        (0.6, 10, 0.6),
        (0.9, 10, 0.7),
    ]
    assert found.error == pytest.approx((0.25 + 0.05) / 2)
    theirs = metrics.brier_score_loss([label == "yes" for label in truth], scores)
    assert found.brier == pytest.approx(theirs)


labels = st.lists(st.tuples(*[st.sampled_from("abcd")] * 2), min_size=1, max_size=30)


@given(labels)
@settings(max_examples=8, deadline=None, database=None)
def test_no_figure_is_ever_nan(pairs):
    truth, said = zip(*pairs, strict=True)
    uniform = [dict.fromkeys("abcd", 0.25)] * len(pairs)
    report = classification(truth, said, probabilities=uniform, betas=[2])
    figures = [report.macro_f1, report.weighted_f1, report.auroc, report.auprc]
    for each in report.classes:
        figures += [each.precision, each.recall, each.f1, each.auroc, each.auprc, each.f_beta[2]]
    assert all(figure is None or 0 <= figure <= 1 for figure in figures)
    assert np.sum(report.confusion) == report.rows
    theirs = metrics.f1_score(
        truth, said, average="weighted", labels=report.labels, zero_division=0
    )
    assert report.weighted_f1 == pytest.approx(theirs)


def test_agreement_takes_off_chance():
    # Wikipedia, Cohen's kappa: 20 and 15 alike, 5 and 10 not
    one = [True] * 25 + [False] * 25
    other = [True] * 20 + [False] * 5 + [True] * 10 + [False] * 15
    found = agreement([*one, None], [*other, True])
    assert found.kappa == pytest.approx(0.4)
    assert (found.share.estimate, found.rows) == (0.7, 50)
    assert agreement([True, True], [True, True]).kappa is None
    assert agreement([None], [True]) is None
