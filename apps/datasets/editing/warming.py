"""Loads the token counter beside the requests: whoever edits first would wait seconds for it."""

from threading import Event, Lock, Thread

from apps.datasets.check.tokens import DEFAULT_ENCODING, open_counter

_begun, _over, _worked = Lock(), Event(), Event()


def begin() -> None:
    """Load the counter in the background, once per process."""
    if _begun.acquire(blocking=False):  # never released: once is enough
        # No daemon: a process that ends meanwhile waits a second, instead of dying in foreign code.
        Thread(target=_load, name="token counter").start()


def can_count() -> bool:
    """True when counting costs no waiting."""
    begin()
    return _worked.is_set()


def is_loading() -> bool:
    """True while it is worth asking again."""
    return not _over.is_set()


def wait(seconds: float) -> bool:
    """Wait until the counter can be used; False when it cannot."""
    begin()
    _over.wait(seconds)
    return _worked.is_set()


def _load() -> None:
    try:
        open_counter(DEFAULT_ENCODING, fast=True)(["warm"])
        _worked.set()
    finally:
        _over.set()
