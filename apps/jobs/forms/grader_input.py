"""What was typed into the builder of a grader, and a kept grader as if it had been typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from apps.jobs.graders.shape import MAX_GRADERS, MULTI, Kind

PARTS = ("kind", "name", "input", "operation", "metric", "reference")

Part = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GraderInput:
    """What was typed into the builder: by place, so that one can be taken out."""

    parts: Mapping[str, Part] = field(default_factory=dict)
    formula: str = ""
    sample: str | None = None  # the answer to try it with; None before anybody wrote one


def typed_in(data: QueryDict) -> GraderInput:
    """Read what was sent."""
    places = [place for place in data.getlist("grader")[:MAX_GRADERS] if place.isdigit()]
    parts = {
        place: {name: data.get(f"grader-{place}-{name}", "") for name in PARTS} for place in places
    }
    formula, sample = data.get("graders-formula", ""), data.get("graders-sample")
    return changed(GraderInput(parts, formula, sample), data.get("change", ""))


def changed(typed: GraderInput, change: str) -> GraderInput:
    """Add a part or take one out, as the pressed button says."""
    parts = dict(typed.parts)
    if change == "add-grader" and len(parts) < MAX_GRADERS:
        parts[str(max(map(int, parts), default=0) + 1)] = {}
    elif change.startswith("remove-grader-"):
        parts.pop(change.removeprefix("remove-grader-"), None)
    return GraderInput(parts, typed.formula, typed.sample)


def of_shape(grader: Mapping[str, Any]) -> GraderInput:
    """Read a grader that a job was started with; what is no kind of ours is left out."""
    parts = grader.get("graders") if grader.get("type") == MULTI else {"": grader}
    known = [
        {"kind": part["type"], **part, "metric": part.get("evaluation_metric", ""), "name": name}
        for name, part in (parts or {}).items()
        if isinstance(part, dict) and part.get("type") in Kind.values
    ]
    numbered = {str(place): part for place, part in enumerate(known, 1)}
    return GraderInput(numbered, str(grader.get("calculate_output", "")))
