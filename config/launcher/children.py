"""Child processes that are kept running until they are told to stop."""

import asyncio
import os
import signal
import time
from asyncio import StreamReader, StreamReaderProtocol
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from config.launcher.console import say
from config.launcher.errors import CannotStart
from config.launcher.lifeline import die_with_parent
from config.launcher.paths import ROOT

CHECK_SECONDS = 0.1
FIRST_DELAY_SECONDS = 0.25
LONGEST_DELAY_SECONDS = 30.0
STEADY_SECONDS = 30.0
STARTS_BEFORE_GIVING_UP = 3
LAST_WORDS_SECONDS = 1.0
LONGEST_LINE = 1024 * 1024


@dataclass(frozen=True)
class Program:
    """How one of Retune's processes is run."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    is_ready: Callable[[], Awaitable[bool]] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    listener: int | None = None


class Child:
    """A program that runs, is heard, and comes back when it dies."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.starts = 0
        self._process: Process | None = None
        self._stopping = asyncio.Event()
        self._delay = FIRST_DELAY_SECONDS
        self._keeper = asyncio.create_task(self._keep_running())

    async def wait_until_ready(self, *, seconds: float) -> None:
        """Return when the program answers; give up when it cannot stay alive that long."""
        assert self.program.is_ready  # noqa: S101  a programmer's mistake, not a person's
        deadline = time.monotonic() + seconds
        while not await self.program.is_ready():
            if self.starts > STARTS_BEFORE_GIVING_UP or time.monotonic() > deadline:
                raise CannotStart(f"{self.program.name} does not answer: see its lines above.")
            await asyncio.sleep(CHECK_SECONDS)

    async def stop(self) -> None:
        """Ask the program to end, and insist when it takes too long."""
        self._stopping.set()
        self._signal(self.program.stop_signal)
        ended, _ = await asyncio.wait({self._keeper}, timeout=self.program.stop_seconds)
        if not ended:
            say("retune", f"{self.program.name} did not stop in time and is killed")
            self.kill()
        await self._keeper

    def kill(self) -> None:
        """End the program at once, with whatever it has started in its process group."""
        if self._process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _keep_running(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                ending = _in_words(await self._run_once())
            except OSError as error:
                ending = f"could not be started: {error}"
            if not self._stopping.is_set():
                await self._pause_after(ending, lived=time.monotonic() - began)

    async def _run_once(self) -> int:
        self.starts += 1
        self._process, output = await spawn(self.program)
        if self._stopping.is_set():  # told so while the process was being made
            self._signal(self.program.stop_signal)
        lines = asyncio.create_task(repeat_lines(output, self.program.name))
        code = await self._process.wait()
        self.kill()  # what a killed parent leaves behind must not work beside its successor
        await asyncio.wait({lines}, timeout=LAST_WORDS_SECONDS)
        return code

    async def _pause_after(self, ending: str, *, lived: float) -> None:
        delay = FIRST_DELAY_SECONDS if lived > STEADY_SECONDS else self._delay
        self._delay = min(delay * 2, LONGEST_DELAY_SECONDS)
        say("retune", f"{self.program.name} {ending}; it starts again in {delay:g} s")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), delay)

    def _signal(self, number: signal.Signals) -> None:
        if self._process and self._process.returncode is None:
            self._process.send_signal(number)


async def spawn(program: Program) -> tuple[Process, StreamReader]:
    """Start the program in a session of its own, so that Ctrl-C reaches only the launcher."""
    # Our own pipe, because asyncio's would make wait() wait for grandchildren that hold it open.
    read_end, write_end = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *program.command,
            cwd=ROOT,
            env=dict(program.environment),
            stdin=DEVNULL,
            stdout=write_end,
            stderr=STDOUT,
            start_new_session=True,
            pass_fds=() if program.listener is None else (program.listener,),
            preexec_fn=die_with_parent(program.stop_signal),
        )
    finally:
        os.close(write_end)
    return process, await _reader(read_end)


async def repeat_lines(output: StreamReader, name: str) -> None:
    """Say every line that a process prints, until nobody can print any more."""
    while True:
        try:
            line = await output.readline()
        except ValueError:  # longer than the limit; the reader has dropped it
            say(name, "(a very long line was left out)")
            continue
        if not line:
            return
        say(name, line.decode(errors="replace").rstrip())


async def _reader(descriptor: int) -> StreamReader:
    reader = StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", buffering=0)
    )
    return reader


def _in_words(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
