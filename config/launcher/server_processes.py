"""Embedded servers for the length of one command or one test run."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from config.launcher.embedded import Server
from config.launcher.errors import CannotStart
from config.launcher.lifeline import die_with_parent

START_SECONDS = 60.0
STOP_SECONDS = 30.0
CHECK_SECONDS = 0.02


@contextmanager
def running_servers(servers: Sequence[Server], *, log: Path) -> Iterator[None]:
    """Start the servers side by side, wait for all of them, and stop them in the end."""
    with ExitStack() as stack:
        output = stack.enter_context(log.open("wb"))
        started = [(server, stack.enter_context(_running(server, output))) for server in servers]
        for server, process in started:
            _wait_until_ready(server, process, log)
        yield


@contextmanager
def _running(server: Server, output: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    server.prepare()
    process = subprocess.Popen(
        server.command(),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=die_with_parent(server.stop_signal),
    )
    try:
        yield process
    finally:
        _stop(server, process)


def _stop(server: Server, process: subprocess.Popen[bytes]) -> None:
    process.send_signal(server.stop_signal)
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            words = log.read_text(errors="replace")
            raise CannotStart(f"{server.name} did not start:\n{words}")
        time.sleep(CHECK_SECONDS)
