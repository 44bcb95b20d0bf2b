"""A PostgreSQL cluster that is already migrated, made once and copied for every run of the tests.

Migrating takes three seconds of processor time in every process of tests, copying a tenth of one.
The copy is migrated again, so a migration that is new to it is still applied.
"""

import fcntl
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import psycopg

from config.launcher.embedded import DATABASE, Postgres
from config.launcher.server_processes import running_servers

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "test-postgres"
TEMPLATE = "migrated"
MADE_OF = (
    "apps/*/migrations/*.py",
    "config/settings*.py",
    "config/launcher/embedded.py",
    "requirements.lock",
    "tests/migrated.py",
)


def copy_cluster(postgres: Postgres, environment: Mapping[str, str]) -> bool:
    """Put a migrated cluster where this one will run; False when migrating fails.

    Django then migrates by itself, and whoever runs the tests is told what is wrong.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other processes of this run want the same
        made = KEPT / _fingerprint()
        if not made.exists() and not _make(made, postgres, environment):
            return False
        shutil.copytree(made, postgres.data)
    return True


def _fingerprint() -> str:
    """Name what the tables are made by: an edited migration makes another cluster."""
    digest = sha256()
    for file in sorted(file for pattern in MADE_OF for file in ROOT.glob(pattern)):
        digest.update(f"{file.relative_to(ROOT)}\0{file.read_text()}\0".encode())
    return digest.hexdigest()[:16]


def _make(made: Path, postgres: Postgres, environment: Mapping[str, str]) -> bool:
    for old in KEPT.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
    with tempfile.TemporaryDirectory(prefix="retune-test-", dir="/tmp") as name:
        folder = Path(name)
        server = replace(postgres, data=folder / "postgres", sockets=folder)
        with running_servers([server], log=folder / "servers.log"):
            if not _migrate(server, environment):
                return False
        unfinished = made.with_suffix(".new")
        shutil.copytree(server.data, unfinished)
        unfinished.rename(made)
    return True


def _migrate(server: Postgres, environment: Mapping[str, str]) -> bool:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    url = server.url.replace(f"/{DATABASE}?", f"/{TEMPLATE}?")
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--skip-checks", "--verbosity", "0"],
        cwd=ROOT,
        env={**environment, "DATABASE_URL": url},
        capture_output=True,
    )
    return done.returncode == 0
