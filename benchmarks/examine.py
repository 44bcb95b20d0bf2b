"""Throughput of the examination, beside the usual way to find near copies alone, in one run.

    .venv/bin/python benchmarks/examine.py [--megabytes 128] [--rows 1000000] [--file FILE]

The corpus is that of benchmarks/check.py, where one row in forty holds something to find; with
`--rows`, rows of about half a kilobyte. The usual way is what the manual of rensa shows: words of
each row, MinHash, LSH; one process, everything in memory.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# The project is not installed: its folder comes first.
import orjson  # noqa: E402

from apps.datasets.check.file import check_file  # noqa: E402
from apps.datasets.check.spool import Spool  # noqa: E402
from apps.datasets.columns import writing  # noqa: E402
from apps.datasets.quality.examine import examine  # noqa: E402
from benchmarks.check import MEGABYTE, measure, write_corpus  # noqa: E402

FINDS = (
    "My card is 4111 1111 1111 1111, write to ann.lee@acme.io.",
    "I'm sorry, but I can't help with that.",
    "Dear {{name}}, call +49 30 123456.",
)


def doubtful(source: Path, target: Path) -> None:
    """Put something to find into one row of forty: a text of FINDS, or an earlier row."""
    chance = random.Random(5)
    earlier: list[bytes] = []
    with source.open("rb") as rows, target.open("wb") as file:
        for number, line in enumerate(rows):
            if number % 40 == 1:
                earlier = [*earlier[-200:], line]
            if number % 40 == 0 and earlier:
                row = orjson.loads(chance.choice(earlier))
                row["messages"][-1]["content"] += f" {chance.choice(FINDS)}"
                line = orjson.dumps(row) + b"\n"
            file.write(line)


def write_short(path: Path, rows: int) -> None:
    """Write rows of about half a kilobyte, taken apart from the usual corpus."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        usual = Path(folder, "usual.jsonl")
        write_corpus(usual, 60)
        texts = [m["content"] for line in usual.open() for m in json.loads(line)["messages"]]
    chance = random.Random(3)
    with path.open("wb") as file:
        for number in range(rows):
            question, answer = chance.choice(texts)[:180], chance.choice(texts)[:300]
            if number % 40 == 0:
                answer += f" {chance.choice(FINDS)}"
            file.write(orjson.dumps(_chat(f"{number}. {question}", answer)) + b"\n")


def _chat(question: str, answer: str) -> dict[str, Any]:
    asked, said = (("user", question), ("assistant", answer))
    return {"messages": [{"role": role, "content": text} for role, text in (asked, said)]}


def usual_way(path: Path) -> int:
    """Find near copies as the manual of rensa does, over runs of three words."""
    import rensa

    found = rensa.RMinHashDeduplicator(threshold=0.8, num_perm=128, use_lsh=True)
    with path.open("rb") as file:
        pairs = ((str(n), _runs(line)) for n, line in enumerate(file))
        kept = sum(found.add_pairs(pairs))
    return int(kept)


def _runs(line: bytes) -> list[str]:
    words = " ".join(m["content"] for m in orjson.loads(line)["messages"]).lower().split()
    return [" ".join(words[n : n + 3]) for n in range(max(1, len(words) - 2))]


def ours(path: Path) -> int:
    """The whole examination; what the check leaves beside a file is there already."""
    found = examine(path, row_count=_rows(path), on_progress=lambda _: None)
    return sum(group["problems"] for group in found.results["groups"])


def _rows(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def check_first(path: Path) -> None:
    """Do the check, which keeps the columns that the examination reads."""
    with (
        Spool(path.parent) as spool,
        tempfile.TemporaryFile() as index,
        writing(path, attempt=1) as columns,
    ):
        check_file(
            path,
            encodings=("bytes",),
            limits={},
            spool=spool,
            index=index,
            columns=columns,
            on_progress=lambda _: None,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=128)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--alone", action="store_true", help="leave the usual way out")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.file or Path(folder, "corpus.jsonl")
        if chosen.rows:
            write_short(path, chosen.rows)
        elif not chosen.file:
            write_corpus(Path(folder, "plain.jsonl"), chosen.megabytes)
            doubtful(Path(folder, "plain.jsonl"), path)
        check_first(path)
        cores, size = len(os.sched_getaffinity(0)), path.stat().st_size
        print(f"{size / MEGABYTE:.0f} MB, {_rows(path):,} rows, {cores} cores")
        usual = 0.0 if chosen.alone else measure("usual way, near copies", usual_way, path, "kept")
        whole = measure("Retune, everything", ours, path, "findings")
    if usual:
        print(f"\nRetune looks for everything at {whole / usual:.1f} × the speed of the usual way.")


if __name__ == "__main__":
    main()
