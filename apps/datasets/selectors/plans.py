"""What a split, a sample or a merge will give, before anything is made of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from apps.datasets import columns
from apps.datasets.models import Version
from apps.datasets.recipes.selecting import Sample, Split
from apps.datasets.recipes.shares import Chosen

ROWS_LOOKED_AT = 20_000  # to see whether a dataset has labels


@dataclass(frozen=True, slots=True)
class Part:
    """How much one part holds. `tokens` is None where they were not counted per row."""

    rows: int
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class SplitPlan:
    training: Part
    validation: Part
    wanted: int  # rows to validate with; the groups may allow fewer
    grouped_rows: int = 0  # rows whose question another row asks too
    labels: int = 0  # different short answers
    is_exact: bool = True

    @property
    def is_off(self) -> bool:
        """True when equal questions keep the parts from being as large as asked for."""
        return self.is_exact and self.validation.rows != self.wanted


def split_plan(version: Version, split: Split) -> SplitPlan:
    """Choose as the split will; half a second for a million rows. Costs no query."""
    known = columns.open(version)
    rows = version.row_count or 0
    wanted = split.validation_rows(rows)
    if known is None or len(known) != rows:
        return SplitPlan(Part(rows - wanted), Part(wanted), wanted, is_exact=False)
    questions = known.question if split.group else np.zeros(rows, np.uint64)
    validating = split.validating(questions, known.label)
    return SplitPlan(
        training=_part(known, ~validating),
        validation=_part(known, validating),
        wanted=wanted,
        grouped_rows=_repeated(known.question),
        labels=len(_different(known.label)),
    )


def has_labels(version: Version) -> bool:
    """True when most answers are short and come again and again, as in a classification."""
    known = columns.open(version)
    if known is None or not len(known):
        return False
    labels = known.label[:ROWS_LOOKED_AT]
    labelled = labels[labels != 0]
    return len(labelled) > 0.9 * len(labels) and len(np.unique(labelled)) <= len(labels) / 3


def _part(known: columns.Columns, chosen: Chosen) -> Part:
    return Part(int(np.count_nonzero(chosen)), int(known.tokens[chosen].sum(dtype=np.int64)))


def _repeated(questions: columns.Column) -> int:
    """Count the rows whose question stands in another row too."""
    ordered = np.sort(questions[questions != 0])
    is_like_next = np.append(ordered[1:] == ordered[:-1], False)
    return int(np.count_nonzero(is_like_next | np.roll(is_like_next, 1)))


def sample_plan(version: Version, sample: Sample) -> Part:
    """Return the size of a sample; its tokens are those of as many average rows."""
    rows = sample.sampled_rows(version.row_count or 0)
    total = version.token_total
    share = rows / version.row_count if version.row_count else 0
    return Part(rows, None if total is None else round(total * share))


def rows_that_repeat(versions: Sequence[Version]) -> int | None:
    """Count rows that stand in an earlier one of these versions too; None when it is not known."""
    found = [columns.open(version) for version in versions]
    if any(known is None for known in found):
        return None
    different = [_different(known.digest) for known in found if known]
    together = len(_different(np.concatenate(different))) if different else 0
    return sum(map(len, different)) - together


def _different(digests: columns.Column) -> columns.Column:
    """Return each digest once. By sorting: np.unique takes ten times as long for a million."""
    ordered = np.sort(digests[digests != 0])
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered
