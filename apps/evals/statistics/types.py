"""What a comparison of two models says."""

from dataclasses import dataclass
from enum import StrEnum

ALPHA = 0.05
CONFIDENCE = 1 - ALPHA
FEWEST_ROWS = 6  # five rows that all point one way still have p = 0.0625
MOST_ROWS_NEEDED = 1_000_000  # beyond this, a difference is of no use to anybody


class Test(StrEnum):
    """How a p-value was found. Stored as it is; never renamed."""

    __test__ = False  # pytest: this is no test

    MCNEMAR = "mcnemar_exact"
    WILCOXON = "wilcoxon"


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and where the truth lies with 95 % confidence."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a candidate differs from a baseline on the rows that both have.

    `effect` is candidate minus baseline: a share (0.084 = 8.4 points) where `is_share`, else in the
    unit of the score. `low` and `high` hold it with 95 % confidence, never corrected for several
    models; None where there are too few rows. `p_value` is corrected where `family` is above 1.
    """

    effect: float
    low: float | None
    high: float | None
    p_value: float | None
    test: Test
    rows: int
    better: int
    worse: int
    equal: int
    is_decisive: bool = False
    rows_needed: int | None = None  # to decide this very difference with 80 % power
    skipped: int = 0  # rows that lack one of both
    family: int = 1  # how many comparisons the p-value is corrected for
    is_share: bool = True
    deviation: float = 0.0  # of the rows' differences: what the planner needs
    baseline: float | None = None  # means of both
    candidate: float | None = None

    @property
    def has_too_few_rows(self) -> bool:
        """True where no outcome at all could have been decisive."""
        return self.rows < FEWEST_ROWS

    @property
    def both_right(self) -> int | None:
        """On how many rows both pass; None where rows have scores, or nobody knows."""
        if self.test != Test.MCNEMAR or self.baseline is None:
            return None
        return round(self.baseline * self.rows) - self.worse

    @property
    def both_wrong(self) -> int | None:
        """On how many rows both fail; None where rows have scores, or nobody knows."""
        return None if self.both_right is None else self.equal - self.both_right

    @property
    def discordant(self) -> float | None:
        """The share of rows on which both differ; None without rows."""
        return (self.better + self.worse) / self.rows if self.rows else None

    @property
    def excludes_zero(self) -> bool:
        """True where the interval lies on one side of no difference."""
        if self.low is None or self.high is None:
            return False
        return self.low > 0 or self.high < 0
