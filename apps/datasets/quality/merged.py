"""Puts what was found in the stretches of a file together again (pure)."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from apps.datasets.columns import Columns
from apps.datasets.quality.clusters import Signatures
from apps.datasets.quality.look import MOST_LABELS, Looked, Place, Tally

MOST_LISTED = 1_000  # problems per code; all are counted
MOST_NEAR_ROWS = 3_000_000  # signatures beyond would fill the disk
WHOLE_FILE = -1


@dataclass(slots=True)
class Progress:
    """How far it is."""

    bytes: int = 0
    rows: int = 0


OnProgress = Callable[[Progress], None]


class Merged:
    """Everything found so far; stretches come in their order."""

    def __init__(
        self, there: Columns | None, signatures: Signatures, on_progress: OnProgress
    ) -> None:
        self.columns, self.signatures, self._tell = there, signatures, on_progress
        self.digests: list[npt.NDArray[np.uint64]] = []
        self.lengths: list[npt.NDArray[np.uint32]] = []
        self.progress = Progress()
        self.places: dict[str, list[Place]] = {}
        self.tallies: dict[str, Tally] = {}
        self.labels: Counter[str] = Counter()
        self.systems: Counter[int] = Counter()
        self.system_texts: dict[int, str] = {}
        self.without_system = self.chats = 0
        self.languages: Counter[str] = Counter()
        self.language_pairs = self.languages_looked_at = 0

    def add(self, looked: Looked) -> None:
        first = self.progress.rows
        for place in looked.places:
            listed = self.places.setdefault(place.code, [])
            if len(listed) < MOST_LISTED:
                listed.append(Place(place.row + first, place.code, place.path, place.params))
        for code, tally in looked.tallies.items():
            self.tallies.setdefault(code, Tally()).add(tally)
        if self.columns is None:
            self.digests.append(looked.digests)
        self.lengths.append(looked.answer_length)
        if self.signatures.rows < MOST_NEAR_ROWS:
            self.signatures.add(looked.signs)
        self._count(looked)
        self.progress.rows += looked.rows
        self.progress.bytes += looked.bytes
        self.tick()

    def tick(self) -> None:
        """Give a sign of life: whoever is silent for long loses the work to another."""
        self._tell(self.progress)

    def _count(self, looked: Looked) -> None:
        _add(self.labels, looked.labels)
        _add(self.systems, looked.systems)
        if len(self.system_texts) < MOST_LABELS:
            self.system_texts = {**looked.system_texts, **self.system_texts}
        self.without_system += looked.without_system
        self.chats += looked.chats
        self.languages.update(looked.languages)
        self.language_pairs += looked.language_pairs
        self.languages_looked_at += looked.languages_looked_at

    def whole(self, code: str, *, sure: str, **params: Any) -> None:
        """Say something of the file as a whole."""
        self.places.setdefault(code, []).append(Place(WHOLE_FILE, code, "", params))
        self.tallies.setdefault(code, Tally()).add(Tally(1, 0, Counter({sure: 1})))

    def rows(self, code: str, pairs: Iterable[tuple[Any, dict[str, Any]]], *, sure: str) -> None:
        """Say something of rows, all of which are counted."""
        tally = self.tallies.setdefault(code, Tally())
        for row, params in pairs:
            if tally.places < MOST_LISTED:
                place = Place(int(row), code, "", {**params, "sure": sure})
                self.places.setdefault(code, []).append(place)
            tally.places += 1
        tally.rows = tally.places
        tally.sure[sure] = tally.places
        if not tally.places:
            del self.tallies[code]

    def all_digests(self) -> list[npt.NDArray[np.uint64]]:
        """Return the digests of all rows: exact, loose, of the question."""
        if there := self.columns:
            rows = self.progress.rows
            return [column[:rows] for column in (there.digest, there.loose, there.question)]
        return list(np.concatenate([np.zeros((0, 3), np.uint64), *self.digests]).T)

    def all_lengths(self) -> npt.NDArray[np.uint32]:
        """Return how long the answer of each row is."""
        return np.concatenate([np.zeros(0, np.uint32), *self.lengths])


def _add(whole: Counter[Any], part: Counter[Any]) -> None:
    """Add counts; keep a bounded number of different ones."""
    for key, count in part.items():
        if key in whole or len(whole) < 20 * MOST_LABELS:
            whole[key] += count
