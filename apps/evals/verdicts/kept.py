"""How a run keeps its comparisons: as JSON that is read again whole (pure)."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from apps.evals import statistics

FIELDS = frozenset(field.name for field in fields(statistics.Comparison))


def written(comparison: statistics.Comparison, **where: object) -> dict[str, Any]:
    """Return a comparison as the row of the run keeps it; two of its words mean two things."""
    facts = asdict(comparison)
    mean = facts.pop("candidate")
    return {**facts, **where, "candidate_mean": mean}


def read(kept: Mapping[str, Any]) -> statistics.Comparison:
    """Return what was kept."""
    facts = {name: value for name, value in kept.items() if name in FIELDS}
    test = statistics.Test(facts.pop("test"))
    return statistics.Comparison(**facts, test=test, candidate=kept.get("candidate_mean"))
