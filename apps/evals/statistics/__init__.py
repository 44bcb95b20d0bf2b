"""Is it better, and how sure is that? Numbers only: no tables, no requests (pure).

SciPy and scikit-learn are imported inside functions: they take a second to
load, and most pages need neither.
"""

from apps.evals.statistics.agreement import Agreement, agreement
from apps.evals.statistics.alone import measured, standing
from apps.evals.statistics.classification import ClassReport, ClassScore, classification
from apps.evals.statistics.families import corrected, holm
from apps.evals.statistics.passes import compare_counts, compare_pass, mean_share, proportion
from apps.evals.statistics.plans import plan, plan_alone
from apps.evals.statistics.power import detectable_gap, power, rows_needed
from apps.evals.statistics.scores import compare_scores, per_row
from apps.evals.statistics.types import FEWEST_ROWS, Comparison, Interval, Test
from apps.evals.statistics.verdicts import rows_text, summary, verdict

__all__ = [
    "FEWEST_ROWS",
    "Agreement",
    "ClassReport",
    "ClassScore",
    "Comparison",
    "Interval",
    "Test",
    "agreement",
    "classification",
    "compare_counts",
    "compare_pass",
    "compare_scores",
    "corrected",
    "detectable_gap",
    "holm",
    "mean_share",
    "measured",
    "per_row",
    "plan",
    "plan_alone",
    "power",
    "proportion",
    "rows_needed",
    "rows_text",
    "standing",
    "summary",
    "verdict",
]
