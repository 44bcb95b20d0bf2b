"""Gives pieces of work to whoever has room, and hands the results on in the order of the pieces."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from multiprocessing.connection import wait
from typing import Any, Generic, Protocol, TypeVar

PIECES_AHEAD = 2  # per process: one in work, one waiting, so that no core idles
OPEN_PIECES = 64  # given away, with results that wait in memory for that of the oldest
MOST_CUT_AHEAD = 4_096  # two gigabytes of a file; the processes need a second until they begin
WAIT_SECONDS = 0.5  # how often somebody who waits for a slow piece is told so

OnWait = Callable[[], None]
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Work(Protocol[R_co]):
    """What can be sent to another process and done there."""

    def work(self) -> R_co: ...


class CheckerDied(Exception):
    """A checking process ended before its work was done (killed, or out of memory)."""


def in_order(pieces: Iterable[Work[R]], pipes: Sequence[Any], on_wait: OnWait) -> Iterator[R]:
    """Have the processes behind the pipes do all pieces; yield each result as its turn comes."""
    crew: dict[Any, _Process[R]] = {pipe: _Process(pipe) for pipe in pipes}
    waiting, results = _Prepared(pieces), dict[int, R]()
    given = wanted = 0
    while True:
        for process in crew.values():
            room = min(process.room, wanted + OPEN_PIECES - given)
            for piece in islice(waiting, max(0, room)):
                process.give(given, piece)
                given += 1
        if wanted == given:
            return
        while not wait(pipes, 0) and waiting.prepare():
            pass
        results.update(_taken(crew, on_wait))
        while wanted in results:
            yield results.pop(wanted)
            wanted += 1


def _taken(crew: "dict[Any, _Process[R]]", on_wait: OnWait) -> dict[int, R]:
    """Wait for results of anybody; return them by the number of their piece."""
    busy = [pipe for pipe, process in crew.items() if process.numbers]
    ready = wait(busy, WAIT_SECONDS)
    if not ready:
        on_wait()
    return dict(crew[pipe].take() for pipe in ready)


class _Prepared(Iterator[Work[R]]):
    """Pieces, some of them cut ahead while there was nothing else to do."""

    def __init__(self, pieces: Iterable[Work[R]]) -> None:
        self._pieces = iter(pieces)
        self._cut: deque[Work[R]] = deque()

    def __next__(self) -> Work[R]:
        return self._cut.popleft() if self._cut else next(self._pieces)

    def prepare(self) -> bool:
        """Cut one more; False when enough are, or all."""
        before = len(self._cut)
        if before < MOST_CUT_AHEAD:
            self._cut.extend(islice(self._pieces, 1))
        return len(self._cut) > before


class _Process(Generic[R]):
    """A process as it is seen from here: its pipe, and the numbers of the pieces that it has."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe
        self.numbers: deque[int] = deque()

    @property
    def room(self) -> int:
        return PIECES_AHEAD - len(self.numbers)

    def give(self, number: int, piece: Work[R]) -> None:
        try:
            self._pipe.send(piece)
        except ConnectionError as exc:
            raise CheckerDied from exc
        self.numbers.append(number)

    def take(self) -> tuple[int, R]:
        """Receive a result, with the number of its piece."""
        try:
            return self.numbers.popleft(), self._pipe.recv()
        except (EOFError, ConnectionError) as exc:
            raise CheckerDied from exc
