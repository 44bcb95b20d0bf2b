"""Ties a training process to its supervisor, and turns signals into a wish to stop."""

import ctypes
import os
import signal
import sys
from threading import Event

PR_SET_PDEATHSIG = 1


def follow(parent: int) -> Event:
    """Return what is set once this process should stop: told to, or its supervisor is gone."""
    wants_to_stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: wants_to_stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # gone before the line above
        wants_to_stop.set()
    return wants_to_stop
