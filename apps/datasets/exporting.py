"""Rows written the way a provider wants them: as a download, and as what a job sends.

The same version and the same choices always give the same bytes. A row that needs no change is
passed on byte for byte; empty lines and a byte order mark that is not wanted are left out.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from apps.datasets.check.kinds import PAIR, PAIR_KEYS, in_the_guides_words
from apps.datasets.models import Version
from apps.datasets.recipes.chat import ToChat, is_pair
from apps.datasets.recipes.parts import cut, read_rows
from apps.datasets.recipes.roles import without
from apps.datasets.recipes.rows import BOM, READ_BYTES, Row, Span
from apps.datasets.recipes.shapes import each_message
from apps.datasets.trainability import Facts, becomes_chat
from apps.providers.profiles.dataset_rules import DatasetRules

DROPPABLE = ("name", "weight")  # keys of messages that a person may leave out
NOT_AS_IT_IS = frozenset(("byte_order_mark", "blank_lines_at_end", "blank_line", "other_spelling"))

Data = dict[str, Any]
Change = Callable[[Data], Data]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an export changes."""

    to_chat: bool = False
    renames: bool = False  # keys of preference rows, to those of the guide
    drop: frozenset[str] = frozenset()
    byte_order_mark: bool = False
    as_it_is: bool = False  # then the file itself is what is wanted


def plan_for(version: Version, rules: DatasetRules, *, drop: frozenset[str] = frozenset()) -> Plan:
    """Say what must change for a provider. `drop`: what a person has chosen to leave out."""
    facts = Facts(version)
    to_chat = becomes_chat(version.format, rules)
    if rules.weight is False and facts.all_weights_are_1:
        drop |= {"weight"}
    codes = {group["code"] for group in version.problem_groups}
    changes = to_chat or bool(drop) or rules.byte_order_mark or not codes.isdisjoint(NOT_AS_IT_IS)
    renames = "other_spelling" in codes
    return Plan(to_chat, renames, drop, rules.byte_order_mark, as_it_is=not changes)


def droppable(version: Version) -> list[str]:
    """Name the keys of messages that are there and may be left out."""
    facts = Facts(version)
    return [key for key in DROPPABLE if facts.rows_with(key)]


def is_flat(version: Version) -> bool:
    """Say whether the rows fit into a table."""
    return version.format == PAIR


def blocks(path: Path, plan: Plan) -> Iterator[bytes]:
    """Yield the bytes of an export, about a megabyte at a time."""
    yield from _gathered(_pieces(path, plan))


def table_blocks(path: Path) -> Iterator[bytes]:
    """Yield prompts and completions as CSV, the texts exactly as they are."""
    yield from _gathered(_table_rows(path))


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) >= READ_BYTES:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


@contextmanager
def written(version: Version, plan: Plan) -> Iterator[Path]:
    """Write an export for the length of the block; the rows themselves where nothing changes."""
    if plan.as_it_is:
        yield version.path
        return
    passing = version.path.with_suffix(f".{uuid4().hex}.part")
    try:
        with passing.open("wb") as file:
            file.writelines(blocks(version.path, plan))
        yield passing
    finally:
        passing.unlink(missing_ok=True)


def _pieces(path: Path, plan: Plan) -> Iterator[bytes]:
    if plan.byte_order_mark:
        yield BOM
    changes = _changes(path, plan)
    for row in read_rows(path):
        if row.span:
            yield from _copied(row.span)
        elif not row.is_blank:
            yield (_changed(row, changes) if changes else row).line + b"\n"


def _table_rows(path: Path) -> Iterator[bytes]:
    target = StringIO()
    table = csv.writer(target)
    table.writerow(PAIR_KEYS)
    for row in read_rows(path):
        if row.data is not None and is_pair(row.data):
            table.writerow([row.data[key] for key in PAIR_KEYS])
            yield target.getvalue().encode()
            target.seek(0)
            target.truncate()


def _changed(row: Row, changes: list[Change]) -> Row:
    data = row.data
    if data is None:
        return row
    for change in changes:
        data = change(data)
    return row if data is row.data else row.having(data)


def _copied(span: Span) -> Iterator[bytes]:
    """Pass on a row that is too large to hold, piece by piece."""
    with span.path.open("rb") as file:
        file.seek(span.start)
        left, last = span.size, b""
        while left and (last := file.read(min(left, READ_BYTES))):
            yield last
            left -= len(last)
        if not last.endswith(b"\n"):
            yield b"\n"


def _changes(path: Path, plan: Plan) -> list[Change]:
    changes: list[Change] = []
    if plan.to_chat:
        step = ToChat()
        step.learn(step.look(part.rows()) for part in cut(path))
        changes.append(step.change)
    if plan.renames:
        changes.append(in_the_guides_words)
    if plan.drop:
        changes.append(lambda data: each_message(data, lambda m: _lighter(m, plan.drop)))
    return changes


def _lighter(message: Data, drop: frozenset[str]) -> Data:
    """Leave out keys. The name of a function is no speaker's: without it nobody knows which."""
    keys = drop - {"name"} if message.get("role") == "function" else drop
    return message if keys.isdisjoint(message) else without(message, *keys)
