"""`./run`, as a person meets it. The tests share one start and follow one another."""

import os
import re
import signal
import socket
import stat
import time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.checkout import Copy

pytestmark = pytest.mark.whole
PROCESSES = ("config.asgi:application", "config.engine_asgi", "bin/postgres", "valkey-server")
SHELL = ("shell", "--verbosity", "0", "--command")
COUNT_AND_READ = """
import sys
from apps.accounts.models import User
print(User.objects.count(), sys.stdin.read())
"""
USE_BOTH_SERVERS = """
from django.core.cache import cache
from apps.accounts.models import User
cache.set("killed", True)
print(cache.get("killed"), User.objects.count())
"""


def get(url: str) -> int:
    """Return the status; 0 when the process was killed in the middle of its answer."""
    try:
        with urlopen(url, timeout=30) as response:
            return response.status
    except HTTPError as error:
        return error.code
    except (OSError, HTTPException):
        return 0


def until(condition, *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_web_and_engine_answer_and_the_address_is_printed(retune: Copy):
    assert get(f"{retune.address}/healthz") == 200
    assert get(f"http://127.0.0.1:{retune.engine_port}/healthz") == 200
    assert re.search(
        rf"Retune is ready: {retune.address}   \((cold|warm) start: [\d.]+ s\)", retune.output()
    )


def test_the_first_start_prints_a_link_to_set_up_the_owner(retune: Copy):
    until(lambda: re.search(rf"\| {retune.address}/\S+", retune.output()))


def test_generated_secrets_are_for_the_owner_alone(retune: Copy):
    secrets = retune.folder / "var" / "secrets.env"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert secrets.read_text().splitlines()[0].startswith("SECRET_KEY=")


def test_a_second_start_says_where_retune_already_runs(retune: Copy):
    second = retune.run()
    assert second.returncode == 1
    assert f"Retune already runs here at {retune.address}" in second.stderr


def test_a_command_uses_the_running_servers_and_prints_nothing_of_its_own(retune: Copy):
    done = retune.run("manage", *SHELL, COUNT_AND_READ, input="from outside")
    assert (done.returncode, done.stdout) == (0, "0 from outside\n"), done.stderr


def test_a_commands_exit_code_is_the_answer(retune: Copy):
    done = retune.run("manage", *SHELL, "raise SystemExit(7)")
    assert done.returncode == 7


def test_killed_processes_come_back_and_the_page_still_works(retune: Copy):
    killed = [retune.process(words) for words in PROCESSES]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    until(lambda: get(f"{retune.address}/healthz") == 200)
    until(lambda: get(f"http://127.0.0.1:{retune.engine_port}/healthz") == 200)
    until(lambda: not set(killed) & set(retune.processes()))
    until(lambda: all(retune.has_process(words) for words in PROCESSES))
    done = retune.run("manage", *SHELL, USE_BOTH_SERVERS)
    assert done.stdout == "True 0\n", done.stderr


def test_ctrl_c_stops_everything(retune: Copy):
    retune.started.send_signal(signal.SIGINT)
    assert retune.started.wait(timeout=120) == 0
    assert retune.processes() == {}
    assert not list(retune.folder.glob("var/postgres/postmaster.pid"))
    assert not retune.sockets.exists()


def test_a_taken_port_is_refused_before_anything_starts(copy: Copy):
    with socket.create_server(("127.0.0.1", copy.port)):
        started = copy.run("--port", str(copy.port))
    assert started.returncode == 1
    assert f"Port {copy.port} on 127.0.0.1 is taken by another program." in started.stderr
    assert "./run --port" in started.stderr
    assert copy.processes() == {}


def test_a_killed_launcher_takes_everything_with_it_and_the_next_command_works(copy: Copy):
    launcher = copy.up()
    copy.wait_for("Retune is ready", launcher)
    launcher.kill()
    launcher.wait()
    done = copy.run("manage", *SHELL, USE_BOTH_SERVERS)
    assert done.stdout == "True 0\n", done.stderr
    assert copy.processes() == {}
