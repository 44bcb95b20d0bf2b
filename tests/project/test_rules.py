"""Rules that keep the project itself in order."""

import inspect
import re
import subprocess
from pathlib import Path

from celery import Task, current_app

ROOT = Path(__file__).resolve().parents[2]
UNFINISHED = re.compile(
    r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b"
)
OUR_SOURCES = (".py", ".html", ".js", ".mjs", ".css", ".md", ".toml", ".yml")
LONGEST_MODULE = 400
LONGEST_LINE = 160  # of a template: prose and addresses are long


def our_tasks() -> list[Task]:
    current_app.loader.import_default_modules()
    return [task for task in current_app.tasks.values() if task.__module__.startswith("apps.")]


def our_files() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    paths = (ROOT / name for name in listed.split("\0") if name.endswith(OUR_SOURCES))
    return [path for path in paths if path.is_file()]


def test_every_task_is_named_after_its_app_and_takes_its_arguments_by_keyword():
    tasks = our_tasks()
    assert len(tasks) >= 4
    for task in tasks:
        app = task.__module__.split(".")[1]
        assert task.name == f"{app}.{task.run.__name__}"
        kinds = {parameter.kind for parameter in inspect.signature(task.run).parameters.values()}
        assert kinds <= {inspect.Parameter.KEYWORD_ONLY}, task.name


def test_everything_that_beat_asks_for_exists():
    known = {task.name for task in our_tasks()}
    schedule = current_app.conf.beat_schedule
    assert {entry["task"] for entry in schedule.values()} <= known


def test_nothing_is_left_for_later():
    left = [path.name for path in our_files() if UNFINISHED.search(path.read_text())]
    assert left == []


def test_modules_stay_small_enough_to_read():
    long = {
        str(path.relative_to(ROOT)): length
        for path in our_files()
        if path.suffix == ".py" and (length := path.read_text().count("\n")) > LONGEST_MODULE
    }
    assert long == {}


def test_lines_of_templates_stay_short_enough_to_read():
    templates = [path for path in our_files() if path.suffix == ".html"]
    lines = [(path, line) for path in templates for line in path.read_text().splitlines()]
    long = {f"{path.name}: {line.strip()[:60]}" for path, line in lines if len(line) > LONGEST_LINE}
    assert long == set()


def test_words_for_people_are_marked_so_that_makemessages_finds_them():
    other_name = re.compile(r"\bn?p?n?gettext\w* as (?!_\b)\w+")
    found = [path.name for path in our_files() if other_name.search(path.read_text())]
    assert [name for name in found if name != Path(__file__).name] == []
