"""What an answer holds beside its text, put together from its pieces, and never too much (pure)."""

from collections.abc import Sequence
from typing import Any

from apps.providers.types import TokenLogprob

MOST_TOKENS = 4_000  # with their probabilities; a page shows no more
LONGEST_TOKEN = 100
MOST_ALTERNATIVES = 20
LEAST_LOGPROB = -9999.0  # what servers tell for "never"; JSON has no infinity


class Probabilities:
    """How sure the model was of each token, of the first so many."""

    def __init__(self) -> None:
        self._tokens: list[list[Any]] = []

    def add(self, tokens: Sequence[TokenLogprob]) -> None:
        """Take the next tokens."""
        for each in tokens[: max(0, MOST_TOKENS - len(self._tokens))]:
            top = [[_short(token), _rounded(number)] for token, number in each.top]
            self._tokens.append(
                [_short(each.token), _rounded(each.logprob), top[:MOST_ALTERNATIVES]]
            )

    @property
    def mean(self) -> float | None:
        """The mean log-probability of the tokens that are kept."""
        if not self._tokens:
            return None
        logprobs: list[float] = [logprob for _token, logprob, _top in self._tokens]
        return sum(logprobs) / len(logprobs)

    def as_json(self) -> list[list[Any]]:
        """Return them as the row keeps them: token, log-probability, alternatives."""
        return self._tokens


def _short(token: str) -> str:
    return token[:LONGEST_TOKEN]


def _rounded(logprob: float) -> float:
    return round(max(logprob, LEAST_LOGPROB), 4)
