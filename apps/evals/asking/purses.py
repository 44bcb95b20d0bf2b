"""What a run may still spend: counted while it asks, as far as prices are known."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from apps.evals.asking import judges, spending
from apps.evals.asking.items import Group, Tokens
from apps.evals.models import Run
from apps.library import pricing
from apps.providers import overrides
from apps.providers.models import Connection

MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Rate:
    """US dollars per million tokens."""

    prompt: Decimal
    completion: Decimal

    def of(self, prompt: int | None, completion: int | None) -> Decimal:
        """Return what so many tokens cost."""
        asked, told = Decimal(prompt or 0), Decimal(completion or 0)
        return (asked * self.prompt + told * self.completion) / MILLION


FREE = Rate(Decimal(0), Decimal(0))


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
        cost = self.rates.get(tokens.group, FREE).of(tokens.prompt, tokens.completion)
        self._dearest = max(self._dearest, cost)
        self.spent += cost

    def has_room(self, under_way: int) -> bool:
        """Say whether one more may begin, should all be as dear as the dearest was until now."""
        if self.limit is None or under_way == 0:
            return not self.is_empty
        return self.spent + self._dearest * (under_way + 1) <= self.limit


def purse_of(run: Run) -> Purse:
    """Return the purse of a run as its rows tell it."""
    return Purse(run.budget_usd, spending.spent(run), dict(_rates(run)))


def rate_of(connection: Connection, model: str) -> Rate | None:
    """Return what asking a model costs; None where nobody knows."""
    if not overrides.profile_of(connection).costs_money:
        return FREE
    price = pricing.answer_price(connection, pricing.tuned_from(connection, model))
    if price is None or price.input is None or price.output is None:
        return None
    return Rate(price.input, price.output)


def _rates(run: Run) -> Iterator[tuple[Group, Rate]]:
    for candidate in run.candidates.select_related("connection"):
        if candidate.connection and (rate := rate_of(candidate.connection, candidate.model)):
            yield ("answer", candidate.pk), rate
    for connection in judges.connections(run):
        for place, grader in judges.asked_at(connection, run).items():
            if rate := rate_of(connection, grader["model"]):
                yield ("score", place), rate
