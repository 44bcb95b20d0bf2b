"""The sentence that people read first."""

import pytest

from apps.evals.statistics import compare_counts, compare_scores, corrected, summary, verdict

NAMES = ("Base", "Tuned")
CASES = {
    "better": (
        compare_counts(30, 10, rows=240),
        "Tuned is better than Base on exact match: +8.3 points, 95 % interval +3.3 … +13.7, "
        "p = 0.002, 240 rows.",
    ),
    "worse": (
        compare_counts(100, 400, rows=12_000, skipped=1),
        "Tuned is worse than Base on exact match: −2.5 points, 95 % interval −2.9 … −2.1, "
        "p < 0.001, 12,000 rows. 1 row without a result of both is left out.",
    ),
    "not decisive": (
        compare_counts(20, 14, rows=240),
        "Not decisive on exact match: Tuned against Base +2.5 points, 95 % interval −2.4 … +7.5, "
        "p = 0.39, 240 rows. About 1,900 rows would be needed to decide a difference of this size.",
    ),
    "few rows differ": (
        compare_counts(5, 0, rows=240),
        "Not decisive on exact match: Tuned against Base +2.1 points, 95 % interval +0.5 … +4.8, "
        "p = 0.062, 240 rows. Where fewer than 6 rows differ, even a clean win may be chance. "
        "About 380 rows would be needed to decide a difference of this size.",
    ),
    "balanced": (
        compare_counts(9, 9, rows=240),
        "Not decisive on exact match: Tuned against Base 0.0 points, 95 % interval −3.8 … +3.8, "
        "p = 1.00, 240 rows.",
    ),
    "equal": (
        compare_counts(0, 0, rows=240),
        "Tuned and Base are equal on exact match: no difference on 240 rows. "
        "A difference of more than 1.6 points is unlikely.",
    ),
    "too few": (
        compare_counts(3, 0, rows=3, skipped=2),
        "Too few rows to compare Tuned with Base on exact match: 3 rows. "
        "With fewer than 6 rows even a clean win may be chance. "
        "2 rows without a result of both are left out.",
    ),
    "nothing": (
        compare_counts(0, 0, rows=0),
        "On exact match, no row has a result of both models: there is no verdict.",
    ),
    "scores": (
        compare_scores([0.5] * 8, [0.6, 0.7, 0.65, 0.55, 0.7, 0.6, 0.58, 0.62]),
        "Tuned is better than Base on exact match: +0.12, 95 % interval +0.02 … +0.18, "
        "p = 0.008, 8 rows.",
    ),
    "equal scores": (
        compare_scores([0.5] * 8, [0.5] * 8),
        "Tuned and Base are equal on exact match: no difference on 8 rows.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_verdict_is_one_plain_sentence(case):
    comparison, words = CASES[case]
    assert verdict(comparison, names=NAMES, measure="exact match") == words


def test_a_tiny_difference_is_not_written_as_none():
    words = verdict(compare_counts(1, 0, rows=9_000), names=NAMES, measure="exact match")
    assert "+0.01 points" in words


def test_several_models_have_a_summary_and_say_that_they_are_corrected():
    found = corrected(
        [
            compare_counts(30, 10, rows=240),
            compare_counts(9, 9, rows=240),
            compare_counts(10, 30, rows=240),
        ]
    )
    assert summary(found, baseline="Base", names=["A", "B", "C"], measure="tone") == (
        "Better than Base on tone: A (+8.3 points). Worse than Base on tone: C (−8.3 points). "
        "Not decisive against Base on tone: B. P-values are corrected for 3 comparisons (Holm)."
    )
    words = verdict(found[0], names=("Base", "A"), measure="tone")
    assert "p = 0.007, corrected for 3 comparisons, 240 rows" in words


def test_names_of_models_may_hold_percent_signs():
    comparison, _ = CASES["better"]
    words = verdict(comparison, names=("50%(x)s", "a % b"), measure="100 %d")
    assert words.startswith("a % b is better than 50%(x)s on 100 %d: ")


GONE = "Had all of them gone the other way, this would not be decisive."


@pytest.mark.parametrize(
    ("better", "worse", "skipped", "would_fall"), [(40, 2, 3, False), (40, 2, 25, True)]
)
def test_rows_that_are_left_out_are_weighed_against_the_finding(better, worse, skipped, would_fall):
    for comparison in (
        compare_counts(better, worse, rows=100, skipped=skipped),
        compare_counts(worse, better, rows=100, skipped=skipped),
    ):
        assert comparison.is_decisive
        assert (GONE in verdict(comparison, names=NAMES, measure="match")) is would_fall


@pytest.mark.parametrize(("skipped", "would_fall"), [(3, False), (20, True)])
def test_shares_of_several_answers_are_weighed_by_the_side_of_the_effect(skipped, would_fall):
    gains = [0.5] * 24 + [0.0] * 30 + [-0.5] * 4
    comparison = compare_scores(
        [0.5] * 58 + [None] * skipped,
        [0.5 + gain for gain in gains] + [1.0] * skipped,
        is_share=True,
    )
    assert comparison.is_decisive
    assert (GONE in verdict(comparison, names=NAMES, measure="match")) is would_fall


def test_what_decides_nothing_is_not_weighed():
    assert GONE not in verdict(
        compare_counts(3, 2, rows=50, skipped=30), names=NAMES, measure="match"
    )


@pytest.mark.parametrize(
    ("passed", "words"), [(0, "the grader may ask for too much"), (60, "Both get all right")]
)
def test_equal_at_either_end_says_what_that_may_mean(passed, words):
    comparison = compare_counts(0, 0, rows=60, passed=passed)
    assert words in verdict(comparison, names=NAMES, measure="match")
    between = compare_counts(0, 0, rows=60, passed=30)
    assert words not in verdict(between, names=NAMES, measure="match")
