"""`./run manage`: a command of manage.py, with this installation's servers and values.

Standard input, standard output and the exit code are the command's own.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from types import FrameType

from config.launcher.console import complain
from config.launcher.errors import CannotStart
from config.launcher.installation import Installation
from config.launcher.leftovers import stop_leftovers
from config.launcher.lock import Lock, Locked
from config.launcher.paths import ROOT
from config.launcher.server_processes import running_servers

MANAGE = (sys.executable, "manage.py")
CHECK_SECONDS = 0.2


def run(installation: Installation, arguments: Sequence[str]) -> int:
    """Run the command beside a running Retune, or with servers started for it alone."""
    lock = Lock(installation.lock_file)
    told = ""
    while True:
        try:
            return _run_alone(installation, lock, arguments)
        except Locked as locked:
            if locked.holder.doing == "running":
                return _run_command(installation, arguments)
            told = _tell_once(f"{locked} Waiting for it.", told)
            time.sleep(CHECK_SECONDS)


def _run_alone(installation: Installation, lock: Lock, arguments: Sequence[str]) -> int:
    installation.make_folder()
    with lock.held(doing="manage"), ExitStack() as in_the_end:
        stop_leftovers(installation.var)
        installation.prepare()
        in_the_end.callback(installation.tidy)
        log = installation.var / "servers.log"
        with running_servers(installation.servers, log=log):
            if arguments[:1] != ["migrate"]:
                _migrate(installation)
            return _run_command(installation, arguments)


def _migrate(installation: Installation) -> None:
    done = subprocess.run(
        [*MANAGE, "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=installation.environment(),
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
    )
    if done.returncode:
        raise CannotStart("the database could not be brought up to date: see above.")


def _run_command(installation: Installation, arguments: Sequence[str]) -> int:
    command = subprocess.Popen([*MANAGE, *arguments], cwd=ROOT, env=installation.environment())

    def pass_on(number: int, _frame: FrameType | None) -> None:
        command.send_signal(number)

    def leave_to_command(_number: int, _frame: FrameType | None) -> None:
        """Ctrl-C reaches the command by itself; it decides what that means."""

    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGINT, leave_to_command)
    code = command.wait()
    return 128 - code if code < 0 else code


def _tell_once(words: str, told: str) -> str:
    if words != told:
        complain(words)
    return words
