"""Differences of scores: textbook figures, the library's, and what must hold for any rows."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from apps.evals.statistics import Test, compare_pass, compare_scores, per_row
from apps.evals.statistics.bootstrap import SEED
from apps.evals.statistics.ranks import wilcoxon

quickly = settings(max_examples=10, deadline=None, database=None)

# Darwin's maize, cross- against self-fertilised (Fisher, The Design of Experiments, 1935).
DARWIN = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]
# Hollander & Wolfe, Nonparametric Statistical Methods (1973) 29: depression before and after.
BEFORE = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
AFTER = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]


def test_wilcoxons_p_is_that_of_the_textbooks():
    darwin = compare_scores([0] * 15, DARWIN)
    assert darwin.effect == pytest.approx(20.933, abs=5e-4)
    assert darwin.p_value == pytest.approx(0.0413, abs=5e-5)
    depression = compare_scores(BEFORE, AFTER)
    assert depression.p_value == pytest.approx(0.0391, abs=5e-5)
    assert depression.test == Test.WILCOXON
    assert (depression.better, depression.worse) == (2, 7)


def test_the_interval_is_the_librarys_bootstrap():
    rng = np.random.default_rng(11)
    gains = rng.normal(0.1, 0.2, 400)
    comparison = compare_scores([0] * 400, gains)
    theirs = stats.bootstrap(
        (np.sort(gains),), np.mean, method="BCa", rng=np.random.default_rng(SEED)
    ).confidence_interval
    assert (comparison.low, comparison.high) == pytest.approx((theirs.low, theirs.high), abs=1e-3)


def test_of_few_rows_the_interval_is_students_of_two_rows_more():
    darwin = compare_scores([0] * 15, DARWIN)
    student = stats.ttest_1samp([*DARWIN, 75, -75], 0).confidence_interval()
    assert (darwin.low, darwin.high) == pytest.approx((student.low, student.high))


@pytest.mark.parametrize("rows", [6, 10, 20])
def test_of_few_rows_the_interval_holds_the_truth_as_often_as_it_says(rows):
    """Three answers to each question, half of which either model gets right by chance."""
    rng = np.random.default_rng(rows)
    known = rng.beta(0.3, 0.3, (100, rows))
    base, tuned = rng.binomial(3, known) / 3, rng.binomial(3, known) / 3
    found = [
        compare_scores(one, other, is_share=True, resamples=200, plans=False)
        for one, other in zip(base, tuned, strict=True)
    ]
    assert sum(each.low <= 0 <= each.high for each in found) >= 93
    assert sum(each.is_decisive for each in found) <= 5


def test_equal_shares_leave_room_for_rows_that_nobody_saw():
    equal = compare_scores([0.5] * 20, [0.5] * 20, is_share=True)
    passes = compare_pass([True] * 20, [True] * 20)
    assert (equal.low, equal.high) == (passes.low, passes.high)
    assert equal.high == pytest.approx(0.161, abs=5e-4)
    always = compare_scores([0] * 6, [1] * 6, is_share=True)
    assert 0 < always.low < 0.2
    assert always.high == 1


@pytest.mark.parametrize(("won", "lost"), [(5, 0), (12, 4), (20, 8), (167, 133)])
def test_tied_rows_are_counted_exactly(won, lost):
    """Where all differ by as much, signed ranks are the sign test."""
    comparison = compare_scores([0.5] * (won + lost), [1.0] * won + [0.0] * lost, plans=False)
    sign = stats.binomtest(won, won + lost).pvalue
    assert (comparison.p_value or sign) == pytest.approx(sign)


@given(st.lists(st.integers(-3, 3), min_size=6, max_size=9))
@quickly
def test_ranks_with_ties_are_those_of_the_librarys_permutations(gains):
    differing = [gain for gain in gains if gain]
    expected = stats.wilcoxon(differing).pvalue if differing else 1
    assert wilcoxon(np.array(gains, dtype=float)) == pytest.approx(expected)


def test_many_rows_have_the_normal_approximation():
    gains = np.random.default_rng(3).normal(0.02, 1, 700)
    assert wilcoxon(gains) == pytest.approx(stats.wilcoxon(gains).pvalue)
    near = wilcoxon(gains[:499])
    assert near == pytest.approx(stats.wilcoxon(gains[:499]).pvalue, abs=1e-3)


def test_an_interval_that_holds_zero_is_not_decisive_whatever_the_p_value():
    comparison = compare_scores([0] * 15, DARWIN)
    assert comparison.low < 0 < comparison.high
    assert comparison.p_value < 0.05
    assert not comparison.is_decisive
    assert comparison.rows_needed == 26  # ((1.960 + 0.842) * 37.74 / 20.93)², rounded up


def test_ranks_that_lean_against_the_mean_decide_nothing():
    many_lose_little, few_gain_much = [-0.01] * 60, [0.9] * 15
    comparison = compare_scores([0] * 75, many_lose_little + few_gain_much)
    assert comparison.low > 0
    assert comparison.p_value < 0.05
    assert not comparison.is_decisive


def test_a_clear_gain_is_decisive():
    rng = np.random.default_rng(7)
    base = rng.uniform(0, 0.6, 300)
    comparison = compare_scores(base, base + rng.normal(0.1, 0.1, 300))
    assert comparison.is_decisive
    assert comparison.rows_needed is None
    assert 0.07 < comparison.low < comparison.effect < comparison.high < 0.1


@pytest.mark.parametrize("rows", [0, 1, 2, 5])
def test_few_rows_have_no_interval_and_no_p_value(rows):
    comparison = compare_scores([0.0] * rows, [1.0] * rows)
    assert (comparison.low, comparison.high, comparison.p_value) == (None, None, None)
    assert comparison.has_too_few_rows
    assert not comparison.is_decisive


def test_rounding_in_the_machine_is_no_difference():
    comparison = compare_scores([0.3 - 0.1] * 8, [0.2] * 8)
    assert (comparison.equal, comparison.effect, comparison.p_value) == (8, 0, 1)


def test_rows_without_a_score_are_left_out_and_samples_are_no_rows():
    tuned = per_row([[0.5, 1.0], [None, 0.25], [None], []])
    assert tuned == [0.75, 0.25, None, None]
    comparison = compare_scores([0.5, 0.5, 0.5, 0.5], tuned)
    assert (comparison.rows, comparison.skipped) == (2, 2)


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_is_a_mistake(odd):
    with pytest.raises(ValueError, match="finite"):
        compare_scores([0.0] * 7, [1.0] * 6 + [odd])


scores = st.floats(-1e6, 1e6, allow_nan=False) | st.sampled_from([0.0, 0.5, 1.0])
pairs = st.lists(st.tuples(scores, scores), min_size=6, max_size=20)


@given(pairs, st.randoms())
@quickly
def test_a_comparison_is_sound_for_any_scores(rows, chance):
    sound(rows, chance.sample(rows, len(rows)))


def sound(rows, shuffled):
    compared = partial(compare_scores, resamples=200)
    base, tuned = zip(*rows, strict=True)
    comparison = compared(base, tuned)
    assert comparison.low <= comparison.effect <= comparison.high
    assert 0 <= comparison.p_value <= 1
    mirrored = compared(tuned, base)
    assert (mirrored.low, mirrored.high) == (-comparison.high, -comparison.low)
    assert mirrored.p_value == pytest.approx(comparison.p_value)
    assert compared(*zip(*shuffled, strict=True)) == comparison
