"""The tool calls of one answer, put together from their pieces, and never too many (pure)."""

from collections.abc import Iterable

from apps.providers.types import ToolCallPiece

MOST_CALLS = 50
LONGEST_ARGUMENTS = 200_000  # characters, of all calls together
LONGEST_NAME = 200


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

    def told(self) -> list[tuple[str, str]]:
        """Return names and arguments."""
        return [(call["name"], call["arguments"]) for call in self.as_json()]

    def as_json(self) -> list[dict[str, str]]:
        """Return them as the row keeps them."""
        return [
            {**call, "arguments": "".join(self._arguments[index])}
            for index, call in sorted(self._calls.items())
        ]
