"""Rows of ids grouped and padded into batches, in an order that a seed fixes."""

from collections.abc import Sequence

import numpy as np

from apps.engine.tiny.model import Batch
from apps.engine.tiny.tokens import PAD, EncodedConversation

# Larger batches go in several passes: with full rows of 512 this keeps a training at 250 MB
# (435 MB with 4096), and is no slower.
MAX_TOKENS_AT_ONCE = 2048


def pad_batch(rows: Sequence[EncodedConversation]) -> Batch:
    """Pad rows to the longest; each position is to predict the id that follows it."""
    length = max(len(row.ids) for row in rows)
    ids = np.full((len(rows), length), PAD, np.int64)
    weights = np.zeros((len(rows), length), np.float32)
    for number, row in enumerate(rows):
        ids[number, : len(row.ids)] = row.ids
        weights[number, : len(row.ids)] = np.frombuffer(row.weights, np.uint8)
    return Batch(ids[:, :-1], ids[:, 1:], weights[:, 1:])


def epoch_order(
    rows: Sequence[EncodedConversation], batch_size: int, seed: int, epoch: int
) -> list[list[int]]:
    """Return the row numbers of each batch of one epoch; the same for the same arguments.

    Rows of like length share a batch, so that little is padded; ties and batches are shuffled.
    """
    random = np.random.default_rng([abs(seed), epoch])
    shuffled = random.permutation(len(rows))
    by_length = sorted(shuffled.tolist(), key=lambda number: len(rows[number].ids))
    batches = [by_length[at : at + batch_size] for at in range(0, len(by_length), batch_size)]
    return [batches[number] for number in random.permutation(len(batches))]


def split_by_memory(
    rows: Sequence[EncodedConversation], limit: int = MAX_TOKENS_AT_ONCE
) -> list[list[EncodedConversation]]:
    """Split rows into parts whose padded size stays within `limit` tokens (one row at least)."""
    parts: list[list[EncodedConversation]] = []
    longest = 0
    for row in sorted(rows, key=lambda row: len(row.ids)):
        longest = max(longest, len(row.ids))
        if parts and (len(parts[-1]) + 1) * longest <= limit:
            parts[-1].append(row)
        else:
            parts.append([row])
    return parts
