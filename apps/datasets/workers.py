"""Checks the pieces of a large file in processes of their own, one per core.

Not `multiprocessing`: a Celery worker is a daemonic process and may not have children of that kind,
and a killed parent would leave them behind. These talk over a pipe; when it closes, they end.
"""

import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from apps.datasets.batches import Checked, Piece, check_piece

ROOT = Path(__file__).resolve().parents[2]
PIECES_AHEAD = 2  # per process: one in work, one waiting, so that no core idles


class CheckerDied(Exception):
    """A checking process ended before its work was done (killed, or out of memory)."""


def check_pieces(pieces: Iterable[Piece], *, processes: int) -> Iterator[Checked]:
    """Check pieces in parallel; results come in the order of the pieces. 0: in this process."""
    if not processes:
        yield from map(check_piece, pieces)
        return
    with ExitStack() as stack:
        pipes = [stack.enter_context(_checker()) for _ in range(processes)]
        yield from _in_order(pieces, pipes)


def _in_order(pieces: Iterable[Piece], pipes: list[Any]) -> Iterator[Checked]:
    """Hand out pieces round robin: pieces are of one size, so nobody waits long."""
    waiting: deque[Any] = deque()
    for number, piece in enumerate(pieces):
        if len(waiting) == PIECES_AHEAD * len(pipes):
            yield _received(waiting.popleft())
        pipe = pipes[number % len(pipes)]
        pipe.send(piece)
        waiting.append(pipe)
    while waiting:
        yield _received(waiting.popleft())


def _received(pipe: Any) -> Checked:
    try:
        result: Checked = pipe.recv()
    except EOFError as exc:
        raise CheckerDied from exc
    return result


@contextmanager
def _checker() -> Iterator[Any]:
    here, there = Pipe()
    command = [sys.executable, "-m", "apps.datasets.workers", str(there.fileno())]
    process = subprocess.Popen(command, pass_fds=[there.fileno()], cwd=ROOT)  # noqa: S603
    there.close()
    try:
        yield here
    finally:
        here.close()
        process.kill()
        process.wait()


def serve(pipe: Any) -> None:
    """Check pieces until the other end is gone."""
    while True:
        try:
            pipe.send(check_piece(pipe.recv()))
        except (EOFError, ConnectionError):
            return


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
