"""What can be configured, what is documented and what is read are the same."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
READ = re.compile(r'(?:\benv\.\w+|values\.get|_number|os\.environ\.get)\(\s*"([A-Z_]+)"')
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def sources() -> list[Path]:
    return [ROOT / "config" / "settings.py", *(ROOT / "config" / "launcher").glob("*.py")]


def read_by_retune() -> set[str]:
    return {name for path in sources() for name in READ.findall(path.read_text())}


def read_by_compose() -> set[str]:
    return set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))


def documented() -> dict[str, str]:
    """Return each documented name with its default."""
    text = (ROOT / "docs" / "configuration.md").read_text()
    return {name: default.strip("`") for name, default, _, _ in ROW.findall(text)}


def only_in_the_environment() -> set[str]:
    text = (ROOT / "docs" / "configuration.md").read_text()
    return {row[0] for row in ROW.findall(text.partition("## Only in the environment")[2])}


def exemplified() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_every_variable_that_is_read_is_documented_and_no_other():
    assert read_by_retune() | read_by_compose() == set(documented())


def test_the_example_file_has_every_variable_that_a_file_can_set():
    assert exemplified() == set(documented()) - only_in_the_environment()


def default_values() -> dict[str, object]:
    """Return the defaults that settings.py spells out as a value and `./run` leaves alone."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = {}
    for call in calls:
        for keyword in call.keywords:
            if keyword.arg == "default" and is_plain(keyword.value):
                value = eval(compile(ast.Expression(keyword.value), "settings", "eval"))
                found[ast.literal_eval(call.args[0])] = value
    del found["REDIS_URL"]
    return found


def is_plain(expression: ast.expr) -> bool:
    plain = (ast.Constant, ast.BinOp, ast.Mult)
    return all(isinstance(node, plain) for node in ast.walk(expression))


@pytest.mark.parametrize(
    ("name", "value"), sorted((name, str(value)) for name, value in default_values().items())
)
def test_the_documented_default_is_the_real_one(name, value):
    assert documented()[name] in {value, value.lower()}
