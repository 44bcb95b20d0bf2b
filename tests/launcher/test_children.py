"""The supervisor's promises, kept to real processes."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config.launcher import children
from config.launcher.children import Child, Program
from config.launcher.errors import CannotStart
from tests.checkout import is_alive


@pytest.fixture
def program(tmp_path):
    """Make a program that says its process id in a file and then does what its code says."""
    pids = tmp_path / "pids"
    pids.touch()

    async def is_ready() -> bool:
        return bool(pids.read_text())

    def make(code: str = "signal.pause()", **more) -> Program:
        start = f"import os, signal, time; print(os.getpid(), file=open({str(pids)!r}, 'a'))"
        return Program(
            name="test",
            command=[sys.executable, "-c", f"{start}\n{code}"],
            environment=dict(os.environ),
            is_ready=is_ready,
            **more,
        )

    make.pids = lambda: [int(line) for line in pids.read_text().split()]
    return make


@asynccontextmanager
async def running(program: Program):
    child = Child(program)
    try:
        await child.wait_until_ready(seconds=60)
        yield child
    finally:
        await child.stop()


async def until(condition, *, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  other processes set no event
            await asyncio.sleep(0.02)


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def test_a_killed_child_comes_back(program, capsys):
    async with running(program()):
        os.kill(program.pids()[0], signal.SIGKILL)
        await until(lambda: len(program.pids()) == 2)
    assert "test was ended by SIGKILL; it starts again in 0.25 s" in capsys.readouterr().out
    assert not any(map(is_alive, program.pids()))


async def test_a_child_that_keeps_dying_is_started_less_and_less_often(program, capsys):
    async with running(program("raise SystemExit(3)")):
        await until(lambda: len(program.pids()) == 3)
    words = capsys.readouterr().out
    assert "ended with code 3; it starts again in 0.25 s" in words
    assert "ended with code 3; it starts again in 0.5 s" in words


async def test_a_child_that_never_answers_stops_the_start(program):
    async def never() -> bool:
        return False

    dying = program("raise SystemExit(3)")
    child = Child(Program(dying.name, dying.command, dying.environment, is_ready=never))
    with pytest.raises(CannotStart, match="test does not answer"):
        await child.wait_until_ready(seconds=30)
    await child.stop()


async def test_a_child_that_will_not_stop_is_killed(program, capsys):
    stubborn = program(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)\n"
        "while True: signal.pause()",
        stop_seconds=0.2,
    )
    async with running(stubborn):
        await until(lambda: "deaf" in capsys.readouterr().out)
    assert not is_alive(program.pids()[0])


async def test_what_a_killed_child_had_started_goes_with_it(program):
    # The grandchild holds the pipe open: waiting for its end would wait for ever.
    async with running(program("if os.fork() == 0: print('', end='')\nsignal.pause()")):
        parent = program.pids()[0]
        await until(lambda: children_of(parent))
        grandchild = children_of(parent)[0]
        os.kill(parent, signal.SIGKILL)
        await until(lambda: len(program.pids()) == 2)
        assert not is_alive(grandchild)


async def test_every_line_is_repeated_with_its_speaker(program, capsys):
    printed: list[str] = []

    def has_said_two() -> bool:
        printed.append(capsys.readouterr().out)
        return "two" in "".join(printed)

    async with running(program("print('one\\ntwo', flush=True); signal.pause()")):
        await until(has_said_two)
    assert "    test | one\n    test | two\n" in "".join(printed)


async def test_stopping_does_not_wait_for_the_next_start(program, monkeypatch):
    monkeypatch.setattr(children, "FIRST_DELAY_SECONDS", 3600)
    async with asyncio.timeout(60), running(program("raise SystemExit(1)")):
        await until(lambda: program.pids())
