"""How fast files of every kind become rows, and how much memory that takes.

    .venv/bin/python benchmarks/convert.py [--megabytes 30]

Each file is converted by a process of its own; the memory is what that one grew by, with what it
loads for the format (polars alone is about 80 MB).
"""

import argparse
import csv
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

WORDS = [
    "the",
    "ferry",
    "leaves",
    "from",
    "the",
    "old",
    "harbour",
    "at",
    "a",
    "quarter",
    "past",
    "every",
    "hour",
    "in",
    "summer",
]
FORMATS = ("csv", "csv.gz", "utf16.csv", "json", "alpaca.json", "parquet", "xlsx", "txt")


def rows(megabytes: float) -> Iterator[tuple[str, str]]:
    """Yield questions and answers, about so many megabytes of them."""
    size, number = 0, 0
    while size < megabytes * 1_000_000:
        number += 1
        turn = number % len(WORDS)
        question = f"Question {number}: {' '.join(WORDS[turn:] * 2)}, please?"
        answer = f"Answer {number}: {' '.join(WORDS[:turn] * 6)} and {number}."
        size += len(question) + len(answer)
        yield question, answer


def _csv(path: Path, megabytes: float, encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(("question", "answer"))
        writer.writerows(rows(megabytes))


def _csv_gz(path: Path, megabytes: float) -> None:
    with gzip.open(path, "wb", compresslevel=3) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        csv.writer(text).writerows([("question", "answer"), *rows(megabytes)])
        text.flush()


def _json(path: Path, megabytes: float, *, is_chat: bool) -> None:
    with path.open("w") as file:
        file.write("[\n")
        for number, (question, answer) in enumerate(rows(megabytes)):
            chat = [("user", question), ("assistant", answer)]
            messages = {"messages": [{"role": role, "content": text} for role, text in chat]}
            row = messages if is_chat else {"instruction": question, "input": "", "output": answer}
            file.write(",\n" * bool(number) + json.dumps(row, indent=2))
        file.write("]")


def _parquet(path: Path, megabytes: float) -> None:
    import polars

    frame = polars.DataFrame(list(rows(megabytes)), schema=["question", "answer"], orient="row")
    frame.write_parquet(path)


def _txt(path: Path, megabytes: float) -> None:
    path.write_text("".join(f"{question} {answer}\n" for question, answer in rows(megabytes)))


def _xlsx(path: Path, megabytes: float) -> None:
    from tests.datasets.sources.workbooks import workbook

    table: list[list[object]] = [["question", "answer"]]
    table.extend([*row] for row in rows(megabytes))
    path.write_bytes(workbook(Rows=table))


WRITERS: dict[str, Callable[[Path, float], None]] = {
    "csv": _csv,
    "csv.gz": _csv_gz,
    "utf16.csv": lambda path, megabytes: _csv(path, megabytes, "utf-16"),
    "json": lambda path, megabytes: _json(path, megabytes, is_chat=True),
    "alpaca.json": lambda path, megabytes: _json(path, megabytes, is_chat=False),
    "parquet": _parquet,
    "xlsx": _xlsx,
    "txt": _txt,
}


def convert(path: Path) -> None:
    """Convert one file, and print how many rows, in how many seconds, with how much memory."""
    from apps.datasets import sources

    before = peak()
    began = time.perf_counter()
    layout = sources.look(path, path.name)
    table = layout.table()
    with open(os.devnull, "wb") as target:
        count = sources.convert(
            path,
            target,
            layout=layout,
            mapping=sources.guess(table) if table else None,
            limit=1 << 40,
            on_progress=lambda _: None,
        )
    seconds = time.perf_counter() - began
    print(json.dumps({"rows": count, "seconds": seconds, "grown": peak() - before}))


def peak() -> float:
    """Return the most memory that this process has held so far, in megabytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=30)
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.file:
        convert(options.file)
        return
    print(f"{'':12} {'MB':>6} {'rows':>8} {'s':>6} {'MB/s':>6} {'rows/s':>8} {'memory':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for name in FORMATS:
            path = Path(folder, f"data.{name}")
            WRITERS[name](path, options.megabytes)
            command = [sys.executable, __file__, "--file", str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            figures = json.loads(done.stdout)
            size, seconds = path.stat().st_size / 1e6, figures["seconds"]
            print(
                f"{name:12} {size:6.1f} {figures['rows']:8,} {seconds:6.1f} {size / seconds:6.1f} "
                f"{figures['rows'] / seconds:8,.0f} {figures['grown']:6.0f} MB"
            )
            path.unlink()


if __name__ == "__main__":
    main()
