"""Several models against one baseline: the more one looks, the more one finds by chance."""

from collections.abc import Sequence
from dataclasses import replace

from apps.evals.statistics.deciding import decided
from apps.evals.statistics.types import Comparison


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values corrected by Holm (Scand. J. Statist. 6, 1979, 65-70), in their order."""
    count = len(p_values)
    order = sorted(range(count), key=lambda place: p_values[place])
    corrected_values, highest = [0.0] * count, 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (count - rank) * p_values[place]))
        corrected_values[place] = highest
    return corrected_values


def corrected(comparisons: Sequence[Comparison], *, plans: bool = True) -> list[Comparison]:
    """Return the comparisons of several candidates with one baseline, corrected for their number.

    Those without a p-value stay as they are. Correct once: `family` says for how many.
    """
    known = [each for each in comparisons if each.p_value is not None]
    if len(known) < 2:
        return list(comparisons)
    values = iter(holm([each.p_value for each in known if each.p_value is not None]))
    return [
        each if each.p_value is None else _corrected(each, next(values), len(known), plans=plans)
        for each in comparisons
    ]


def _corrected(comparison: Comparison, p_value: float, family: int, *, plans: bool) -> Comparison:
    changed = replace(comparison, p_value=p_value, family=family)
    # A correction never decides what was open.
    return decided(changed, agrees=comparison.is_decisive, plans=plans)
