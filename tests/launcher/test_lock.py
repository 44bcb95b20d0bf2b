import os
import subprocess
import sys

import pytest

from config.launcher.lock import Lock, Locked

HOLD_AND_DIE = """
import os, signal, sys
from pathlib import Path
from config.launcher.lock import Lock
with Lock(Path(sys.argv[1])).held(doing="running"):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_second_one_is_told_where_retune_runs(tmp_path):
    file = tmp_path / "run.lock"
    with Lock(file).held(doing="starting"):
        Lock(file).say("running", address="http://127.0.0.1:8000")
        with pytest.raises(Locked) as refused, Lock(file).held(doing="starting"):
            pass
    assert str(refused.value).startswith(
        f"Retune already runs here at http://127.0.0.1:8000 (process {os.getpid()})."
    )


def test_a_command_that_uses_the_servers_is_called_a_command(tmp_path):
    file = tmp_path / "run.lock"
    with (
        Lock(file).held(doing="manage"),
        pytest.raises(Locked, match=r"A “.*” command is using Retune's servers"),
        Lock(file).held(doing="starting"),
    ):
        pass


def test_a_killed_holder_leaves_nothing_locked(tmp_path):
    file = tmp_path / "run.lock"
    killed = subprocess.run([sys.executable, "-c", HOLD_AND_DIE, str(file)])
    assert killed.returncode == -9
    with Lock(file).held(doing="starting"):
        assert Lock(file).holder().pid == os.getpid()
