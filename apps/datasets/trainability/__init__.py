"""Where a version can be trained, and why not elsewhere."""

from apps.datasets.trainability.methods import method_for
from apps.datasets.trainability.verdicts import (
    Facts,
    Trainability,
    Verdict,
    becomes_chat,
    judge,
    judged,
    of_connections,
    rules_of,
)

__all__ = [
    "Facts",
    "Trainability",
    "Verdict",
    "becomes_chat",
    "judge",
    "judged",
    "method_for",
    "of_connections",
    "rules_of",
]
