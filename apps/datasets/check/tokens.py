"""Counting tokens, offline. Two counters give the same numbers; the faster one is optional (pure).

`fastokens` is about ten times as fast as `tiktoken` and its ids are compared with tiktoken's on
fuzzed text in tests/datasets/test_tokens.py. Where its wheel is not installed, tiktoken counts.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Counter = Callable[[Sequence[str]], Counts]

DEFAULT_ENCODING = "o200k_base"
BYTES = "bytes"  # our own engine's accounting: one token per UTF-8 byte
# tiktoken takes `ft:gpt-4.1…` for a `gpt-4`, and does not know some newer names at all. Whatever is
# not listed counts as the default (gpt-oss's own encoding differs from it in special tokens only).
PREFIXES = (
    ("gpt-4.", "o200k_base"),
    ("gpt-4o", "o200k_base"),
    ("gpt-4", "cl100k_base"),
    ("gpt-3.5", "cl100k_base"),
    ("davinci-002", "cl100k_base"),
    ("babbage-002", "cl100k_base"),
    ("tiny-chat", BYTES),
)
RANK_FILES = {
    "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790",
    "cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
}
LOADING = Lock()  # two requests at once would both load, and take twice as long
KNOWN_ENCODINGS = (*RANK_FILES, BYTES)
# What one text may cost: the rest of a longer one is counted at the rate of this beginning. A text
# of this length is far beyond every model's limit, so only the total becomes an estimate.
EXACT_CHARACTERS = 1_000_000
TIKTOKEN_PIECE = 200_000  # tiktoken's stack overflows on a million spaces
LONG_S = "ſ"  # the one letter around which the two counters differ ("I'ſ"): tiktoken counts it


def encoding_for(model: str) -> str:
    """Name the encoding that a model counts in, also for `ft:base:org:name:id`."""
    base = model.removeprefix("ft:").split(":")[0]
    return next((name for prefix, name in PREFIXES if base.startswith(prefix)), DEFAULT_ENCODING)


def count_bytes(texts: Sequence[str]) -> Counts:
    """Count as the engine's byte vocabulary does."""
    sizes = [
        len(text) if text.isascii() else len(text.encode("utf-8", "replace")) for text in texts
    ]
    return np.array(sizes, np.int64)


def open_counter(encoding: str, *, fast: bool) -> Counter:
    """Return the counter of an encoding; it takes a moment to load and is then kept."""
    with LOADING:
        return _open_counter(encoding, fast=fast)


@cache
def _open_counter(encoding: str, *, fast: bool) -> Counter:
    if encoding == BYTES:
        return count_bytes
    return _bounded((_fast_counter(encoding) if fast else None) or _tiktoken_counter(encoding))


def load(encodings: Iterable[str]) -> None:
    """Load counters ahead of time, so that processes forked from this one share them."""
    for encoding in encodings:
        open_counter(encoding, fast=True)


def _fast_counter(encoding: str) -> Counter | None:
    try:
        fastokens = import_module("fastokens")
    except ImportError:
        return None
    ranks = Path(os.environ.get("TIKTOKEN_CACHE_DIR", ""), RANK_FILES[encoding])
    if not ranks.is_file():
        return None
    tokenizer: Any = fastokens.Tokenizer.from_tiktoken(str(ranks), encoding=encoding)
    tokenizer.encode_ordinary("")  # builds its tables now, so that forked processes share them

    def count(texts: Sequence[str]) -> Counts:
        # Its numbers come as two buffers, not as an object per token. It starts a thread, which a
        # fork would lose: the first call is made by the processes that were forked.
        _ids, ends = tokenizer.encode_batch_flat(texts, split_special_tokens=True)
        counts = np.diff(np.frombuffer(ends, np.uint64)).astype(np.int64)
        for index, text in enumerate(texts):
            if LONG_S in text:
                counts[index] = _tiktoken_size(encoding)(text)
        return counts

    return count


def _tiktoken_counter(encoding: str) -> Counter:
    size = _tiktoken_size(encoding)
    return lambda texts: np.fromiter(map(size, texts), np.int64, len(texts))


@cache
def _tiktoken_size(encoding: str) -> Callable[[str], int]:
    import tiktoken

    encode = tiktoken.get_encoding(encoding).encode_ordinary

    def size(text: str) -> int:
        starts = range(0, len(text), TIKTOKEN_PIECE)
        return sum(len(encode(text[start : start + TIKTOKEN_PIECE])) for start in starts)

    return size


def _bounded(count: Counter) -> Counter:
    def bounded(texts: Sequence[str]) -> Counts:
        if max(map(len, texts), default=0) <= EXACT_CHARACTERS:
            return count(texts)
        counts = count([text[:EXACT_CHARACTERS] for text in texts])
        for index, text in enumerate(texts):
            if len(text) > EXACT_CHARACTERS:
                counts[index] = counts[index] * len(text) // EXACT_CHARACTERS
        return counts

    return bounded
