"""Looks at every row between two places of a file; work for a process of its own (pure)."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from apps.datasets.check.digests import NOTHING, combined, digest, exact, parts_of
from apps.datasets.check.findings import shown
from apps.datasets.check.lines import BOM, MAX_ROW_BYTES
from apps.datasets.check.pieces import cut
from apps.datasets.quality.conversation import Conversation, conversation_of
from apps.datasets.quality.debris import debris
from apps.datasets.quality.hits import GUESS, LIKELY, SHOWN_BYTES
from apps.datasets.quality.languages import language_of
from apps.datasets.quality.private import find_private
from apps.datasets.quality.refusals import BEGINNING, refusals
from apps.datasets.quality.shingles import signatures
from apps.datasets.quality.texts import texts_of

MOST_LISTED = 200  # per code and stretch; all are counted
LONGEST_LABEL = 60  # characters
# What pandas, Excel, JavaScript and people write where nothing is. "None" may well be a label.
PLACEHOLDERS = frozenset((
    "nan", "<na>", "null", "undefined", "[object object]", "[deleted]", "[removed]", "todo", "tbd",
    "#n/a", "#ref!", "#name?", "#value!", "#div/0!", "#nv", "#bezug!", "#wert!",
))  # fmt: skip
LONGEST_SHOWN = 60
MOST_LABELS = 500
SCATTER = 2_654_435_761  # odd, so that rows of a regular file are sampled evenly
NO_ANSWER = 2**32 - 1
FENCE = "```"
CODES = {
    "email": "email_address",
    "phone": "phone_number",
    "card": "bank_card",
    "iban": "bank_account",
    "ip_address": "ip_address",
    "national_id": "national_id",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which bytes of which file, from row to row. One in `every` rows has its language judged.

    `digests`: whether to compute them, because the check left none beside the file.
    """

    path: Path
    start: int
    end: int
    every: int = 1
    digests: bool = True

    def work(self) -> "Looked":
        return look(self)


@dataclass(frozen=True, slots=True)
class Place:
    """One finding in one row (counted from 0 within the stretch)."""

    row: int
    code: str
    path: str = ""
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """How often one code was found, in how many rows, and how surely."""

    places: int = 0
    rows: int = 0
    sure: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        self.places += other.places
        self.rows += other.rows
        self.sure.update(other.sure)
        self.kinds.update(other.kinds)


@dataclass(slots=True)
class Looked:
    """What a stretch held."""

    rows: int
    bytes: int
    digests: npt.NDArray[np.uint64]  # of each row: exact, loose, of the question
    answer_length: npt.NDArray[np.uint32]
    signs: npt.NDArray[np.uint8]
    places: list[Place]
    tallies: dict[str, Tally]
    labels: Counter[str]
    systems: Counter[int]
    system_texts: dict[int, str]
    without_system: int
    chats: int
    languages: Counter[str]
    language_pairs: int
    languages_looked_at: int


def look(stretch: Stretch) -> Looked:
    """Look at every row; never raises, whatever the bytes are."""
    gathered = _Gathered(stretch)
    with stretch.path.open("rb") as file:
        file.seek(stretch.start)
        at = stretch.start
        while at < stretch.end:
            line = rest = file.readline(MAX_ROW_BYTES + 1)
            at += len(line)
            while len(rest) > MAX_ROW_BYTES and not rest.endswith(b"\n"):
                rest = file.readline(MAX_ROW_BYTES + 1)
                at += len(rest)
            gathered.add(line)
    return gathered.looked()


class _Gathered:
    """Grows row by row; what is searched for in texts is searched for in all of them at once."""

    def __init__(self, stretch: Stretch) -> None:
        self.stretch = stretch
        self.digests: list[tuple[int, int, int]] = []
        self.lengths: list[int] = []
        self.spoken: list[str] = []
        self.texts: list[bytes] = []
        self.where: list[tuple[int, str]] = []  # of each text: row, path
        self.answers: list[str] = []
        self.answered: list[int] = []  # the rows of these answers
        self.places: list[Place] = []
        self.tallies: dict[str, Tally] = {}
        self.last_row: dict[str, int] = {}
        self.labels: Counter[str] = Counter()
        self.systems: Counter[int] = Counter()
        self.system_texts: dict[int, str] = {}
        self.without_system = self.chats = 0
        self.languages: Counter[str] = Counter()
        self.language_pairs = self.languages_looked_at = 0

    def add(self, line: bytes) -> None:
        row = len(self.spoken)
        if self.stretch.digests:
            self.digests.append((NOTHING, NOTHING, NOTHING))
        self.lengths.append(NO_ANSWER)
        self.spoken.append("")
        data = _object(line) if len(line) <= MAX_ROW_BYTES else None
        if data is None:
            return
        try:
            texts = texts_of(data)
        except RecursionError:
            return
        for path, _role, text in texts:
            self.texts.append(text.encode("utf-8", "surrogatepass"))
            self.where.append((row, path))
        if self.stretch.digests:
            self._compare(row, data)
        self._judge(row, conversation_of(data), is_chat="messages" in data)

    def _compare(self, row: int, data: dict[str, Any]) -> None:
        asked, answered = parts_of(data)
        if asked or answered:
            question = digest(asked)
            loose = combined(question, digest(answered))
            self.digests[row] = (exact(data), loose, question if asked else NOTHING)

    def _judge(self, row: int, said: Conversation, *, is_chat: bool) -> None:
        self.spoken[row] = said.spoken
        if is_chat:
            self._note_system(said.system)
        if said.answer is None:
            return
        self.lengths[row] = len(said.answer)
        self.answers.append(said.answer[: 2 * BEGINNING])
        self.answered.append(row)
        if said.answer.count(FENCE) % 2:
            self.find(row, "unclosed_code", sure=LIKELY)
        if len(said.answer) <= LONGEST_LABEL:
            self._note_short(row, said.answer.strip())
        if (self.stretch.start + row * SCATTER) % self.stretch.every == 0:
            self._note_language(row, said)

    def _note_system(self, system: str | None) -> None:
        self.chats += 1
        if system is None:
            self.without_system += 1
            return
        key = digest(system.strip().encode("utf-8", "surrogatepass"))
        self.systems[key] += 1
        if len(self.system_texts) < MOST_LABELS:
            self.system_texts.setdefault(key, shown(system.strip()))

    def _note_short(self, row: int, answer: str) -> None:
        if answer.lower() in PLACEHOLDERS:
            self.find(row, "placeholder_answer", sure=LIKELY, text=answer)
        if answer in self.labels or len(self.labels) < MOST_LABELS:
            self.labels[answer] += 1

    def _note_language(self, row: int, said: Conversation) -> None:
        self.languages_looked_at += 1
        answer = language_of(said.answer or "")
        if not answer:
            return
        self.languages[answer] += 1
        question = language_of(said.question or "")
        self.language_pairs += bool(question)
        if question and question != answer:
            self.find(row, "other_language", sure=GUESS, asked=question, answered=answer)

    def find(self, row: int, code: str, path: str = "", *, sure: str, **params: Any) -> None:
        """Count a finding, and list it while there are few of its kind."""
        tally = self.tallies.setdefault(code, Tally())
        if tally.places < MOST_LISTED:
            self.places.append(Place(row, code, path, {**params, "sure": sure}))
        tally.places += 1
        tally.rows += self.last_row.get(code) != row
        tally.sure[sure] += 1
        if kind := params.get("kind"):
            tally.kinds[kind] += 1
        self.last_row[code] = row

    def _search(self) -> None:
        """Look for what is private and what is debris in all texts, which NULs keep apart."""
        for place in refusals(self.answers):
            self.find(self.answered[place], "refusal", sure=LIKELY)
        data, starts = b"\0".join(self.texts), [0]
        for text in self.texts:
            starts.append(starts[-1] + len(text) + 1)
        for hit in find_private(data):
            row, path = self.where[bisect_right(starts, hit.start) - 1]
            begins = _words(data[hit.start : min(hit.end, hit.start + SHOWN_BYTES)])
            code = CODES.get(hit.kind, "secret")
            self.find(row, code, path, sure=hit.sure, kind=hit.kind, begins=begins)
        found = sorted(debris(data, data.lower()), key=lambda item: item.start)
        for item in found:
            row, path = self.where[bisect_right(starts, item.start) - 1]
            words = _words(data[item.start : min(item.end, item.start + LONGEST_SHOWN)])
            self.find(row, item.code, path, sure=item.sure, text=words)

    def looked(self) -> Looked:
        self._search()
        digests = np.array(self.digests, np.uint64).reshape(-1, 3)
        return Looked(
            rows=len(self.spoken),
            bytes=self.stretch.end - self.stretch.start,
            digests=digests,
            answer_length=np.minimum(np.array(self.lengths, np.int64), NO_ANSWER).astype(np.uint32),
            signs=signatures(self.spoken),
            places=self.places,
            tallies=self.tallies,
            labels=self.labels,
            systems=self.systems,
            system_texts=self.system_texts,
            without_system=self.without_system,
            chats=self.chats,
            languages=self.languages,
            language_pairs=self.language_pairs,
            languages_looked_at=self.languages_looked_at,
        )


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line.removeprefix(BOM))
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _words(text: bytes) -> str:
    return shown(text.decode(errors="ignore"), LONGEST_SHOWN)


def stretches(path: Path, *, every: int, digests: bool) -> Iterator[Stretch]:
    """Cut a file the way the check does."""
    for piece in cut(path, encodings=(), expected="", fast=True):
        yield Stretch(piece.path, piece.start, piece.end, every, digests)
