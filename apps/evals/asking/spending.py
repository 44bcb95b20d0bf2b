"""What the answers and judges of a run cost, as far as prices are known."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from apps.core.typed import uuid_of
from apps.evals.models import Answer, Candidate, Run, Score
from apps.library.money import pricing
from apps.providers.models import Connection
from apps.providers.profiles.prices import Rate

NOTHING = Decimal(0)
Tokens = tuple[int, int]  # of questions, of answers
Rates = Mapping[pricing.Key, Rate]


def spent(run: Run) -> Decimal:
    """Add up what is known, in US dollars; what is not known adds nothing."""
    candidates = list(run.candidates.select_related("connection"))
    told = [*costs(run, candidates).values(), *judge_costs(run).values()]
    return sum((cost for cost in told if cost is not None), NOTHING)


def costs(run: Run, candidates: Sequence[Candidate]) -> dict[int, Decimal | None]:
    """Return what the answers of each model cost; None where nobody knows its price."""
    asked = Answer.objects.filter(run=run, is_copied=False).values_list("candidate_id")
    tokens = _tokens(asked.annotate(Sum("prompt_tokens"), Sum("completion_tokens")))
    rates = pricing.rates_of(
        (each.connection, each.model) for each in candidates if each.connection
    )
    return {
        each.pk: _cost(each.connection, each.model, rates, tokens.get(each.pk, (0, 0)))
        for each in candidates
    }


def judge_costs(run: Run) -> dict[int, Decimal | None]:
    """Return what each grader that asks a model cost, by its place in the suite."""
    asking = {
        place: grader for place, grader in enumerate(run.suite.graders) if grader.get("connection")
    }
    if not asking:
        return {}
    told = Score.objects.filter(answer__run=run, grader__in=asking).values_list("grader")
    tokens = _tokens(told.annotate(Sum("prompt_tokens"), Sum("completion_tokens")).order_by())
    connections = _connections(run, asking.values())
    judges = (
        (connections[each["connection"]], str(each.get("model", "")))
        for each in asking.values()
        if each["connection"] in connections
    )
    rates = pricing.rates_of(judges)
    return {
        place: _judge_cost(connections, grader, rates, tokens.get(place, (0, 0)))
        for place, grader in asking.items()
    }


def _judge_cost(
    connections: Mapping[str, Connection],
    grader: Mapping[str, Any],
    rates: Rates,
    tokens: Tokens,
) -> Decimal | None:
    connection = connections.get(str(grader["connection"]))
    if not any(tokens):
        return NOTHING
    return _cost(connection, str(grader.get("model", "")), rates, tokens) if connection else None


def _connections(run: Run, graders: Any) -> dict[str, Connection]:
    wanted = [each["connection"] for each in graders if uuid_of(each["connection"])]
    mine = Connection.objects.filter(workspace=run.workspace_id, public_id__in=wanted)
    return {str(connection.public_id): connection for connection in mine}


def _tokens(rows: Any) -> dict[int, Tokens]:
    return {key: (questions or 0, answers or 0) for key, questions, answers in rows}


def _cost(
    connection: Connection | None, model: str, rates: Rates, tokens: Tokens
) -> Decimal | None:
    if connection is None:  # recorded answers are there already
        return NOTHING
    rate = rates.get((connection.pk, model))
    return rate.usd(*tokens) if rate else None
