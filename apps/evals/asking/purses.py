"""What a run may still spend: counted while it asks, as far as prices are known."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from apps.evals.asking import judges, spending
from apps.evals.asking.items import Group, Tokens
from apps.evals.models import Run
from apps.library.money import pricing
from apps.library.money.pricing import Asked
from apps.providers.profiles.prices import Rate


@dataclass(slots=True)
class Purse:
    """What a run may spend, and has spent: what nobody can price adds nothing."""

    limit: Decimal | None
    spent: Decimal
    rates: dict[Group, Rate] = field(default_factory=dict)
    _dearest: Decimal = Decimal(0)

    @property
    def is_empty(self) -> bool:
        return self.limit is not None and self.spent >= self.limit

    def pay(self, tokens: Tokens) -> None:
        """Count what an answer has cost."""
        rate = self.rates.get(tokens.group)
        cost = rate.usd(tokens.prompt or 0, tokens.completion or 0) if rate else None
        if cost is None:
            return
        self._dearest = max(self._dearest, cost)
        self.spent += cost

    def has_room(self, under_way: int) -> bool:
        """Say whether one more may begin, should all be as dear as the dearest was until now."""
        if self.limit is None or under_way == 0:
            return not self.is_empty
        return self.spent + self._dearest * (under_way + 1) <= self.limit


def purse_of(run: Run) -> Purse:
    """Return the purse of a run as its rows tell it."""
    asked = dict(_asked(run))
    rates = pricing.rates_of(asked.values())
    known = {
        group: rates[connection.pk, model]
        for group, (connection, model) in asked.items()
        if (connection.pk, model) in rates
    }
    return Purse(run.budget_usd, spending.spent(run), known)


def _asked(run: Run) -> Iterator[tuple[Group, Asked]]:
    for candidate in run.candidates.select_related("connection"):
        if candidate.connection:
            yield ("answer", candidate.pk), (candidate.connection, candidate.model)
    for connection in judges.connections(run):
        for place, grader in judges.asked_at(connection, run).items():
            yield ("score", place), (connection, grader["model"])
