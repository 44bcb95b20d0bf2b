"""Only one launcher at a time may start servers on an installation's files."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from config.launcher.errors import CannotStart


@dataclass(frozen=True)
class Holder:
    """Who holds the lock, in the words that the next one is told."""

    pid: int
    doing: str  # "starting", "running" or "manage"
    address: str = ""


class Locked(CannotStart):
    """Another launcher works on these files."""

    def __init__(self, holder: Holder) -> None:
        self.holder = holder
        super().__init__(self._words())

    def _words(self) -> str:
        if self.holder.doing == "manage":
            return (
                f"A “./run manage” command is using Retune's servers (process {self.holder.pid})."
                " Start again when it has ended."
            )
        where = f" at {self.holder.address}" if self.holder.address else ""
        return f"Retune already runs here{where} (process {self.holder.pid}). Stop it with Ctrl-C."


class Lock:
    """A file that the kernel unlocks when its holder dies, however that happens."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def held(self, *, doing: str) -> Iterator[None]:
        """Hold the lock, or raise Locked with the one who does."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(self.holder()) from None
        else:
            self.say(doing)
            yield
        finally:
            os.close(file)

    def say(self, doing: str, *, address: str = "") -> None:
        """Tell others what the holder does now."""
        text = json.dumps(asdict(Holder(os.getpid(), doing, address)))
        self._path.write_text(text)

    def holder(self) -> Holder:
        """Return what the holder last said."""
        try:
            return Holder(**json.loads(self._path.read_text()))
        except ValueError:  # read in the moment between locking and saying
            return Holder(pid=0, doing="starting")
