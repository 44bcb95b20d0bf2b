"""What an answer holds beside its text, put together from its pieces, and never too much (pure)."""

from collections.abc import Iterable, Sequence
from typing import Any

from apps.providers.types import TokenLogprob, ToolCallPiece

MOST_TOKENS = 4_000  # with their probabilities; a page shows no more
MOST_CALLS = 50
LONGEST_ARGUMENTS = 200_000  # characters, of all calls together
LONGEST_NAME = 200
LONGEST_TOKEN = 100
MOST_ALTERNATIVES = 20
LEAST_LOGPROB = -9999.0  # what servers tell for "never"; JSON has no infinity


class Calls:
    """The tool calls of one answer: the pieces of an index belong together."""

    def __init__(self) -> None:
        self._calls: dict[int, dict[str, str]] = {}
        self._arguments: dict[int, list[str]] = {}
        self._length = 0

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, pieces: Iterable[ToolCallPiece]) -> None:
        """Take pieces in the order in which they come; what is too much is left out."""
        for piece in pieces:
            if piece.index not in self._calls:
                if len(self._calls) >= MOST_CALLS:
                    continue
                self._calls[piece.index] = {"id": "", "name": ""}
                self._arguments[piece.index] = []
            call = self._calls[piece.index]
            call["id"] = (call["id"] or piece.id)[:LONGEST_NAME]
            call["name"] = (call["name"] or piece.name)[:LONGEST_NAME]
            self._append(piece.index, piece.arguments)

    def _append(self, index: int, arguments: str) -> None:
        kept = arguments[: max(0, LONGEST_ARGUMENTS - self._length)]
        self._length += len(kept)
        self._arguments[index].append(kept)

    def as_json(self) -> list[dict[str, str]]:
        """Return them as the row keeps them."""
        return [
            {**call, "arguments": "".join(self._arguments[index])}
            for index, call in sorted(self._calls.items())
        ]


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
