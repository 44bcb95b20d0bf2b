"""A pytest plugin: a throw-away PostgreSQL and Valkey for every test run.

Loaded with `-p tests.services`, so it runs before pytest-django reads the settings. When the tests
are spread over several processes (`-n`), each of these has its own servers, and the one that hands
out the tests has none.
"""

import atexit
import base64
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

# Threads of their own only get in each other's way where every core has a process of tests.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Compiling all tests costs every process ten seconds. Whoever wants no compiled files beside the
# sources gets them elsewhere.
if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).resolve().parent.parent / "var" / "compiled")
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": sys.pycache_prefix}
# Importing the launcher imports `config`, whose Celery app would choose the real settings.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")

from config.launcher.embedded import Postgres, Valkey
from config.launcher.encodings import unpack_encodings
from config.launcher.server_processes import running_servers
from config.launcher.translations import compile_translations
from tests.migrated import TEMPLATE, copy_cluster

ROOT = Path(__file__).resolve().parent.parent
FAST_POSTGRES = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
ONLY_IN_MEMORY = ("--appendonly", "no", "--save", "")
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 2 * 1024**3
PREFIX = "retune-test-"


class Services:
    """The servers of one test run, in a folder that is gone afterwards."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=_quickest()))
        self.postgres = Postgres(
            data=self.folder / "postgres",
            sockets=self.folder,
            options=FAST_POSTGRES,
            initdb_options=["--no-sync"],
        )
        self.valkey = Valkey(self.folder / "valkey", self.folder, options=ONLY_IN_MEMORY)
        self._until_the_end = ExitStack()
        self._until_the_end.callback(shutil.rmtree, self.folder, ignore_errors=True)

    def start(self) -> None:
        if copy_cluster(self.postgres, {**os.environ, **self.environment()}):
            os.environ["TEST_DATABASE_TEMPLATE"] = TEMPLATE
        servers = running_servers([self.valkey, self.postgres], log=self.folder / "servers.log")
        self._until_the_end.enter_context(servers)

    def stop(self) -> None:
        self._until_the_end.close()

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": "only-for-tests-" * 4,
            "ENCRYPTION_KEYS": base64.urlsafe_b64encode(b"only-for-tests".ljust(32)).decode(),
            "DATA_DIR": str(self.folder / "data"),
            "TMPDIR": str(self.folder),  # `tmp_path` too: a disk takes ten times as long
            "TIKTOKEN_CACHE_DIR": str(ROOT / "var" / "tiktoken"),
        }


def _quickest() -> Path:
    """Return where files of the servers are made: in memory, if this machine has enough of it."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH_BYTES:
        return Path("/tmp")
    for old in MEMORY.glob(f"{PREFIX}*"):
        if not Path("/proc", old.name.split("-")[2]).exists():  # a run that was killed
            shutil.rmtree(old, ignore_errors=True)
    return MEMORY


def hands_out_tests() -> bool:
    """Answer whether this is the process that only tells others what to run."""
    return "-n" in sys.argv and "PYTEST_XDIST_WORKER" not in os.environ


services = Services()
atexit.register(services.stop)  # a hook would not be called when pytest fails to start
if not hands_out_tests():
    services.start()
    unpack_encodings(ROOT / "var" / "tiktoken")
    compile_translations()
os.environ.update(services.environment())
