"""A copy of this checkout that `./run` can be tried in, without touching anybody's data."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from config.launcher.installation import Installation

ROOT = Path(__file__).resolve().parent.parent
BORROWED = (".venv", "node_modules")
NOT_COPIED = shutil.ignore_patterns(*BORROWED, ".git", ".env", "var", ".*_cache", "__pycache__")
START_SECONDS = 180  # only a failure waits that long


class Copy:
    """A checkout in a path with spaces, and the commands that a person would type there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.engine_port = free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / "output.log"

    def run(self, *arguments: str, **more) -> subprocess.CompletedProcess[str]:
        """Type a command and wait for its end."""
        command = [sys.executable, "run", *arguments]
        return subprocess.run(command, **self._shell(), capture_output=True, text=True, **more)

    def up(self) -> subprocess.Popen[bytes]:
        """Type `./run` in a terminal of its own."""
        ports = ["--port", str(self.port), "--engine-port", str(self.engine_port)]
        with self.log.open("wb") as log:
            self.started = subprocess.Popen(
                [sys.executable, "run", *ports],
                **self._shell(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.started

    @property
    def sockets(self) -> Path:
        """Return where the embedded servers listen: outside, because of the spaces in the path."""
        return Installation(var=self.folder / "var", values={}).sockets

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, words: str, process: subprocess.Popen[bytes]) -> None:
        """Wait until the words are printed; fail with everything that was."""
        deadline = time.monotonic() + START_SECONDS
        while words not in self.output():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"“{words}” was not printed:\n{self.output()[-4000:]}")
            time.sleep(0.05)

    def processes(self) -> dict[int, str]:
        """Return every process that was started from this copy, with its command line."""
        mark = f"RETUNE_STARTED_FROM={self.folder / 'var'}"
        return {
            int(entry.name): " ".join(words_of(entry, "cmdline"))
            for entry in Path("/proc").glob("[0-9]*")
            if mark in words_of(entry, "environ")
        }

    def process(self, words: str) -> int:
        """Return the first process whose command line has the words in it."""
        return min(pid for pid, command in self.processes().items() if words in command)

    def has_process(self, words: str) -> bool:
        return any(words in command for command in self.processes().values())

    def _shell(self) -> dict[str, object]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {"cwd": self.folder, "env": kept}


def processes_with(mark: str) -> list[int]:
    """Return what runs with this, NAME=value, in the environment that it was started with."""
    found = Path("/proc").glob("[0-9]*")
    return [int(entry.name) for entry in found if mark in words_of(entry, "environ")]


def words_of(process: Path, file: str) -> list[str]:
    """Return what the kernel says of a process; nothing when it has just ended."""
    try:
        return (process / file).read_text(errors="replace").split("\0")
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """Answer whether the process runs; one that only waits to be collected does not."""
    stat = "".join(words_of(Path("/proc", str(pid)), "stat"))
    return bool(stat) and stat.rpartition(")")[2].split()[0] != "Z"


def free_port() -> int:
    """Find one that the kernel gives to nobody by itself: it stays free until it is used."""
    for port in random.sample(range(20_000, 32_000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    pytest.fail("every port is taken")


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Copy:
    folder = tmp_path_factory.mktemp("copy") / "a path with spaces"
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    # File by file: what npm takes away from the copy stays in the checkout.
    shutil.copytree(
        ROOT / "node_modules", folder / "node_modules", copy_function=_link, symlinks=True
    )
    return Copy(folder)


def _link(source: str, target: str) -> None:
    """Give a file a second name, or copy it where the two folders lie on different disks."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def retune(copy: Copy) -> Iterator[Copy]:
    """A Retune that runs."""
    process = copy.up()
    try:
        copy.wait_for("Retune is ready", process)
        yield copy
    finally:
        process.send_signal(signal.SIGINT)  # does nothing once it has ended
        process.wait(timeout=120)
