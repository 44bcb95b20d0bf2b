"""Preparing prompts and completions: ours beside the old preparation tool's logic, in one run.

    python -m venv /tmp/pandas && /tmp/pandas/bin/pip install pandas
    .venv/bin/python benchmarks/prepare.py [--rows 100000] [--python /tmp/pandas/bin/python]

Both read the same file, look at it by the same fifteen validators, take every suggestion, and write
the new file. Each is started three times, one after the other. What counts is the time that a
person waits, in the median, and the largest memory; the processor time stands beside it. Without
--python, or where it has no pandas, the tool's logic runs on plain lists, and the output says so.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
OURS = """
import sys
from pathlib import Path
from apps.datasets.recipes.engine import run
from apps.datasets.recipes.legacy import recipe_of, suggest
recipe = recipe_of(suggest(Path(sys.argv[1])))
with open(sys.argv[2], "wb", buffering=1024 * 1024) as target:
    run(recipe, [Path(sys.argv[1])], target)
print(", ".join(step["step"] for step in recipe))
"""


def write_corpus(path: Path, rows: int) -> int:
    """Write pairs of about 620 bytes that need every kind of step but the dropping of long rows."""
    chance = random.Random(7)
    syllables = ("ba", "con", "de", "er", "fi", "ing", "ka", "lo", "ment", "or", "qua", "st", "un")
    words = ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(20_000)]

    def text(least: int, most: int) -> str:
        return " ".join(chance.choices(words, k=chance.randint(least, most)))

    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            row = {
                "prompt": f"Answer this question briefly: {text(20, 80)} {chance.choice('?.!é')}",
                "completion": f"Answer: {text(5, 45)} {chance.choice('abcdefg。')}",
            }
            line = json.dumps(row, ensure_ascii=False) + "\n"
            file.write(line * (2 if number % 50 == 0 else 1))
    return path.stat().st_size


class Measured(NamedTuple):
    """One run of a command: its last line is what it says of itself."""

    seconds: float
    processor_seconds: float
    megabytes: float
    last_line: str


def measured(command: list[str]) -> Measured:
    """Run a command to its end."""
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        said = process.stdout.read() if process.stdout else ""
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed")
    seconds, processor = time.monotonic() - begun, usage.ru_utime + usage.ru_stime
    return Measured(seconds, processor, usage.ru_maxrss / 1024, said.strip().splitlines()[-1])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--python", default=sys.executable, help="one that has pandas")
    options.add_argument("--runs", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, old, new = (Path(folder, name) for name in ("rows.jsonl", "old", "new"))
        size = write_corpus(source, chosen.rows) / 1e6
        print(f"{chosen.rows:,} rows and copies of every 50th, {size:.0f} MB, {chosen.runs} runs")
        baseline = [chosen.python, str(ROOT / "benchmarks/prepare_baseline.py"), source, old]
        ours = [sys.executable, "-c", OURS, source, new]
        figures = {}
        for name, command in (("old tool", baseline), ("ours", ours)):
            runs = [measured(list(map(str, command))) for _ in range(chosen.runs)]
            seconds = statistics.median(run.seconds for run in runs)
            processor = statistics.median(run.processor_seconds for run in runs)
            memory = max(run.megabytes for run in runs)
            figures[name] = seconds, memory
            speeds = f"{size / seconds:6.1f} MB/s {chosen.rows / seconds:9,.0f} rows/s"
            print(f"{name:9} {seconds:6.2f} s {speeds} {memory:6.0f} MB, {processor:.2f} s CPU")
            print(f"          {runs[0].last_line}")
        (old_s, old_mb), (our_s, our_mb) = figures["old tool"], figures["ours"]
        print(
            f"speed: {old_s / our_s:.1f} times (goal 8); memory: 1/{old_mb / our_mb:.1f} (goal 1/4)"
        )
        print("same rows" if _rows(old) == _rows(new) else "THE RESULTS DIFFER")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


if __name__ == "__main__":
    main()
