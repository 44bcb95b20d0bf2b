"""Graders as a browser sends them from the form of a suite."""

from collections.abc import Mapping
from typing import Any


def typed(*graders: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the form for these graders; what is left out is off or empty."""
    sent: dict[str, Any] = {"grader": [str(place) for place in range(1, len(graders) + 1)]}
    for place, grader in enumerate(graders, 1):
        kind = grader["kind"]
        sent[f"grader-{place}-kind"] = kind
        sent[f"grader-{place}-name"] = grader.get("name", "")
        for name in set(grader) - {"kind", "name"}:
            sent[f"grader-{place}-{kind}-{name}"] = grader[name]
            sent[f"grader-{place}-{kind}-shown"] = "1"
    return sent
