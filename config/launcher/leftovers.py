"""Processes that outlived a killed launcher.

The kernel ends them with their parent (see lifeline.py), but not at once; and what they have
started themselves may stay. All carry the same mark in their environment.
"""

import os
import signal
import time
from pathlib import Path

from config.launcher.console import complain

MARK = "RETUNE_STARTED_FROM"
PATIENCE_SECONDS = 5.0
PROC = Path("/proc")


def stop_leftovers(var: Path) -> None:
    """End every process that belongs to this installation, except this one."""
    if found := _find(var):
        complain("stopping what an earlier start left behind")
        _signal_all(found, signal.SIGTERM)
        _wait_until_gone(var)
        _signal_all(_find(var), signal.SIGKILL)


def _find(var: Path) -> list[int]:
    mark = f"{MARK}={var}".encode()
    numbers = (int(entry.name) for entry in PROC.glob("[0-9]*"))
    return [pid for pid in numbers if pid != os.getpid() and mark in _environment(pid)]


def _environment(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:  # gone, or somebody else's
        return []


def _signal_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            continue


def _wait_until_gone(var: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _find(var) and time.monotonic() < deadline:
        time.sleep(0.05)
