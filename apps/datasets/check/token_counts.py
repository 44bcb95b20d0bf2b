"""What is counted of an example: its texts, and what the format itself costs (pure).

Tokens per chat row follow OpenAI's cookbook: 3 per message, the tokens of every text including the
role, 1 more for a name, and 3 per row. The engine's byte vocabulary costs 2 marks per message. Of a
preference row the question counts once and both answers count.
"""

from collections import Counter as Tallied
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from apps.datasets.check.examples import Example
from apps.datasets.check.image_tiles import tiles_in
from apps.datasets.check.kinds import CHAT, PAIR, PREFERENCE, REINFORCEMENT
from apps.datasets.check.order import Roles
from apps.datasets.check.preference import compared
from apps.datasets.check.tokens import BYTES, Counter

PER_MESSAGE = 3 + 1  # and the role: each role is one token in every encoding
PER_NAME = 1
PER_ROW = 3
BYTE_MARKS_PER_MESSAGE = 2

Numbers = npt.NDArray[np.int64]


# Whose text it is: names, tools and arguments count for OpenAI, but the engine skips them. CONTEXT
# is what an assistant says without being trained on it.
KINDS = OTHER, SYSTEM, USER, TOOL, CONTEXT, ANSWER = range(6)
KIND_OF = {"system": SYSTEM, "developer": SYSTEM, "user": USER, "tool": TOOL, "function": TOOL}


class Texts:
    """The texts of many examples, side by side, so that they are counted in one call."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.kinds: list[int] = []
        self.sizes: list[int] = []  # how many texts each example has
        self.messages: list[int] = []  # per example
        self.names: list[int] = []  # per example
        self.is_chat: list[bool] = []
        self.image_tiles: Tallied[int] = Tallied()  # images, by their number of tiles

    def add(self, example: Example) -> None:
        """Take in one example that has no errors."""
        if plain := example.plain:
            self.add_plain([plain.texts], [kinds_of(plain.roles)])
            return
        before, row = len(self.texts), example.data
        messages = row.get("messages", ())
        if example.format == CHAT:
            names = self._add_chat(row, ANSWER)
        elif example.format == REINFORCEMENT:  # what it answers is not in the row
            names = self._add_chat(row, CONTEXT)
        elif example.format == PREFERENCE:
            messages = [*row["input"]["messages"], *compared(row)]
            names = self._add_chat(row["input"], CONTEXT)
            names += self._add_chat({"messages": compared(row)}, ANSWER)
        else:
            names = self._add_pair(row)
        self.sizes.append(len(self.texts) - before)
        self.messages.append(len(messages))
        self.names.append(names)
        self.is_chat.append(example.format != PAIR)
        if b'"image_url"' in example.canonical:
            self.image_tiles.update(tiles_in(messages))

    def add_plain(self, texts: Sequence[list[str]], kinds: Iterable[list[int]]) -> None:
        """Take in everyday rows: a text per message, and the kind of each."""
        self.texts += chain.from_iterable(texts)
        self.kinds += chain.from_iterable(kinds)
        sizes = list(map(len, texts))
        self.sizes += sizes
        self.messages += sizes
        self.names += [0] * len(texts)
        self.is_chat += [True] * len(texts)

    def _add_chat(self, row: dict[str, Any], answers: int) -> int:
        """Add the texts of a conversation; return how many messages carry a name."""
        names = 0
        for message in row["messages"]:
            self._add_content(message.get("content"), KIND_OF.get(message["role"], answers))
            if len(message) > 2:
                names += "name" in message
                self._add_all(_side_texts(message))
        if len(row) > 1:
            self._add_all(_declared(row))
        return names

    def _add_content(self, content: Any, kind: int) -> None:
        if isinstance(content, str):
            self.texts.append(content)
            self.kinds.append(kind)
        elif content:
            said = (part[part["type"]] for part in content if part["type"] != "image_url")
            self._add_all(said, kind)

    def _add_all(self, texts: Iterable[str], kind: int = OTHER) -> None:
        for text in texts:
            self.texts.append(text)
            self.kinds.append(kind)

    def _add_pair(self, row: dict[str, Any]) -> int:
        self._add_content(row["prompt"], USER)
        self._add_content(row["completion"], ANSWER)
        return 0

    def tokens(self, encoding: str, count: Counter) -> tuple[Numbers, Numbers]:
        """Return the tokens of each example, and of each kind of text together."""
        counts = count(self.texts)
        kinds = np.frombuffer(bytes(self.kinds), np.uint8)
        owners = np.repeat(np.arange(len(self.sizes)), self.sizes)
        messages, names = np.array(self.messages, np.int64), np.array(self.names, np.int64)
        if encoding == BYTES:
            counts = np.where(kinds == OTHER, 0, counts)
            overhead = BYTE_MARKS_PER_MESSAGE * messages
        else:
            per_row = np.where(np.array(self.is_chat, bool), PER_ROW, 0)
            overhead = PER_MESSAGE * messages + PER_NAME * names + per_row
        sums = np.bincount(owners, weights=counts, minlength=len(messages))
        by_kind = np.bincount(kinds, weights=counts, minlength=len(KINDS))
        return sums.astype(np.int64) + overhead, by_kind.astype(np.int64)


@lru_cache(maxsize=4096)
def kinds_of(roles: Roles) -> list[int]:
    """Return the kind of text of each message of an everyday row."""
    return [KIND_OF.get(role, ANSWER) for role in roles]


def _declared(row: dict[str, Any]) -> Iterator[str]:
    """Tools as JSON: an estimate of what their declaration costs."""
    for key in ("tools", "functions"):
        if key in row:
            yield orjson.dumps(row[key]).decode()


def _side_texts(message: dict[str, Any]) -> Iterator[str]:
    """What a message says beside its content."""
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    for called in (*calls, message.get("function_call")):
        if called:
            yield called["name"]
            yield called["arguments"]
    for key in ("name", "tool_call_id", "refusal"):
        if isinstance(value := message.get(key), str):
            yield value
