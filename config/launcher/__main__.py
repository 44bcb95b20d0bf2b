"""The commands of `./run`, once the packages are installed."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from io import TextIOWrapper

from config.launcher import manage, testing, up
from config.launcher.console import complain
from config.launcher.errors import CannotStart
from config.launcher.installation import Installation


def main(arguments: Sequence[str]) -> int:
    """Do what the first word says."""
    command, *rest = arguments
    try:
        if command == "manage":
            return manage.run(Installation.load(), rest)
        if command == "test":
            return testing.run(rest)
        if command == "up":
            return _up(rest)
        raise CannotStart(f"“{command}” is not a command. ./run help shows them.")
    except (CannotStart, OSError) as error:
        complain(str(error))
        return 1


def _up(arguments: Sequence[str]) -> int:
    chosen = _parser().parse_args(arguments)
    installation = Installation.load(
        HOST=chosen.host, PORT=chosen.port, ENGINE_PORT=chosen.engine_port
    )
    began = float(os.environ.pop("RETUNE_BEGAN", time.time()))
    is_cold = bool(os.environ.pop("RETUNE_IS_COLD", ""))
    up.run(installation, began=began, is_cold=is_cold)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("./run up", description="Start Retune; Ctrl-C stops it.")
    parser.add_argument("--port", help="where the pages are served (8000)")
    parser.add_argument("--host", help="the address to listen on (127.0.0.1: this machine only)")
    parser.add_argument("--engine-port", help="where the engine's /v1 is served (8001)")
    return parser


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))
