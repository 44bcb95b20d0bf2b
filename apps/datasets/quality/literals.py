"""Which of many literals a text holds, found in one pass over its bytes (pure)."""

from collections.abc import Iterable

import numpy as np

SHORT_BYTES = 4_096  # below this, searching for each is faster


class Literals:
    """A fixed set of literals of at least two bytes; those of two are looked for one by one."""

    def __init__(self, literals: Iterable[bytes]) -> None:
        self._literals = tuple(dict.fromkeys(literals))
        self._short = [literal for literal in self._literals if len(literal) == 2]
        self._pairs = np.zeros(65_536, bool)
        self._by_start: dict[int, list[bytes]] = {}
        for literal in (item for item in self._literals if len(item) > 2):
            self._pairs[literal[0] | literal[1] << 8] = True
            start = literal[0] | literal[1] << 8 | literal[2] << 16
            self._by_start.setdefault(start, []).append(literal)
        self._starts = np.array(sorted(self._by_start), np.uint32)

    def inside(self, data: bytes) -> set[bytes]:
        """Return those that occur in the text."""
        possible = self._literals if len(data) < SHORT_BYTES else self._possible(data)
        return {literal for literal in possible if literal in data}

    def _possible(self, data: bytes) -> Iterable[bytes]:
        """Look at two bytes of every place, then at three of the few that are left."""
        signs = np.frombuffer(data, np.uint8)
        pairs = signs[:-1] | signs[1:].astype(np.uint16) << 8
        places = np.flatnonzero(self._pairs[pairs[:-1]])
        starts = pairs[places] | signs[places + 2].astype(np.uint32) << 16
        there = self._starts[np.isin(self._starts, starts)]
        found = (literal for start in there.tolist() for literal in self._by_start[start])
        return [*self._short, *found]
