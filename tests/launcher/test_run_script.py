"""The script that runs before anything is installed."""

import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PRETEND_TO_BE_OLD = """
import runpy, sys
sys.version_info = (3, 10, 12, "final", 0)
runpy.run_path("run", run_name="__main__")
"""


@pytest.fixture
def script(tmp_path, monkeypatch) -> ModuleType:
    """Load `run` for a checkout that has nothing in it."""
    loader = SourceFileLoader("run_script", str(ROOT / "run"))
    module = module_from_spec(spec_from_loader("run_script", loader))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(module)
    module.ROOT = tmp_path
    return module


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ([], ("up", [])),
        (["--port", "8010"], ("up", ["--port", "8010"])),
        (["up", "--port", "8010"], ("up", ["--port", "8010"])),
        (["manage", "check", "--tag", "x"], ("manage", ["check", "--tag", "x"])),
        (["test", "-k", "cancel"], ("test", ["-k", "cancel"])),
        (["--help"], ("help", [])),
    ],
)
def test_what_is_typed_is_understood(script, typed, meant):
    assert script.split(typed) == meant


def test_a_word_that_is_no_command_is_refused(script):
    with pytest.raises(script.CannotContinue, match=r"“start” is not a command\. \./run help"):
        script.split(["start"])


def test_an_old_python_is_told_so_in_words():
    done = subprocess.run(
        [sys.executable, "-c", PRETEND_TO_BE_OLD], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Retune needs Python 3.11 or newer, and this is 3.10 (")


def test_a_terminal_that_knows_only_ascii_is_enough():
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "run", "help"], cwd=ROOT, env=ascii_only, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "./run manage COMMAND" in done.stdout


def test_a_part_is_made_again_only_when_its_sources_change(script, tmp_path):
    source, folder, made = tmp_path / "source", tmp_path / "folder", []
    source.write_text("one")

    def make() -> bool:
        return script.make_when_changed("part", folder, [source], lambda: made.append("made"))

    assert make()
    assert not make()
    source.write_text("two")
    assert make()
    assert made == ["made", "made"]


def test_a_part_that_could_not_be_made_is_tried_again(script, tmp_path):
    source, folder = tmp_path / "source", tmp_path / "folder"
    source.write_text("one")

    def fail() -> None:
        raise script.CannotContinue("no network")

    with pytest.raises(script.CannotContinue):
        script.make_when_changed("part", folder, [source], fail)
    assert script.make_when_changed("part", folder, [source], lambda: None)


def test_a_failed_program_is_named_with_what_it_said(script, capfd):
    code = "print('out'); raise SystemExit('the disk is full')"
    with pytest.raises(script.CannotContinue, match=r"(?s)this failed: .*out.*the disk is full"):
        script.call(sys.executable, "-u", "-c", code)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("version", "enough"), [("v20.1.0", True), ("v18.20.4", False)])
def test_an_old_node_is_not_used(script, tmp_path, monkeypatch, version, enough):
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert script.has_node() is enough


def test_no_node_is_no_node(script, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not script.has_node()
