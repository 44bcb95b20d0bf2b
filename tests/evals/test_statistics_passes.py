"""Shares and paired differences: published figures, and what must hold for any rows."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.evals.statistics import (
    Test,
    compare_counts,
    compare_pass,
    mean_share,
    proportion,
)

quickly = settings(max_examples=30, deadline=None, database=None)


@pytest.mark.parametrize(  # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3
    ("passed", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_wilsons(passed, total, low, high):
    interval = proportion(passed, total)
    assert interval.estimate == passed / total
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("passed", "total"), [(81, 263), (0, 20), (20, 20), (1, 2)])
def test_the_mean_of_plain_passes_has_the_same_interval(passed, total):
    mean, share = mean_share(passed / total, total), proportion(passed, total)
    assert (mean.low, mean.high) == pytest.approx((share.low, share.high))


def test_nothing_has_no_share():
    assert mean_share(0.0, 0) is None
    assert proportion(0, 0) is None


@pytest.mark.parametrize(
    ("better", "worse", "rows", "p_value", "low", "high"),
    [
        # Fagerland, Lydersen & Laake, Statistics in Medicine 33 (2014) 2850-2875: airways before
        # and after stem cell transplantation (Bentur 2009), exact conditional test and Tango's.
        (7, 1, 21, 0.0703, 0.0260, 0.5173),
        # The same authors' book, chapter 8, and their package contingencytables: complete response
        # before and after consolidation (Cavo 2012).
        (16, 6, 161, 0.052479, 0.0054, 0.1240),
        (6, 16, 161, 0.052479, -0.1240, -0.0054),
        # Tango, Statistics in Medicine 17 (1998) 891-908: contact lenses (Miyanaga 1994).
        (0, 1, 44, 1.0, -0.118, 0.059),
    ],
)
def test_paired_shares_are_compared_as_published(better, worse, rows, p_value, low, high):
    comparison = compare_counts(better, worse, rows=rows)
    assert comparison.effect == pytest.approx((better - worse) / rows)
    assert comparison.p_value == pytest.approx(p_value, abs=5e-5)
    assert (comparison.low, comparison.high) == pytest.approx((low, high), abs=5e-4)
    assert comparison.test == Test.MCNEMAR


def test_three_clean_wins_prove_nothing():
    comparison = compare_counts(3, 0, rows=3)
    # contingencytables, test-ch8.R: the interval of three rows that all differ one way
    assert (comparison.low, comparison.high) == pytest.approx((-0.1230, 1.0), abs=5e-5)
    assert comparison.p_value is None
    assert comparison.has_too_few_rows
    assert not comparison.is_decisive


def test_six_clean_wins_are_the_fewest_that_decide():
    assert not compare_counts(5, 0, rows=200).is_decisive
    assert compare_counts(6, 0, rows=200).is_decisive


def test_an_exact_test_above_5_percent_is_not_decisive_whatever_the_interval():
    comparison = compare_counts(16, 6, rows=161)
    assert comparison.excludes_zero
    assert not comparison.is_decisive
    assert comparison.rows_needed == 300


def test_rows_without_a_verdict_of_both_are_left_out_and_counted():
    base = [True, False, None, False, True, True]
    tuned = [True, True, True, None, False, False]
    comparison = compare_pass(base, tuned)
    assert (comparison.rows, comparison.skipped) == (4, 2)
    assert (comparison.better, comparison.worse, comparison.equal) == (1, 2, 1)
    assert (comparison.baseline, comparison.candidate) == (0.75, 0.5)


def test_lists_of_different_length_are_a_mistake():
    with pytest.raises(ValueError, match="shorter"):
        compare_pass([True], [True, False][:0])
    with pytest.raises(ValueError, match="more rows differ"):
        compare_counts(3, 2, rows=4)


counts = st.tuples(*[st.integers(0, 400)] * 3).filter(sum)


@given(counts)
@quickly
def test_a_comparison_is_sound_for_any_counts(found):
    better, worse, _equal = found
    rows = sum(found)
    comparison = compare_counts(better, worse, rows=rows)
    assert -1 <= comparison.low <= comparison.effect <= comparison.high <= 1
    mirrored = compare_counts(worse, better, rows=rows)
    assert (mirrored.low, mirrored.high) == (-comparison.high, -comparison.low)
    assert mirrored.p_value == comparison.p_value
    assert not comparison.is_decisive or comparison.p_value < 0.05
    assert comparison.rows_needed is None or comparison.rows_needed > rows


@given(counts)
@quickly
def test_tangos_interval_excludes_zero_where_mcnemars_statistic_is_beyond_1_96(found):
    better, worse, _equal = found
    comparison = compare_counts(better, worse, rows=sum(found))
    statistic = abs(better - worse) / math.sqrt(better + worse) if better + worse else 0
    assert comparison.excludes_zero == (statistic > 1.959964)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40), st.randoms())
@quickly
def test_the_order_of_rows_does_not_matter(rows, chance):
    shuffled = chance.sample(rows, len(rows))
    assert compare_pass(*zip(*rows, strict=True)) == compare_pass(*zip(*shuffled, strict=True))
