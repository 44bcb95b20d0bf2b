"""Which of many literals a text holds, found in one pass over its bytes (pure)."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

SHORT_BYTES = 4_096  # below this, searching for each is faster
BEGINNING = 4  # bytes of a literal that are compared at once
MOST_PLACES = 500  # beyond this, searching for the literal is faster than looking at each place

Bytes = npt.NDArray[np.uint8]


class Literals:
    """A fixed set of literals of two bytes or more."""

    def __init__(self, literals: Iterable[bytes]) -> None:
        self._literals = tuple(dict.fromkeys(literals))
        self._short = [literal for literal in self._literals if len(literal) < BEGINNING]
        self._pairs = np.zeros(65_536, bool)
        self._by_start: dict[int, list[bytes]] = {}
        for literal in self._literals:
            self._pairs[literal[0] | literal[1] << 8] = True
            if len(literal) >= BEGINNING:
                start = int.from_bytes(literal[:BEGINNING], "little")
                self._by_start.setdefault(start, []).append(literal)
        self._starts = np.array(sorted(self._by_start), np.uint32)

    def inside(self, data: bytes) -> set[bytes]:
        """Return those that occur in the text."""
        if len(data) < SHORT_BYTES:
            return {literal for literal in self._literals if literal in data}
        return self._found(data)

    def _found(self, data: bytes) -> set[bytes]:
        """Look at two bytes of every place, then at four of the few that are left."""
        signs = np.frombuffer(data, np.uint8)
        pairs = signs[:-1] | signs[1:].astype(np.uint16) << 8
        places = np.flatnonzero(self._pairs[pairs])
        begun = set(np.unique(pairs[places]).tolist())
        found = {item for item in self._short if self._is_there(item, begun, data)}
        places = places[places < len(data) - BEGINNING]
        starts = pairs[places] | pairs[places + 2].astype(np.uint32) << 16
        hits = np.isin(starts, self._starts)
        return found | self._of_beginnings(data, starts[hits], places[hits])

    @staticmethod
    def _is_there(literal: bytes, begun: set[int], data: bytes) -> bool:
        return literal[0] | literal[1] << 8 in begun and literal in data

    def _of_beginnings(
        self, data: bytes, starts: npt.NDArray[Any], places: npt.NDArray[Any]
    ) -> set[bytes]:
        found = set()
        for start in np.unique(starts).tolist():
            mine = places[starts == start]
            for literal in self._by_start[start]:
                if len(mine) > MOST_PLACES:
                    is_there = literal in data
                else:
                    is_there = any(data.startswith(literal, place) for place in mine.tolist())
                if is_there:
                    found.add(literal)
        # The very last bytes were not looked at.
        end = data[-BEGINNING - max(map(len, self._literals)) :]
        return found | {literal for literal in self._literals if literal in end}
