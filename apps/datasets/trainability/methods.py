"""Which method learns from which kind of rows (pure)."""

from apps.datasets.check.kinds import CHAT, PAIR, PREFERENCE, REINFORCEMENT
from apps.providers.types import Method

METHODS = {
    CHAT: Method.SUPERVISED,
    PAIR: Method.SUPERVISED,
    PREFERENCE: Method.DPO,
    REINFORCEMENT: Method.REINFORCEMENT,
}


def method_for(kind: str) -> Method:
    """Return the method that learns from rows of this kind."""
    return METHODS.get(kind, Method.SUPERVISED)
