import asyncio
import os
import sys

import pytest

from config.launcher.children import Program
from config.launcher.one_shot import read_output, run_to_end
from tests.checkout import is_alive


def python(code: str) -> Program:
    return Program(name="test", command=[sys.executable, "-c", code], environment=dict(os.environ))


async def test_a_commands_lines_are_repeated_and_its_code_returned(capsys):
    assert await run_to_end(python("print('hello'); raise SystemExit(4)")) == 4
    assert "    test | hello\n" in capsys.readouterr().out


async def test_only_standard_output_is_the_answer():
    code = "import sys; print('a link'); print('a warning', file=sys.stderr)"
    assert await read_output(python(code)) == "a link"


async def test_a_failure_is_told(capsys):
    assert await read_output(python("raise SystemExit('it is broken')")) == ""
    assert "    test | it is broken\n" in capsys.readouterr().out


@pytest.mark.parametrize("command", [run_to_end, read_output])
async def test_a_command_does_not_outlive_a_start_that_is_given_up(command, tmp_path):
    pid_file = tmp_path / "pid"
    code = (
        f"import os, signal; print(os.getpid(), file=open({str(pid_file)!r}, 'w')); signal.pause()"
    )
    task = asyncio.create_task(command(python(code)))
    async with asyncio.timeout(60):
        while not (pid_file.exists() and pid_file.read_text()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        pid = int(pid_file.read_text())
        task.cancel()
        while is_alive(pid):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
