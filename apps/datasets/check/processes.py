"""Checks the pieces of a large file in processes of their own, one per core.

Not `multiprocessing`: a Celery worker is a daemonic process and may not have children of that kind,
and a killed parent would leave them behind. These talk over pipes; when a pipe closes, its process
ends. What they do themselves is in `checker.py`.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

from apps.datasets.check.crew import CheckerDied, OnWait, R, Work, in_order
from apps.datasets.check.gathered import Checked
from apps.datasets.check.pieces import PIECE_BYTES, Piece

__all__ = ["CheckerDied", "check_pieces", "process_count_for", "work_through"]

ROOT = Path(__file__).resolve().parents[3]
SMALL_BYTES = 16 * PIECE_BYTES  # below this, starting processes costs more than it saves
MOST_PROCESSES = 4
# Each of them counts on one core; a second thread would only wait for it, and be busy waiting.
ONE_CORE = {
    "FASTOKENS_BPE_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def process_count_for(size_bytes: int) -> int:
    """How many processes a file of this size is worth; 0 means none but this one."""
    cores = len(os.sched_getaffinity(0))
    return 0 if size_bytes < SMALL_BYTES or cores == 1 else min(cores, MOST_PROCESSES)


def check_pieces(
    pieces: Iterable[Piece],
    *,
    encodings: Iterable[str],
    count: int,
    on_wait: OnWait = lambda: None,
) -> Generator[Checked, None, None]:
    """Check pieces in parallel; results come in the order of the pieces. 0: in this process."""
    return work_through(pieces, encodings=encodings, count=count, on_wait=on_wait)


def work_through(
    pieces: Iterable[Work[R]],
    *,
    encodings: Iterable[str] = (),
    count: int,
    on_wait: OnWait = lambda: None,
) -> Generator[R, None, None]:
    """Do independent pieces of work in parallel; results come in their order.

    What `on_wait` raises while a piece takes its time, and closing the iterator, ends the processes
    in the middle of their work.
    """
    if not count:
        yield from (piece.work() for piece in pieces)
        return
    with _checkers(count, encodings) as pipes:
        yield from in_order(pieces, pipes, on_wait)


@contextmanager
def _checkers(count: int, encodings: Iterable[str]) -> Iterator[list[Any]]:
    """Start the processes; they are gone when the block ends, at once if it ends early."""
    pairs = [Pipe() for _ in range(count)]
    theirs = [there.fileno() for _, there in pairs]
    command = [sys.executable, "-m", "apps.datasets.check.checker", ",".join(encodings)]
    leader = subprocess.Popen(  # noqa: S603
        [*command, *map(str, theirs)],
        pass_fds=theirs,
        cwd=ROOT,
        env={**os.environ, **ONE_CORE},
        start_new_session=True,
    )
    for _, there in pairs:
        there.close()
    try:
        yield [here for here, _ in pairs]
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(leader.pid, signal.SIGKILL)  # nobody waits for what they are working on
        raise
    finally:
        for here, _ in pairs:
            here.close()
        leader.wait()
