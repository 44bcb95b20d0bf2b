"""The rows before and after one, among those that the filters leave."""

from dataclasses import dataclass

from apps.evals.models import Case, Run
from apps.evals.results import row_filters
from apps.evals.results.row_filters import Filters


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Positions; None at either end."""

    previous: int | None
    next: int | None


def neighbours(run: Run, case: Case, filters: Filters) -> Neighbours:
    """Find them. A row that the filters leave out has neighbours all the same."""
    rows = row_filters.of_kind(row_filters.matching(run, filters), run, filters)
    places = rows.values_list("position", flat=True)
    if filters.is_alone and case.position in (order := [None, *places, None]):
        at = order.index(case.position)
        return Neighbours(order[at - 1], order[at + 1])
    return Neighbours(
        previous=places.filter(position__lt=case.position).order_by("-position").first(),
        next=places.filter(position__gt=case.position).order_by("position").first(),
    )
