"""Kills a worker at any line of the files that carry a job."""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, ModuleType
from typing import Any

from apps.jobs.sending import delivery, lease, submission, transfers

SAGA = (submission, transfers, delivery, lease)


class Killed(BaseException):
    """The worker dies here."""


class KillAt:
    """Kills the worker at the n-th line of these modules that runs, in any thread."""

    def __init__(self, line: int, modules: tuple[ModuleType, ...]) -> None:
        self.left = line
        self.files = {module.__file__ for module in modules}

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> "KillAt | None":
        if frame.f_code.co_filename not in self.files:
            return None
        if event == "line" and self.left:
            self.left -= 1
            if self.left == 0:
                raise Killed
        return self

    def __enter__(self) -> "KillAt":
        threading.settrace(self)
        sys.settrace(self)
        return self

    def __exit__(self, *_error: object) -> None:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]


def killed_at(line: int, work: Callable[[], object], *modules: ModuleType) -> bool:
    """Let a worker work until that line; False when it came to the end before."""
    with KillAt(line, modules or SAGA) as killer, suppress(Killed, BaseExceptionGroup):
        work()
    return killer.left == 0
