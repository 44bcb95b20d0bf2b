"""How long `./run` takes until web and engine answer: a fresh clone first, then started again.

    python3 benchmarks/startup.py [--cold] [--starts 5]

Needs nothing but Python. With `--cold` the clone begins with empty caches of uv, pip and npm, as on
a fresh machine; everything is then downloaded. The times are the ones that `./run` prints.
"""

import argparse
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHES = ("UV_CACHE_DIR", "PIP_CACHE_DIR", "npm_config_cache")
READY = re.compile(r"\((cold|warm) start: ([\d.]+) s\)")
PATIENCE_SECONDS = 600


def main() -> None:
    """Clone, start once, start again and again, and print a row for each."""
    options = parsed_options()
    with tempfile.TemporaryDirectory(prefix="retune-startup-") as folder:
        clone = Path(folder) / "retune"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        environment = {**os.environ, **(empty_caches(folder) if options.cold else {})}
        caches = "empty" if options.cold else "as they are"
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, caches {caches}")
        print(f"first start  {start(clone, environment):6.1f} s  (goal with empty caches: 90 s)")
        warm = [start(clone, environment) for _ in range(options.starts)]
    each = " ".join(f"{seconds:.1f}" for seconds in warm)
    print(f"next starts  {statistics.median(warm):6.1f} s  (median of {each}; goal: 6 s)")
    print(f"load {os.getloadavg()[0]:.1f} at the end")


def parsed_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cold", action="store_true", help="begin with empty package caches")
    parser.add_argument("--starts", type=int, default=5, help="how many warm starts to take")
    return parser.parse_args()


def empty_caches(folder: str) -> dict[str, str]:
    return {name: str(Path(folder) / name) for name in CACHES}


def start(clone: Path, environment: dict[str, str]) -> float:
    """Start Retune, wait until it says that it is ready, stop it, and return what it measured."""
    output = clone / "startup.log"
    ports = ["--port", str(free_port()), "--engine-port", str(free_port())]
    with output.open("wb") as log:
        run = subprocess.Popen(
            [sys.executable, "run", *ports], cwd=clone, env=environment, stdout=log
        )
    try:
        return wait_until_ready(run, output)
    finally:
        run.send_signal(signal.SIGINT)
        run.wait()


def wait_until_ready(run: subprocess.Popen[bytes], output: Path) -> float:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (said := READY.search(output.read_text(errors="replace"))):
        if run.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"Retune did not start:\n{output.read_text(errors='replace')}")
        time.sleep(0.05)
    return float(said[2])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    main()
