"""Check throughput: ours beside raw tiktoken and beside the usual notebook's logic, in one run.

    .venv/bin/python benchmarks/check.py [--megabytes 256] [--file FILE]

All three read the same file, one after the other. Raw tiktoken is one core encoding every text;
the notebook's logic is our own code of its published description (apps/datasets has the sources):
it loads the whole file, checks seven things and counts tokens message by message.
"""

import argparse
import itertools
import json
import os
import random
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(ROOT / "var" / "tiktoken"))

# The project is not installed: its folder and its settings come first.
import orjson  # noqa: E402
import tiktoken  # noqa: E402

from apps.datasets import columns  # noqa: E402
from apps.datasets.check.file import check_file  # noqa: E402
from apps.datasets.check.spool import Spool  # noqa: E402

MEGABYTE = 1_000_000
ENCODING = "o200k_base"
SAMPLE_SECONDS = 0.25  # each look costs 4 ms per process, which slows down what is measured
CODE = (
    "def f(x):\n    return x + 1\n",
    "for (let i = 0; i < n; i++) {\n  log(i);\n}\n",
    "SELECT 1;\n",
)
EMOJI = ("😀", "🎉", "👩‍💻", "❤️", "🤖", "👍🏽")
CHINESE = "的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生"


def write_corpus(path: Path, megabytes: int) -> None:
    """Write chats of varied length: prose of an invented vocabulary, code, Chinese, emoji."""
    chance = random.Random(7)
    syllables = ("ba", "con", "de", "er", "fi", "ing", "ka", "lo", "ment", "or", "qua", "st", "un")
    words = ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(60_000)]
    weights = list(itertools.accumulate(1 / (rank + 5) for rank in range(len(words))))

    def text() -> str:
        kind, size = chance.random(), int(chance.lognormvariate(3.6, 0.9)) + 3
        if kind < 0.10:
            return "".join(chance.choices(CHINESE, k=2 * size))
        if kind < 0.18:
            return "".join(chance.choices(CODE, k=max(1, size // 10)))
        end = chance.choice((".", "?", "!", f" {chance.choice(EMOJI)}"))
        return " ".join(chance.choices(words, cum_weights=weights, k=size)).capitalize() + end

    def row() -> dict[str, Any]:
        system = [{"role": "system", "content": text()}] if chance.random() < 0.7 else []
        turns = [
            {"role": role, "content": text()}
            for _ in range(chance.choice((1, 1, 1, 2, 3, 5)))
            for role in ("user", "assistant")
        ]
        return {"messages": system + turns}

    with path.open("w", encoding="utf-8") as file:
        while file.tell() < megabytes * MEGABYTE:
            for _ in range(500):
                file.write(json.dumps(row(), ensure_ascii=chance.random() < 0.5) + "\n")


def raw_tiktoken(path: Path) -> int:
    """Only count: parse with the fastest parser, encode every text, on one core."""
    encode = tiktoken.get_encoding(ENCODING).encode_ordinary
    total = 0
    with path.open("rb") as file:
        for line in file:
            total += sum(len(encode(m["content"])) for m in orjson.loads(line)["messages"])
    return total


def notebook_logic(path: Path) -> int:
    """Load all, look at each row, then count each message and each answer."""
    version = [json.loads(line) for line in path.open(encoding="utf-8")]
    errors: Counter[str] = Counter()
    for row in version:
        _notebook_checks(row, errors)
    encoding = tiktoken.get_encoding(ENCODING)
    totals, answers = [], []
    for row in version:
        totals.append(_notebook_tokens(row["messages"], encoding))
        answers.append(
            sum(
                len(encoding.encode(m["content"], disallowed_special=()))
                for m in row["messages"]
                if m["role"] == "assistant"
            )
        )
    return sum(totals)


def _notebook_checks(row: Any, errors: Counter[str]) -> None:
    if not isinstance(row, dict):
        errors["data_type"] += 1
        return
    messages = row.get("messages")
    if not messages:
        errors["missing_messages_list"] += 1
        return
    for message in messages:
        if "role" not in message or "content" not in message:
            errors["message_missing_key"] += 1
        known = ("role", "content", "name", "function_call", "weight")
        if any(key not in known for key in message):
            errors["message_unrecognized_key"] += 1
        if message.get("role") not in ("system", "user", "assistant", "function"):
            errors["unrecognized_role"] += 1
        content, call = message.get("content"), message.get("function_call")
        if (not content and not call) or not isinstance(content, str):
            errors["missing_content"] += 1
    if not any(message.get("role") == "assistant" for message in messages):
        errors["example_missing_assistant_message"] += 1


def _notebook_tokens(messages: list[dict[str, str]], encoding: tiktoken.Encoding) -> int:
    total = 3
    for message in messages:
        total += 3 + ("name" in message)
        total += sum(len(encoding.encode(v, disallowed_special=())) for v in message.values())
    return total


def ours(path: Path) -> int:
    """The whole check: every rule, all figures, problems on disk, index and columns of rows."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Spool(path.parent) as spool,
        tempfile.TemporaryFile() as index,
        columns.writing(Path(folder, "rows.jsonl"), attempt=1) as files,
    ):
        report = check_file(
            path,
            encodings=(ENCODING, "bytes"),
            limits={},
            spool=spool,
            index=index,
            columns=files,
            on_progress=lambda _: None,
        )
    return int(report.statistics["tokens"][ENCODING]["total"])


class Memory:
    """The most memory that this process and its descendants held, shared pages counted once."""

    def __init__(self) -> None:
        self.peak_kilobytes = 0
        self._is_done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_done.wait(SAMPLE_SECONDS):
            held = sum(_proportional_kilobytes(pid) for pid in _family())
            self.peak_kilobytes = max(self.peak_kilobytes, held)


def _family() -> set[int]:
    """This process and all it started, also through processes that forked."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    family = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _proportional_kilobytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _cpu_seconds() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measure(name: str, work: Callable[[Path], int], path: Path, counted: str = "tokens") -> float:
    """Run one candidate in a process of its own, print its line, return its MB/s."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        with Memory() as memory:
            began, cpu = time.perf_counter(), _cpu_seconds()
            total = work(path)
            seconds, cpu = time.perf_counter() - began, _cpu_seconds() - cpu
        result = [total, seconds, cpu, memory.peak_kilobytes]
        os.write(writing, json.dumps(result).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        total, seconds, cpu, kilobytes = json.load(pipe)
    os.waitpid(child, 0)
    rate: float = path.stat().st_size / MEGABYTE / seconds
    figures = f"{rate:8.1f} MB/s {seconds:8.2f} s {cpu:8.2f} s CPU {kilobytes / 1024:7.0f} MiB"
    print(f"{name:28}{figures} {total:13,} {counted}", flush=True)
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--file", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.file or Path(folder, "corpus.jsonl")
        if not chosen.file:
            write_corpus(path, chosen.megabytes)
        cores = len(os.sched_getaffinity(0))
        print(f"{path.stat().st_size / MEGABYTE:.0f} MB of chats, {cores} cores")
        notebook = measure("notebook logic", notebook_logic, path)
        tokens = measure("raw tiktoken, one core", raw_tiktoken, path)
        whole = measure("Retune, the whole check", ours, path)
    print(f"\nRetune is {whole / tokens:.1f} × raw tiktoken (goal 4)", end=" ")
    print(f"and {whole / notebook:.1f} × the notebook (goal 8).")


if __name__ == "__main__":
    main()
