"""Puts tiktoken's rank files where tiktoken looks, so that counting tokens needs no network.

The npm package `tiktoken` carries the same ranks as the Python one downloads. Each rebuilt file
must have the SHA-256 that the Python package itself names.

    python -m config.launcher.encodings FOLDER SOURCE
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from unittest.mock import patch

from config.launcher.errors import CannotStart
from config.launcher.paths import ROOT

NAMES = ("cl100k_base", "o200k_base")
SOURCE = ROOT / "node_modules" / "tiktoken" / "encoders"


class WrongRanks(CannotStart):
    """The two packages disagree about the ranks of an encoding."""


@dataclass(frozen=True)
class RankFile:
    """A file that tiktoken wants: where it would download it, and what it must contain."""

    url: str
    sha256: str

    @property
    def name(self) -> str:
        """The name under which tiktoken looks in its cache."""
        return hashlib.sha1(self.url.encode(), usedforsecurity=False).hexdigest()


def unpack_encodings(folder: Path, *, source: Path = SOURCE) -> bool:
    """Make the folder hold every rank file; answer whether there was anything to do."""
    done = folder / ".unpacked"
    if done.exists() and done.read_text() == _wanted():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        _unpack(source / f"{name}.json", wanted_file(name), folder)
    done.write_text(_wanted())
    return True


def wanted_file(encoding: str) -> RankFile:
    """Ask tiktoken which file an encoding is made of, without letting it load the file."""
    import tiktoken_ext.openai_public as public

    with patch.object(public, "load_tiktoken_bpe", side_effect=_Asked) as load:
        with suppress(_Asked):
            getattr(public, encoding)()
        return RankFile(url=load.call_args.args[0], sha256=load.call_args.kwargs["expected_hash"])


class _Asked(Exception):
    """Stops tiktoken once it has said what it wants."""


def _wanted() -> str:
    return f"tiktoken {version('tiktoken')}: {' '.join(NAMES)}\n"


def _unpack(source: Path, wanted: RankFile, folder: Path) -> None:
    packed: str = json.loads(source.read_text())["bpe_ranks"]
    content = "".join(_lines(packed)).encode()
    if hashlib.sha256(content).hexdigest() != wanted.sha256:
        raise WrongRanks(f"{source} does not have the ranks that the tiktoken package expects.")
    unfinished = folder / f"{wanted.name}.{os.getpid()}.new"
    unfinished.write_bytes(content)
    unfinished.rename(folder / wanted.name)


def _lines(packed: str) -> Iterator[str]:
    """Yield `token rank` lines from rows of `! first-rank token token …`."""
    for row in filter(None, packed.split("\n")):
        _, first, *tokens = row.split(" ")
        for rank, token in enumerate(tokens, start=int(first)):
            yield f"{token} {rank}\n"


if __name__ == "__main__":
    unpack_encodings(Path(sys.argv[1]), source=Path(sys.argv[2]))
