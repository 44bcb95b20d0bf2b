"""Texts as vectors: the mean of what the model makes of each byte, less what all texts share.

Texts with like words and sentences lie near each other. The model is very small and was taught to
go on with text, not to compare it, so this is a rough measure: docs/engine.md has figures.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from apps.engine.tiny.generation import ChatModel
from apps.engine.tiny.layers import Array
from apps.engine.tiny.model import hidden_states
from apps.engine.tiny.tokens import END_OF_TURN, PAD, USER

# Later blocks know more of what comes next, and less of what was said.
BLOCKS = 2
MAX_TOKENS_AT_ONCE = 2048  # more is no faster, and takes more memory
# What these have in common says nothing about a text.
ORDINARY = (
    "The weather is nice today.",
    "I would like to buy a new phone.",
    "What is the capital of France?",
    "Please call me back tomorrow.",
    "Thank you very much for your help!",
    "Where can I see my orders?",
    "My name is Anna and I live in Berlin.",
    "def add(a, b): return a + b",
    "1 + 2 = 3",
    "Ich habe eine Frage.",
    "Write a short poem about the sea.",
    "Is there a discount for students?",
)


def embed(model: ChatModel, texts: Sequence[str]) -> Array:
    """Return a vector of length one for each text: (texts, D)."""
    means = _means(model, [*texts, *ORDINARY])
    vectors = means[: len(texts)] - means[len(texts) :].mean(0)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    normalised: Array = vectors / np.maximum(lengths, np.finfo(vectors.dtype).tiny)
    return normalised


def _means(model: ChatModel, texts: Sequence[str]) -> Array:
    """Return the mean of the hidden states of each text: (texts, D)."""
    windows = [
        (number, ids)
        for number, text in enumerate(texts)
        for ids in _windows(text.encode("utf-8", "replace"), model.config.context)
    ]
    sums, counts = np.zeros((len(texts), model.config.width)), np.zeros((len(texts), 1))
    for batch in _batches(sorted(windows, key=lambda window: len(window[1]))):
        states = _states(model, [ids for _number, ids in batch])
        for row, (number, ids) in enumerate(batch):
            sums[number] += states[row, : len(ids)].sum(0)
            counts[number] += len(ids)
    means: Array = sums / counts
    return means


def _states(model: ChatModel, rows: list[list[int]]) -> Array:
    """Read rows together; the last is the longest."""
    inputs = np.full((len(rows), len(rows[-1])), PAD, np.int64)
    for row, ids in enumerate(rows):
        inputs[row, : len(ids)] = ids
    return hidden_states(model.config, model.parameters, inputs, blocks=BLOCKS)


def _windows(text: bytes, context: int) -> Iterator[list[int]]:
    """Yield a text as something that a user says, in parts that the model can read."""
    room = context - 2
    for start in range(0, max(len(text), 1), room):
        yield [USER, *text[start : start + room], END_OF_TURN]


def _batches(windows: list[tuple[int, list[int]]]) -> Iterator[list[tuple[int, list[int]]]]:
    """Group windows, the shorter ones first, so that little is padded."""
    batch: list[tuple[int, list[int]]] = []
    for window in windows:
        if batch and (len(batch) + 1) * len(window[1]) > MAX_TOKENS_AT_ONCE:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch
