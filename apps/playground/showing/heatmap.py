"""How sure a model was of each token, sorted into a few steps for colours and lines (pure)."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

# The least probability of each step, the surest first.
STEPS = (("sure", 0.9), ("likely", 0.6), ("open", 0.3), ("unlikely", 0.1), ("surprising", 0.0))
STEP_WORDS = {
    "sure": _("90 % and more"),
    "likely": _("60 to 90 %"),
    "open": _("30 to 60 %"),
    "unlikely": _("10 to 30 %"),
    "surprising": _("less than 10 %"),
}
LEAST_SHOWN, MOST_SHOWN, ALL = 0.1, 99.9, 100  # percent


@dataclass(frozen=True, slots=True)
class HeatToken:
    """One token as it is shown. `alternatives` are JSON: [[token, percent], …]."""

    text: str
    step: str
    percent: str
    alternatives: str


def tokens_of(logprobs: Sequence[Sequence[Any]]) -> list[HeatToken]:
    """Return the tokens as they are kept in a reply."""
    return [_token(text, logprob, top) for text, logprob, top in logprobs]


def step_of(probability: float) -> str:
    """Name the step of a probability."""
    return next(name for name, least in STEPS if probability >= least)


def percent(probability: float) -> str:
    """Write a probability: 99.9 is not yet 100, and what is not nothing is not 0."""
    share = probability * ALL
    if 0 < share < LEAST_SHOWN:
        return f"< {LEAST_SHOWN}"
    if MOST_SHOWN < share < ALL:
        return f"> {MOST_SHOWN}"
    return f"{share:.1f}".removesuffix(".0")


def _token(text: str, logprob: float, top: Sequence[Sequence[Any]]) -> HeatToken:
    probability = _probability(logprob)
    others = [[name, percent(_probability(each))] for name, each in top if name != text]
    told = json.dumps(others, ensure_ascii=False)
    return HeatToken(text, step_of(probability), percent(probability), told)


def _probability(logprob: float) -> float:
    """Return it; servers that miscount tell logarithms above 0."""
    return math.exp(min(0.0, logprob))
