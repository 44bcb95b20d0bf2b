"""A pytest plugin: a throw-away PostgreSQL and Valkey for every test run.

Loaded with `-p tests.services`, so it runs before pytest-django reads the settings.
"""

import base64
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

# Importing the launcher imports `config`, whose Celery app would choose the real settings.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")

from config.launcher.embedded import Postgres, Server, Valkey
from config.launcher.lifeline import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
FAST_POSTGRES = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
START_SECONDS = 30


class Services:
    """The servers of one test run, in a folder that is gone afterwards."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="retune-test-", dir="/tmp"))
        self.log = (self.folder / "servers.log").open("wb")
        self.postgres = Postgres(
            data=self.folder / "postgres",
            sockets=self.folder,
            options=FAST_POSTGRES,
            initdb_options=["--no-sync"],
        )
        no_disk = ["--appendonly", "no", "--save", ""]
        self.valkey = Valkey(self.folder / "valkey", self.folder, options=no_disk)
        self.running: list[tuple[Server, subprocess.Popen[bytes]]] = []

    def start(self) -> None:
        for server in (self.valkey, self.postgres):
            server.prepare()
            self.running.append((server, self._spawn(server)))
        for server, process in self.running:
            self._wait_for(server, process)

    def stop(self) -> None:
        for server, process in self.running:
            process.send_signal(server.stop_signal)
        for _, process in self.running:
            process.wait(timeout=10)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": "only-for-tests-" * 4,
            "ENCRYPTION_KEYS": base64.urlsafe_b64encode(b"only-for-tests".ljust(32)).decode(),
            "DATA_DIR": str(self.folder / "data"),
            "TIKTOKEN_CACHE_DIR": str(ROOT / "var" / "tiktoken"),
        }

    def _spawn(self, server: Server) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            server.command(),
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            preexec_fn=die_with_parent(server.stop_signal),
        )

    def _wait_for(self, server: Server, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not server.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                log = (self.folder / "servers.log").read_text(errors="replace")
                raise pytest.UsageError(f"{server.name} did not start:\n{log}")
            time.sleep(0.02)


services = Services()
services.start()
os.environ.update(services.environment())


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    services.stop()
