"""Counting tokens, offline. Two counters give the same numbers; the faster one is optional (pure).

`fastokens` is about ten times as fast as `tiktoken` and its ids are compared with tiktoken's on
fuzzed text in tests/datasets/test_tokens.py. Where its wheel is not installed, tiktoken counts.
"""

from collections.abc import Callable, Sequence
from functools import cache
from threading import Lock

import numpy as np
import numpy.typing as npt

from apps.datasets.check.ranks import RANK_FILES, fast_tokenizer, tiktoken_encode

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


def _fast_counter(encoding: str) -> Counter | None:
    if (tokenizer := fast_tokenizer(encoding)) is None:
        return None

    def count(texts: Sequence[str]) -> Counts:
        # Its numbers come as two buffers, not as an object per token.
        _ids, ends = tokenizer.encode_batch_flat(texts)
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
    encode = tiktoken_encode(encoding)

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
