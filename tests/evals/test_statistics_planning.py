"""Several models, and how many rows it takes: published figures and brute force."""

import itertools

import pytest
from scipy import stats

from apps.evals.statistics import (
    compare_counts,
    compare_scores,
    corrected,
    detectable_gap,
    holm,
    plan,
    power,
    rows_needed,
)


def connor(discordant, gap):
    """Biometrics 43 (1987) 209: 5 % two-sided, 80 % power, as calculators print it."""
    z = 1.959964 * discordant**0.5 + 0.841621 * (discordant - gap**2) ** 0.5
    return z**2 / gap**2


def brute_power(rows, discordant, gap):
    """Every outcome, tested by the library's exact test."""
    fixed, broken = (discordant + gap) / 2, (discordant - gap) / 2
    outcomes = itertools.product(range(rows + 1), repeat=2)
    return sum(
        stats.multinomial.pmf(
            [better, worse, rows - better - worse], rows, [fixed, broken, 1 - discordant]
        )
        for better, worse in outcomes
        if 0 < better + worse <= rows and stats.binomtest(better, better + worse).pvalue < 0.05
    )


@pytest.mark.parametrize(("discordant", "gap"), [(0.2, 0.05), (0.5, 0.4), (0.1, 0.02), (0.3, 0.1)])
def test_rows_needed_are_connors_and_a_few_for_exactness(discordant, gap):
    rows = rows_needed(discordant=discordant, gap=gap)
    assert connor(discordant, gap) <= rows <= 1.15 * connor(discordant, gap)
    assert power(rows, discordant=discordant, gap=gap) == pytest.approx(0.8, abs=0.03)
    assert power(rows, discordant=discordant, gap=gap) >= 0.8


def test_the_planners_well_known_example():
    assert connor(0.2, 0.05) == pytest.approx(625.5, abs=0.1)
    assert connor(0.5, 0.4) == pytest.approx(22.01, abs=0.01)  # printed as 23 by powerandsamplesize
    assert rows_needed(discordant=0.2, gap=0.05) == 658
    assert detectable_gap(40, 0.2) == pytest.approx(0.195, abs=5e-4)


@pytest.mark.parametrize(
    ("rows", "discordant", "gap"), [(12, 0.5, 0.4), (16, 0.9, 0.5), (9, 0.3, 0.3)]
)
def test_power_is_that_of_every_outcome_tested(rows, discordant, gap):
    theirs = brute_power(rows, discordant, gap)
    assert power(rows, discordant=discordant, gap=gap) == pytest.approx(theirs, abs=1e-9)


def test_the_approximation_takes_over_without_a_jump():
    exact, normal = (power(rows, discordant=0.2, gap=0.028) for rows in (2_000, 2_001))
    assert normal == pytest.approx(exact, abs=0.01)


def test_a_gap_that_is_seen_needs_no_more_rows_than_there_are():
    gap = detectable_gap(300, 0.25)
    assert rows_needed(discordant=0.25, gap=gap) == pytest.approx(300, abs=8)


def test_few_rows_show_no_gap_at_all():
    assert detectable_gap(5, 1.0) is None
    assert detectable_gap(20, 0.1) is None
    assert power(0, discordant=0.5, gap=0.5) == 0


@pytest.mark.parametrize(("discordant", "gap"), [(0.2, 0.0), (0.2, -0.1), (1.5, 0.1), (0.1, 1.2)])
def test_shares_that_cannot_be_are_a_mistake(discordant, gap):
    with pytest.raises(ValueError, match="share"):
        rows_needed(discordant=discordant, gap=gap)


def test_a_gap_above_the_disagreement_means_that_all_of_it_points_one_way():
    assert rows_needed(discordant=0.05, gap=0.2) == rows_needed(discordant=0.2, gap=0.2)


def test_a_gap_that_no_number_of_rows_is_worth_has_no_plan():
    assert compare_counts(5000, 4999, rows=20000).rows_needed is None
    assert compare_scores([0.0] * 8, [1.0, -1.0] * 4).rows_needed is None


def test_holms_correction_is_the_known_one():
    # Wikipedia, Holm-Bonferroni method; R: p.adjust(c(.01, .04, .03, .005), "holm")
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_several_models_are_corrected_for_their_number():
    alone = compare_counts(22, 9, rows=240)
    assert alone.is_decisive
    first, second, third = corrected(
        [alone, compare_counts(9, 9, rows=240), compare_counts(2, 0, rows=4)]
    )
    assert first.p_value == pytest.approx(2 * alone.p_value)
    assert not first.is_decisive
    assert first.rows_needed > 240
    assert (first.family, second.family, third.family) == (2, 2, 1)  # three: too few rows
    assert (first.low, first.high) == (alone.low, alone.high)


def test_one_model_alone_needs_no_correction():
    alone = compare_counts(22, 9, rows=240)
    assert corrected([alone]) == [alone]


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        (
            40,
            {},
            "40 rows can show a difference of about 20 points, assuming that two models differ on "
            "20 % of them. To see 5 points, about 660 rows are needed.",
        ),
        (
            2_000,
            {"discordant": 0.125},
            "2,000 rows can show a difference of about 2.3 points, assuming that two models differ "
            "on 12.5 % of them.",
        ),
        (
            20,
            {"discordant": 0.1, "gap": 0.025},
            "20 rows can show no difference, however large, assuming that two models differ on "
            "10 % of them. To see 2.5 points, about 1,400 rows are needed.",
        ),
    ],
)
def test_a_plan_says_what_rows_can_show(rows, options, words):
    assert plan(rows, **options) == words


def test_more_models_need_more_rows():
    # Connor at 5 % / 3: (2.394·√0.2 + 0.842·√0.1975)² / 0.05² = 835, and a few for exactness
    assert "about 870 rows" in plan(40, models=4)
