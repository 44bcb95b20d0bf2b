"""What the rows of a piece hold: gathered row by row, then counted all at once (pure)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from apps.datasets.check import features
from apps.datasets.check.everyday import everyday, untrimmed_answer
from apps.datasets.check.examples import Example, example_of
from apps.datasets.check.findings import Finding, found, shown
from apps.datasets.check.kinds import CHAT, REINFORCEMENT
from apps.datasets.check.lines import BOM, MAX_ROW_BYTES, Parsed, parse_all
from apps.datasets.check.reinforcement import grader_keys
from apps.datasets.check.row_columns import Column, RowColumns
from apps.datasets.check.speakers import Plain, speakers
from apps.datasets.check.token_counts import Numbers, Texts
from apps.datasets.check.tokens import DEFAULT_ENCODING, open_counter
from apps.datasets.rulebook import ERRORS

if TYPE_CHECKING:
    from apps.datasets.check.pieces import Piece

MAX_ROW_TOKENS = 65_536
LONGEST_SYSTEM_PROMPT = 8_000
MEGABYTE = 1_000_000


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
    system_prompts: list[str] = field(default_factory=list)  # equal ones are one object
    image_tiles: Counter[int] = field(default_factory=Counter)
    without_system: int = 0
    grader_keys: Counter[str] = field(default_factory=Counter)  # of reinforcement rows


class Gathered:
    """Grows by blocks of lines; everything is found out then but the number of tokens."""

    def __init__(self, piece: "Piece") -> None:
        self.piece = piece
        self.starts: list[int] = []
        self.findings: list[tuple[int, Finding]] = []
        self.blank_rows: list[int] = []
        self.error_rows: set[int] = set()
        self.counted_rows: list[int] = []
        self.features: list[int] = []  # of the counted rows
        self.columns = RowColumns()
        self.texts = Texts()
        self.labels: list[str] = []
        self.system_prompts: list[str] = []
        self._known_prompts: dict[str, str] = {}
        self.grader_keys: Counter[str] = Counter()
        self.without_system = 0

    def add(self, start: int, block: bytes) -> None:
        """Take in whole lines that follow each other, and the position of the first."""
        lines = block.removesuffix(b"\n").split(b"\n")
        rows, texts = self._readable(start, lines)
        may_be_plain = self.piece.expected in ("", CHAT)
        plain: list[Plain] = []
        for row, parsed in zip(rows, parse_all(texts, block), strict=True):
            if may_be_plain and type(parsed) is Parsed and (said := everyday(parsed.value)):
                plain.append(Plain(row, said.texts, parsed.canonical, speakers(said.roles)))
            else:
                self._take_plain(plain)
                plain = []
                self._take(row, example_of(parsed, self.piece.expected))
        self._take_plain(plain)

    def _readable(self, start: int, lines: Sequence[bytes]) -> tuple[list[int], list[bytes]]:
        """Note where lines begin; return the rows that can be read, and their texts."""
        rows, texts = [], []
        for row, line in enumerate(lines, len(self.starts)):
            text = line.removeprefix(BOM) if start == 0 else line
            self.starts.append(start)
            start += len(line) + 1
            if len(line) > MAX_ROW_BYTES:
                self._find(row, _too_large())
            elif not text.strip():
                self.blank_rows.append(row)
            else:
                rows.append(row)
                texts.append(text.rstrip(b"\r\n"))
        return rows, texts

    def _find(self, row: int, finding: Finding) -> None:
        self.findings.append((row, finding))
        if finding.code in ERRORS:
            self.error_rows.add(row)

    def _take_plain(self, plain: list[Plain]) -> None:
        """Take in everyday rows that follow each other; of many at once, each costs less."""
        for row in plain:
            for finding in row.known.findings:
                self._find(row.number, finding)
            if untrimmed := untrimmed_answer(row.texts, row.known.answers):
                self._find(row.number, untrimmed)
        has_label = self.columns.add_plain(plain)
        if self.error_rows:
            is_good = [not row.known.has_errors for row in plain]
            plain = list(compress(plain, is_good))
            has_label = list(compress(has_label, is_good))
        self.labels += [row.texts[-1].strip() for row in compress(plain, has_label)]
        self.counted_rows += [row.number for row in plain]
        self.texts.add_plain([row.texts for row in plain], [row.known.kinds for row in plain])
        self.features += [row.known.features for row in plain]
        for row in plain:
            self._note_system(row.texts[row.known.system] if row.known.system >= 0 else None)

    def _take(self, row: int, example: Example) -> None:
        for finding in example.findings:
            self._find(row, finding)
        has_label = self.columns.add(row, example)
        if row not in self.error_rows:
            if has_label and (label := _last_answer(example.data)):
                self.labels.append(label)
            self.counted_rows.append(row)
            self.texts.add(example)
            self.features.append(features.features_of(example.data))
            self._note(example)

    def _note(self, example: Example) -> None:
        if example.format == REINFORCEMENT:
            self.grader_keys.update(map(shown, grader_keys(example.data)))
        if example.format == CHAT:
            said = (m.get("content") for m in example.data["messages"] if m["role"] == "system")
            self._note_system(next(said, None))

    def _note_system(self, content: Any) -> None:
        if content is None:
            self.without_system += 1
        elif isinstance(content, str) and len(content) <= LONGEST_SYSTEM_PROMPT:
            self.system_prompts.append(self._known_prompts.setdefault(content, content))

    def checked(self) -> Checked:
        """Count all tokens, and return everything that was found out."""
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
        result.labels = Counter(self.labels)
        result.system_prompts, result.without_system = self.system_prompts, self.without_system
        result.image_tiles, result.grader_keys = self.texts.image_tiles, self.grader_keys
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


def _too_large() -> Finding:
    limit = MAX_ROW_BYTES // MEGABYTE
    return found("row_too_large", megabytes=f"> {limit}", limit=limit)


def _last_answer(row: dict[str, Any]) -> str:
    """Return a short answer as it was written; empty when there is no plain text of one."""
    last = row["messages"][-1] if "messages" in row else {"role": "assistant", **row}
    said = last.get("content", last.get("completion")) if last["role"] == "assistant" else None
    return said.strip() if isinstance(said, str) else ""
