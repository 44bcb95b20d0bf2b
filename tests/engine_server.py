"""The real engine and the real trainer as processes of their own, on the test database.

Fixtures for every test that needs them: `engine` (tables are emptied after each test) and, from
it, `engine.trainer()`; `trainer` is one for all tests of a module. Import nothing else from here.
"""

import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx2
import pytest
from django.db import connection
from openai import DefaultHttpxClient, OpenAI

from apps.accounts.models import Workspace
from apps.accounts.services import issue_token
from config.launcher.lifeline import die_with_parent
from tests.checkout import free_port
from tests.factories import make_workspace

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 90  # only a failure waits that long
MAX_UPLOAD_BYTES = 12 * 1024 * 1024
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # reading who is to be trusted takes 20 ms
FIXED = {"OPENBLAS_NUM_THREADS": "1", "MAX_UPLOAD_BYTES": str(MAX_UPLOAD_BYTES)}


@dataclass
class Engine:
    """An engine that listens; `url` is its /v1."""

    url: str
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def token(self, workspace: Workspace | None = None) -> str:
        """Return a new token of a workspace, of a new one if none is given."""
        return issue_token(workspace=workspace or make_workspace(), name="test")[1]

    def client(self, workspace: Workspace | None = None) -> OpenAI:
        """Return the stock SDK, signed in to a workspace."""
        web = DefaultHttpxClient(verify=NO_TLS)
        token = self.token(workspace)
        return OpenAI(base_url=self.url, api_key=token, max_retries=0, http_client=web)

    def trainer(self) -> "subprocess.Popen[bytes]":
        """Start a trainer; it is stopped after the test."""
        trainer = _start("manage.py", "trainer")
        self.running.append(trainer)
        return trainer

    def stop_trainers(self) -> None:
        """Stop every trainer in good order."""
        for trainer in self.running:
            trainer.send_signal(signal.SIGTERM)
        for trainer in self.running:
            trainer.wait(PATIENCE_SECONDS)
        self.running.clear()


@pytest.fixture(scope="session")
def _listening_engine(django_db_setup: None) -> Iterator[str]:
    port = free_port()
    uvicorn = ("-m", "uvicorn", "config.engine_asgi:application", "--log-level", "warning")
    process = _start(*uvicorn, "--port", str(port))
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(f"{address}/healthz"), "the engine to answer")
        yield f"{address}/v1"
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def trainer(_listening_engine: str) -> Iterator[None]:
    """Train whatever the tests of this module ask for, one after another."""
    trainer = _start("manage.py", "trainer")
    yield
    trainer.send_signal(signal.SIGTERM)
    trainer.wait(PATIENCE_SECONDS)


@pytest.fixture
def engine(transactional_db: None, _listening_engine: str) -> Iterator[Engine]:
    engine = Engine(_listening_engine)
    yield engine
    engine.stop_trainers()


def wait_until(is_so: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Look again and again until something is so; fail with what was awaited when it takes long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"Waited {seconds:g} s in vain for {what}")
        time.sleep(0.05)


def _start(*arguments: str) -> "subprocess.Popen[bytes]":
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings_engine", "DATABASE_URL": database_url()}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **FIXED, **settings},
        preexec_fn=die_with_parent(signal.SIGTERM),
    )


def database_url() -> str:
    """Return the address of the database that pytest-django made, in DATABASE_URL's spelling."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=1).status_code == 200
    except httpx2.HTTPError:
        return False
