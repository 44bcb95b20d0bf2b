"""One golden case per rule for a file as a whole: content that breaks it, and that does not."""

import json
from typing import NamedTuple

from tests.datasets.rule_cases.rows import ANSWER, SYSTEM, USER, chat, task
from tests.factories import chat_file, chat_row


class FileCase(NamedTuple):
    code: str
    row: int
    bad: bytes
    good: bytes


def written(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


TASKS = [task(reference=str(number)) for number in range(12)]
WITH_SYSTEM = [chat(SYSTEM, USER, {**ANSWER, "content": str(n)}) for n in range(12)]
FILE_CASES = [
    FileCase("blank_line", 13, chat_file() + b"\n" + written(chat_row("Last")), chat_file()),
    FileCase("row_too_large", 13, chat_file() + b"[" * 150_000 + b"\n", chat_file() + b"\n"),
    FileCase("too_many_tokens", 13, chat_file() + written(chat_row("a " * 66_000)), chat_file()),
    FileCase("too_few_examples", 0, chat_file(9), chat_file(10)),
    FileCase("missing_system", 0, written(*WITH_SYSTEM, chat(USER, ANSWER)), written(*WITH_SYSTEM)),
    FileCase("exact_duplicates", 0, chat_file() + chat_file(1), chat_file()),
    FileCase("exact_copy", 13, chat_file() + chat_file(1), chat_file()),
    FileCase("more_copies", 0, chat_file() + chat_file(8), chat_file() + chat_file(3)),
    FileCase("more_problems", 0, b"nonsense\n" * 70, chat_file()),
    FileCase(
        "more_remarks",
        0,
        written(*[chat_row("Hi", f" {n}") for n in range(12)]),
        written(*[chat_row("Hi", f" {n}") for n in range(3)]),
    ),
    FileCase("more_in_row", 1, written({"messages": [{}] * 99}), chat_file()),
    FileCase("byte_order_mark", 0, b"\xef\xbb\xbf" + chat_file(), chat_file()),
    FileCase("blank_lines_at_end", 0, chat_file() + b"\n  \n", chat_file()),
    FileCase("grader_key_missing", 0, written(*TASKS, task(other="x")), written(*TASKS)),
]
