"""Cuts a file into pieces that begin and end with a row, and checks every row of a piece (pure)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from apps.datasets.check import features
from apps.datasets.check.examples import Example, read_examples
from apps.datasets.check.findings import Finding, found, shown
from apps.datasets.check.kinds import CHAT, REINFORCEMENT
from apps.datasets.check.lines import MAX_ROW_BYTES
from apps.datasets.check.reinforcement import grader_keys
from apps.datasets.check.row_columns import Column, RowColumns
from apps.datasets.check.token_counts import Numbers, Texts
from apps.datasets.check.tokens import DEFAULT_ENCODING, open_counter
from apps.datasets.rulebook import RULES, Severity

MAX_ROW_TOKENS = 65_536
PIECE_BYTES = 512 * 1024
MAX_PIECE_ROWS = 10_000  # what is found in a million rows of three bytes would fill the memory
WINDOW_BYTES = 16 * 1024
LINE_END = ord("\n")
BOM = b"\xef\xbb\xbf"
LONGEST_SYSTEM_PROMPT = 8_000
MEGABYTE = 1_000_000
ERRORS = frozenset(code for code, rule in RULES.items() if rule.severity == Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Piece:
    """Which bytes of which file, and how to look at them. Begins and ends with a row."""

    path: Path
    start: int
    end: int
    encodings: tuple[str, ...]
    expected: str = ""
    fast: bool = True

    def work(self) -> "Checked":
        return check_piece(self)


def cut(path: Path, *, encodings: tuple[str, ...], expected: str, fast: bool) -> Iterator[Piece]:
    """Yield the pieces of a file, one after the other."""
    start, size = 0, path.stat().st_size
    with path.open("rb", buffering=0) as file:
        while start < size:
            end = _end(file, start, size)
            yield Piece(path, start, end, encodings, expected, fast)
            start = end


def _end(file: BinaryIO, start: int, size: int) -> int:
    """Return where a piece ends: about half a megabyte on, or earlier where rows are very short."""
    file.seek(start)
    is_end = np.frombuffer(file.read(PIECE_BYTES), np.uint8) == LINE_END
    if np.count_nonzero(is_end) <= MAX_PIECE_ROWS:
        return _line_end(file, start + PIECE_BYTES, size)
    return start + int(np.flatnonzero(is_end)[MAX_PIECE_ROWS - 1]) + 1


def _line_end(file: BinaryIO, position: int, size: int) -> int:
    """Return where the line that holds this position ends."""
    file.seek(min(position, size))
    while window := file.read(WINDOW_BYTES):
        found = window.find(b"\n")
        if found >= 0:
            return file.tell() - len(window) + found + 1
    return size


@dataclass(slots=True)
class Checked:
    """What one piece held. Rows are counted from 0 within the piece."""

    starts: npt.NDArray[np.uint64]
    end: int
    findings: list[tuple[int, Finding]] = field(default_factory=list)
    blank_rows: list[int] = field(default_factory=list)
    error_rows: int = 0
    columns: dict[str, Column] = field(default_factory=dict)  # a number of every row
    messages: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    tokens: dict[str, Numbers] = field(default_factory=dict)
    tokens_by_kind: dict[str, Numbers] = field(default_factory=dict)
    labels: Counter[str] = field(default_factory=Counter)  # answers of a few words
    system_prompts: Counter[str] = field(default_factory=Counter)
    images: int = 0
    without_system: int = 0
    grader_keys: Counter[str] = field(default_factory=Counter)  # of reinforcement rows


def check_piece(piece: Piece) -> Checked:
    """Check every row of a piece by every rule and count its tokens."""
    gathered = _Gathered(piece)
    with piece.path.open("rb") as file:
        for start, lines in _lines(file, piece):
            gathered.add(start, lines)
    return gathered.checked()


def _lines(file: BinaryIO, piece: Piece) -> Iterator[tuple[int, list[bytes]]]:
    """Yield lines and where they start; of one too large to read, only the beginning."""
    file.seek(piece.start)
    size = piece.end - piece.start
    if size > 2 * PIECE_BYTES:
        yield from _long_lines(file, piece)
    else:
        yield piece.start, file.read(size).removesuffix(b"\n").split(b"\n")


def _long_lines(file: BinaryIO, piece: Piece) -> Iterator[tuple[int, list[bytes]]]:
    """Read line by line, so that memory never holds two of the longest."""
    while (start := file.tell()) < piece.end:
        line = rest = file.readline(MAX_ROW_BYTES + 1)
        while len(rest) > MAX_ROW_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(MAX_ROW_BYTES + 1)
        yield start, [line]


class _Gathered:
    """Grows row by row, then counts all tokens at once."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.starts: list[int] = []
        self.findings: list[tuple[int, Finding]] = []
        self.blank_rows: list[int] = []
        self.error_rows: set[int] = set()
        self.counted_rows: list[int] = []
        self.features: list[int] = []  # of the counted rows
        self.columns = RowColumns()
        self.texts = Texts()
        self.labels: Counter[str] = Counter()
        self.system_prompts: Counter[str] = Counter()
        self.grader_keys: Counter[str] = Counter()
        self.without_system = 0

    def add(self, start: int, lines: list[bytes]) -> None:
        """Take in lines that follow each other."""
        rows, texts = [], []
        for row, line in enumerate(lines, len(self.starts)):
            text = line.removeprefix(BOM) if start == 0 else line
            self.starts.append(start)
            start += len(line) + 1
            if len(line) > MAX_ROW_BYTES:
                self._find(row, self._too_large())
            elif not text.strip():
                self.blank_rows.append(row)
            else:
                rows.append(row)
                texts.append(text.rstrip(b"\r\n"))
        examples = read_examples(texts, expected=self.piece.expected)
        for row, example in zip(rows, examples, strict=True):
            self._take(row, example)

    def _too_large(self) -> Finding:
        limit = MAX_ROW_BYTES // MEGABYTE
        return found("row_too_large", megabytes=f"> {limit}", limit=limit)

    def _find(self, row: int, finding: Finding) -> None:
        self.findings.append((row, finding))
        if finding.code in ERRORS:
            self.error_rows.add(row)

    def _take(self, row: int, example: Example) -> None:
        for finding in example.findings:
            self._find(row, finding)
        has_label = self.columns.add(row, example)
        if row not in self.error_rows:
            if has_label and (label := _last_answer(example.data)):
                self.labels[label] += 1
            self.counted_rows.append(row)
            self.texts.add(example)
            self.features.append(_features(example))
            self._note(example)

    def _note(self, example: Example) -> None:
        if example.format == REINFORCEMENT:
            self.grader_keys.update(map(shown, grader_keys(example.data)))
        if example.format != CHAT:
            return
        content = _system_prompt(example)
        self.without_system += content is None
        if isinstance(content, str) and len(content) <= LONGEST_SYSTEM_PROMPT:
            self.system_prompts[content] += 1

    def checked(self) -> Checked:
        result = Checked(np.array(self.starts, np.uint64), self.piece.end)
        for encoding in self.piece.encodings:
            counter = open_counter(encoding, fast=self.piece.fast)
            counts, by_kind = self.texts.tokens(encoding, counter)
            result.tokens[encoding], result.tokens_by_kind[encoding] = counts, by_kind
        self._find_long_rows(result.tokens.get(DEFAULT_ENCODING, np.zeros(0, np.int64)))
        self.findings.sort(key=lambda pair: pair[0])
        result.findings, result.blank_rows = self.findings, self.blank_rows
        result.error_rows = len(self.error_rows)
        result.columns = self._columns(result.tokens.get(DEFAULT_ENCODING))
        result.messages = np.array(self.texts.messages, np.int64)
        result.system_prompts, result.without_system = self.system_prompts, self.without_system
        result.labels = self.labels
        result.images, result.grader_keys = self.texts.images, self.grader_keys
        return result

    def _columns(self, tokens: Numbers | None) -> dict[str, Column]:
        """Add what is known only now: the tokens and features of the rows without errors."""
        count = len(self.starts)
        columns = self.columns.columns(count)
        columns["tokens"], columns["flags"] = np.zeros(count, np.int64), np.zeros(count, np.uint16)
        if tokens is not None:
            columns["tokens"][self.counted_rows] = tokens
        columns["flags"][self.counted_rows] = self.features
        columns["flags"][list(self.error_rows)] = features.ERRORS
        columns["flags"][self.blank_rows] = features.BLANK
        return columns

    def _find_long_rows(self, tokens: Numbers) -> None:
        for index in np.flatnonzero(tokens > MAX_ROW_TOKENS).tolist():
            size = int(tokens[index])
            finding = found("too_many_tokens", tokens=size, limit=MAX_ROW_TOKENS)
            self._find(self.counted_rows[index], finding)


def _system_prompt(example: Example) -> Any:
    if plain := example.plain:
        return plain.texts[plain.roles.index("system")] if "system" in plain.roles else None
    said = (m.get("content") for m in example.data["messages"] if m["role"] == "system")
    return next(said, None)


def _features(example: Example) -> int:
    plain = example.plain
    return features.features_of_roles(plain.roles) if plain else features.features_of(example.data)


def _last_answer(row: dict[str, Any]) -> str:
    """Return a short answer as it was written; empty when there is no plain text of one."""
    last = row["messages"][-1] if "messages" in row else {"role": "assistant", **row}
    said = last.get("content", last.get("completion")) if last["role"] == "assistant" else None
    return said.strip() if isinstance(said, str) else ""
