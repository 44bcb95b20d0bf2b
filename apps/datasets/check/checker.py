"""A process that works through what comes over its pipe: the other end of `processes.py`.

The first one loads the token ranks and then forks, so that all of them share one copy. Loading
takes a second, in which the rest of the program is read beside it.
"""

import gc
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any

from apps.datasets.check.ranks import load

CHECK = "apps.datasets.check.pieces"
MANY_OBJECTS = 10_000  # half a megabyte of rows; nearly nothing of it goes round in circles


def main(encodings: str, *descriptors: str) -> None:
    """Load once, become as many processes as there are pipes, and work until they close."""
    _load([name for name in encodings.split(",") if name])
    first, *others = map(int, descriptors)
    forked = []
    for position, descriptor in enumerate(others):
        if (child := os.fork()) == 0:
            _close([first, *others[position + 1 :]])
            serve(Connection(descriptor))
            os._exit(0)  # taking the tables apart would take longer than a small file does
        os.close(descriptor)
        forked.append(child)
    serve(Connection(first))
    for child in forked:
        os.waitpid(child, 0)
    os._exit(0)


def _load(encodings: list[str]) -> None:
    """Read what all processes share: ranks, which leave the interpreter free, and the program."""
    loading = Thread(target=load, args=(encodings,))
    loading.start()
    import_module(CHECK)
    loading.join()  # a fork copies only the thread that calls it
    gc.freeze()
    gc.set_threshold(MANY_OBJECTS)


def _close(descriptors: Iterable[int]) -> None:
    """Let go of the pipes of the others, or nobody would notice their death."""
    for descriptor in descriptors:
        os.close(descriptor)


def serve(pipe: Any) -> None:
    """Work until the other end is gone."""
    while True:
        try:
            pipe.send(pipe.recv().work())
        except (EOFError, ConnectionError):
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
