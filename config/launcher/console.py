"""What a person sees in the terminal: one line per message, with the name of who says it."""

import os
import sys
from contextlib import suppress

NAME_WIDTH = 8
COLOURS = {
    "retune": 1,
    "web": 32,
    "engine": 34,
    "worker": 33,
    "poller": 92,
    "beat": 93,
    "trainer": 35,
    "postgres": 36,
    "valkey": 96,
}


def say(name: str, message: str) -> None:
    """Print a line with its speaker in front; in colour only where a person reads it."""
    with suppress(OSError):  # the terminal is gone, the processes are not
        print(f"{_coloured(name)} | {message}", flush=True)


def announce(*lines: str) -> None:
    """Print lines that nobody should miss."""
    for line in ("", *lines, ""):
        say("retune", _bold(line))


def complain(message: str) -> None:
    """Print why something cannot be done."""
    print(f"Retune: {message}", file=sys.stderr, flush=True)


def _coloured(name: str) -> str:
    padded = f"{name:>{NAME_WIDTH}}"
    return _painted(padded, COLOURS.get(name, 0))


def _bold(text: str) -> str:
    return _painted(text, 1)


def _painted(text: str, style: int) -> str:
    if not text or not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{style}m{text}\x1b[0m"
