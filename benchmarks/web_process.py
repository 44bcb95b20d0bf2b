"""One web process as `./run` starts it, for benchmarks that ask it from outside."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1024 * 1024


@dataclass(frozen=True)
class WebProcess:
    """Where it listens, and what it has used."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        return sum(_clock(self.pid, 11, 13))

    def forget_peak(self) -> None:
        """Let the peak of its memory begin anew, at what it uses now."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def memory_mib(self, name: str = "VmRSS") -> float:
        """Return its memory: VmRSS now, VmHWM at its peak."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        [line] = [line for line in lines if line.startswith(name)]
        return int(line.split()[1]) * 1024 / MIB


@contextmanager
def running(application: str, ready_at: str = "/sign-in/") -> Iterator[WebProcess]:
    """Yield a process that serves this ASGI application; it ends with the block."""
    from config.launcher.lifeline import die_with_parent
    from config.launcher.ports import listen
    from config.launcher.programs import UVICORN

    with listen("127.0.0.1", 0, option="") as listener:
        fd, port = listener.fileno(), int(listener.getsockname()[1])
        command = [sys.executable, "-m", "uvicorn", application, "--fd", str(fd), *UVICORN]
        tie = die_with_parent(signal.SIGKILL)  # a benchmark that is killed leaves nobody behind
        process = subprocess.Popen(
            [*command, "--log-level", "warning"], cwd=ROOT, pass_fds=[fd], preexec_fn=tie
        )
    try:
        wait_for(f"http://127.0.0.1:{port}{ready_at}")
        yield WebProcess(port, process.pid)
    finally:
        process.kill()
        process.wait()


def database_seconds() -> float:
    """Return the CPU that all processes of our PostgreSQL have used so far."""
    from tests.services import services

    pid = int((services.postgres.data / "postmaster.pid").read_text().split()[0])
    ended = sum(_clock(pid, 11, 15))  # its own, and of its children that have ended
    return ended + sum(sum(_clock(child, 11, 13)) for child in _children(pid))


def _clock(pid: int, first: int, end: int) -> list[float]:
    return [int(ticks) / TICKS for ticks in _stat(pid)[first:end]]


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return ["0"] * 20


def _children(parent: int) -> list[int]:
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if int(_stat(pid)[1]) == parent]


def wait_for(url: str) -> None:
    for _ in range(200):
        with suppress(OSError):
            urllib.request.urlopen(url, timeout=1).close()
            return
        time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def prepare() -> None:
    """Use the settings of the real thing, on the throw-away servers that were just started."""
    import django
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["ALLOW_PRIVATE_HOSTS"] = "true"
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
