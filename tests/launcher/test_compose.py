"""The containers run what `./run` runs. Checked by reading: the tests need no Docker."""

import re
import shlex
import socket
from pathlib import Path

import pytest
import yaml

from config.launcher import programs
from config.launcher.installation import Installation

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if service["image"] == "retune"}
KNOWN_BY = {
    "web": "config.asgi:application",
    "engine": "config.engine_asgi:application",
    "poller": "ticks",
}
DIFFERENT_ON_PURPOSE = {"--fd", "--host", "--port", "--schedule", "--concurrency"}


@pytest.fixture(scope="module")
def launched() -> dict[str, list[str]]:
    """Return the command line of each process that `./run` starts, without its Python."""
    installation = Installation(var=ROOT / "var", values={})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        started = [
            programs.web_program(installation, listener),
            programs.engine_program(installation, listener),
            *programs.background_programs(installation),
        ]
    return {program.name: list(program.command) for program in started}


def container_command(name: str) -> list[str]:
    if name != "web":
        return SERVICES[name]["command"]
    command = (ROOT / "Dockerfile").read_text().rpartition("\nCMD [")[2]
    return shlex.split(command.replace("\\\n", "").replace(",", " ").rstrip("]\n"))


def flags(command: list[str]) -> set[str]:
    """Return the options with their values, and the words by which a program is known."""
    words = [word for word in command if word not in {"python", "-m"}]
    return {
        " ".join(words[at : at + 2]) if at + 1 < len(words) else word
        for at, word in enumerate(words)
        if word.startswith("--") and word not in DIFFERENT_ON_PURPOSE
    }


def copied_files() -> set[str]:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copies = [line for line in lines if line.startswith("COPY") and "--from" not in line]
    return {source for line in copies for source in shlex.split(line)[1:-1]}


def test_the_containers_are_the_processes_of_run(launched):
    assert OURS - {"migrate"} == set(launched)


@pytest.mark.parametrize("name", sorted(OURS - {"migrate"}))
def test_a_container_runs_its_process_with_the_same_options(launched, name):
    assert flags(container_command(name)) == flags(launched[name])
    word = KNOWN_BY.get(name, name)
    assert word in container_command(name)
    assert word in launched[name]


def test_everything_waits_for_the_migrated_database_and_comes_back():
    for name in OURS - {"migrate"}:
        waits_for = SERVICES[name]["depends_on"]
        assert waits_for["migrate"]["condition"] == "service_completed_successfully"
        assert SERVICES[name]["restart"] == "unless-stopped"


def test_every_named_volume_is_declared_and_used():
    used = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }
    assert used == set(COMPOSE["volumes"])


def test_the_builder_gets_every_file_that_the_dockerfile_copies():
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    assert copied_files() == sent
    assert all((ROOT / source).exists() for source in copied_files())


def test_the_image_has_every_file_of_the_checkout_that_the_code_reads():
    code = "".join(path.read_text() for path in ROOT.glob("apps/**/*.py"))
    read = set(re.findall(r'BASE_DIR(?:, | / )"([\w.-]+)"', code))
    assert read
    assert read <= copied_files()
