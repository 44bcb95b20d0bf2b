"""Loads what counts tokens from OpenAI's ranks, which lie on the disk (pure).

Nothing heavy is imported up here: loading takes a second, beside which others import the rest.
"""

import os
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

RANK_FILES = {
    "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790",
    "cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
}


def load(encodings: Iterable[str]) -> None:
    """Load ranks ahead of time, so that processes forked from this one share them.

    The first text builds more tables of `fastokens`; an empty one does not. Where it may use
    several threads it also starts them, which a fork would lose: whoever forks sets
    FASTOKENS_BPE_THREADS to 1 beforehand.
    """
    for encoding in RANK_FILES.keys() & set(encodings):
        if tokenizer := fast_tokenizer(encoding):
            tokenizer.encode_batch_flat(["a"])
        else:
            tiktoken_encode(encoding)


@cache
def fast_tokenizer(encoding: str) -> Any | None:
    """Return the tokenizer of `fastokens`; None where it or the file of ranks is missing.

    It knows no special tokens: in rows they are ordinary text, and looking for them takes a third
    of the time.
    """
    try:
        fastokens = import_module("fastokens")
    except ImportError:
        return None
    ranks = Path(os.environ.get("TIKTOKEN_CACHE_DIR", ""), RANK_FILES[encoding])
    if not ranks.is_file():
        return None
    return fastokens.Tokenizer.from_tiktoken(str(ranks), encoding=encoding, special_tokens={})


@cache
def tiktoken_encode(encoding: str) -> Callable[[str], list[int]]:
    """Return how `tiktoken` encodes a text in which no token is special."""
    import tiktoken

    return tiktoken.get_encoding(encoding).encode_ordinary
