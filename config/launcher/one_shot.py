"""Commands that run once while Retune starts."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from config.launcher.children import Program, repeat_lines, spawn
from config.launcher.console import say
from config.launcher.paths import ROOT


async def run_to_end(program: Program) -> int:
    """Run the program, repeating its lines, and return its exit code."""
    process, output = await spawn(program)
    with _gone_when_cancelled(process):
        await repeat_lines(output, program.name)
        return await process.wait()


async def read_output(program: Program) -> str:
    """Run the program and return what it prints; its failure is told and costs nothing else."""
    process = await asyncio.create_subprocess_exec(
        *program.command,
        cwd=ROOT,
        env=dict(program.environment),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )
    with _gone_when_cancelled(process):
        output, errors = await process.communicate()
    if process.returncode:
        say(program.name, errors.decode(errors="replace").strip())
    return output.decode(errors="replace").strip()


@contextmanager
def _gone_when_cancelled(process: Process) -> Iterator[None]:
    try:
        yield
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.kill()
        raise
