"""Reads and writes files of `NAME=value` lines."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from config.launcher.errors import CannotStart

LINE = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)")
QUOTED = re.compile(r"""(["'])(.*)\1\s*(?:#.*)?""")
COMMENT = re.compile(r"(^|\s+)#.*")


def read_env_file(path: Path) -> dict[str, str]:
    """Read the names and values of a file; a file that is not there has none.

    Blank lines and `#` comments are skipped, quotes around a value are removed, and nothing is
    expanded. A name without a value counts as not given.
    """
    if not path.exists():
        return {}
    lines = enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1)
    pairs = [_pair(line.strip(), f"{path}:{number}") for number, line in lines if _says(line)]
    return {name: value for name, value in pairs if value}


def write_private_env_file(path: Path, values: Mapping[str, str]) -> None:
    """Write the file in one step, readable by its owner alone from the first byte on."""
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with open(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _pair(line: str, place: str) -> tuple[str, str]:
    found = LINE.fullmatch(line)
    if found is None:
        raise CannotStart(f"{place}: expected NAME=value, found “{line}”.")
    name, value = found.groups()
    quoted = QUOTED.fullmatch(value)
    return name, quoted[2] if quoted else COMMENT.sub("", value).strip()
