"""Things in the order they were made, found by id at once, however many there are."""

from collections.abc import Iterator
from typing import Any

Thing = dict[str, Any]


class Shelf(dict[str, Thing]):
    """A dict by id that also knows each thing's place, so that a cursor costs nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._order: list[str] = []
        self._place: dict[str, int] = {}

    def __setitem__(self, name: str, thing: Thing) -> None:
        if name not in self._place:
            self._place[name] = len(self._order)
            self._order.append(name)
        super().__setitem__(name, thing)

    def newest_first(self, after: str = "") -> Iterator[Thing]:
        """Yield the things made before `after`; all of them when it names nothing here."""
        start = self._place.get(after, len(self._order))
        for place in range(start - 1, -1, -1):
            if (thing := self.get(self._order[place])) is not None:
                yield thing

    def oldest_first(self, after: str = "") -> Iterator[Thing]:
        """Yield the things made after `after`; all of them when it names nothing here."""
        for place in range(self._place.get(after, -1) + 1, len(self._order)):
            if (thing := self.get(self._order[place])) is not None:
                yield thing
