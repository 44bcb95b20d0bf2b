"""Whether a judge says what people say."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import chain

from apps.evals.statistics.pairs import paired
from apps.evals.statistics.passes import proportion
from apps.evals.statistics.types import Interval


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often two raters say the same. `kappa` takes off what chance would give (Cohen 1960)."""

    share: Interval
    rows: int
    kappa: float | None  # None where both always say one and the same


def agreement(one: Sequence[Hashable | None], other: Sequence[Hashable | None]) -> Agreement | None:
    """Compare verdicts on the same rows; None where no row has both."""
    pairs, _ = paired(one, other)
    share = proportion(sum(left == right for left, right in pairs), len(pairs))
    return None if share is None else Agreement(share, len(pairs), _kappa(pairs))


def _kappa(pairs: list[tuple[Hashable, Hashable]]) -> float | None:
    from sklearn.metrics import cohen_kappa_score

    names = {name: place for place, name in enumerate(dict.fromkeys(chain.from_iterable(pairs)))}
    if len(names) < 2:
        return None
    left, right = ([names[pair[side]] for pair in pairs] for side in (0, 1))
    kappa = float(cohen_kappa_score(left, right))
    return kappa if math.isfinite(kappa) else None
