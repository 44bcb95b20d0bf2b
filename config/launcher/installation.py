"""One installation of Retune on this machine: its folders, its values, its servers."""

import base64
import os
import re
import secrets
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.launcher.embedded import Postgres, Server, Valkey
from config.launcher.env_file import read_env_file, write_private_env_file
from config.launcher.errors import CannotStart
from config.launcher.paths import ROOT

LONGEST_SOCKET_FOLDER = 80  # the kernel allows 107 bytes with the socket's own name
PLAIN_PATH = re.compile(r"[\w./-]+", re.ASCII)


@dataclass(frozen=True)
class Installation:
    """What `./run` starts, wherever its values came from."""

    var: Path
    values: Mapping[str, str]

    @classmethod
    def load(cls, **chosen: str | None) -> "Installation":
        """Gather the values: the command line wins over the environment, and that over `.env`."""
        given = [*os.environ.items(), *chosen.items()]
        values = read_env_file(ROOT / ".env") | {name: value for name, value in given if value}
        return cls(var=ROOT / "var", values=values)

    @property
    def host(self) -> str:
        return self.values.get("HOST", "127.0.0.1")

    @property
    def port(self) -> int:
        return self._number("PORT", 8000, largest=65535)

    @property
    def engine_port(self) -> int:
        return self._number("ENGINE_PORT", 8001, largest=65535)

    @property
    def worker_concurrency(self) -> int:
        return self._number("WORKER_CONCURRENCY", 2, largest=512)

    @property
    def public_url(self) -> str:
        """The address that people open."""
        everywhere = self.host in {"0.0.0.0", "::"}  # noqa: S104  an address to listen on
        host = "127.0.0.1" if everywhere else self.host
        return self.values.get("PUBLIC_URL", f"http://{_in_url(host)}:{self.port}")

    @property
    def sockets(self) -> Path:
        """The folder of the servers' sockets: in `var`, unless that path is too long or odd."""
        inside = self.var / "sockets"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER and PLAIN_PATH.fullmatch(str(inside)):
            return inside
        return Path(f"/tmp/retune-{zlib.crc32(os.fsencode(self.var)):08x}")  # noqa: S108  checked

    @property
    def servers(self) -> list[Server]:
        """The embedded servers that this installation needs: those without an address."""
        embedded: dict[str, Server] = {
            "DATABASE_URL": Postgres(data=self.var / "postgres", sockets=self.sockets),
            "REDIS_URL": Valkey(data=self.var / "valkey", sockets=self.sockets),
        }
        return [server for name, server in embedded.items() if name not in self.values]

    @property
    def lock_file(self) -> Path:
        return self.var / "run.lock"

    @property
    def encodings(self) -> Path:
        """The folder of tiktoken's rank files."""
        return ROOT / self.environment()["TIKTOKEN_CACHE_DIR"]

    def make_folder(self) -> None:
        """Make the folder of everything that this installation keeps."""
        self.var.mkdir(mode=0o700, parents=True, exist_ok=True)

    def prepare(self) -> None:
        """Close the folders to others, and make the secrets that nobody gave us."""
        for folder in (self.var, self.sockets):
            _make_private(folder)
        self._generate_missing_secrets()

    def tidy(self) -> None:
        """Remove the folder of sockets, which the servers leave empty when they end."""
        with suppress(OSError):
            self.sockets.rmdir()

    def environment(self) -> dict[str, str]:
        """Return everything that Retune's processes are started with."""
        computed = {
            "DATABASE_URL": Postgres(data=self.var, sockets=self.sockets).url,
            "REDIS_URL": Valkey(data=self.var, sockets=self.sockets).url,
            "PUBLIC_URL": self.public_url,
            "ENGINE_URL": f"http://127.0.0.1:{self.engine_port}/v1",
            "DATA_DIR": str(self.var / "data"),
            "TIKTOKEN_CACHE_DIR": str(self.var / "tiktoken"),
            "PYTHONUNBUFFERED": "1",
        }
        return computed | read_env_file(self._secrets_file) | dict(self.values)

    @property
    def _secrets_file(self) -> Path:
        return self.var / "secrets.env"

    def _generate_missing_secrets(self) -> None:
        known = {**read_env_file(self._secrets_file), **self.values}
        made = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        missing = {name: value for name, value in made.items() if name not in known}
        if missing:
            kept = read_env_file(self._secrets_file)
            write_private_env_file(self._secrets_file, kept | missing)

    def _number(self, name: str, default: int, *, largest: int) -> int:
        text = self.values.get(name, str(default))
        if text.isascii() and text.isdigit() and 0 < int(text) <= largest:
            return int(text)
        raise CannotStart(f"{name} must be a number from 1 to {largest}, not “{text}”.")


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = folder.lstat()
    if folder.is_symlink() or owner.st_uid != os.geteuid():
        raise CannotStart(f"{folder} belongs to another user: start Retune as that user.")
    folder.chmod(0o700)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
