"""Which rows say nearly the same: MinHash over runs of three words (pure).

All rows of a piece are hashed at once. A word is a run of letters and digits; in scripts that put
no spaces between words each sign is one. Of each of 128 minima one byte is kept: two rows that
share none of their text agree by chance in one of 256 (b-bit minwise hashing, Li and König 2010).
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

SLOTS = 128
BANDS, SLOTS_PER_BAND = 20, 6  # finds 99.8 % of the pairs that share four fifths
SEED = 42
RUN = 3  # words
FEWEST_WORDS = 8  # rows with less are alike by their form only
LONGEST_TEXT = 200_000  # characters of one row that are compared
MULTIPLIERS = tuple(np.uint64(n) for n in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
PRIME = np.uint32(0x9E3779B1)
INVERSE = np.uint32(pow(0x9E3779B1, -1, 2**32))
FIRST_LEAD = 0xE0  # lead bytes from here on: signs of three and four bytes, a word each

Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]


def _letters() -> bytes:
    """Map what belongs to a word to small letters, everything else to 0."""
    kept = {*b"0123456789abcdefghijklmnopqrstuvwxyz", *range(0x80, 0x100)}
    return bytes(sign if sign in kept else 0 for sign in bytes(range(256)).lower())


LETTERS = _letters()


@lru_cache(maxsize=2)
def _powers(count: int, base: int) -> npt.NDArray[np.uint32]:
    return np.cumprod(np.full(count, base, np.uint32), dtype=np.uint32)


def signatures(texts: Sequence[str]) -> Bytes:
    """Return the signature of each text: a row of bytes, all 0 where it is too short."""
    import rensa

    signs = np.zeros((len(texts), SLOTS), np.uint8)
    hashes, rows = _shingles(texts)
    counts = np.bincount(rows, minlength=len(texts))
    kept = np.flatnonzero(counts >= FEWEST_WORDS - RUN + 1)
    if not len(kept):
        return signs
    flat = hashes[np.isin(rows, kept)] if len(kept) < len(texts) else hashes
    offsets = np.concatenate(([0], np.cumsum(counts[kept]))).astype(np.uint64)
    digests = rensa.RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, SLOTS, SEED)
    signs[kept] = np.array(digests.to_rows(), np.uint32).astype(np.uint8)
    return signs


def band(signs: Bytes, number: int) -> Hashes:
    """Return one band of each signature as a number; 0 where there is no signature.

    Rows that agree in any band are compared closely; others are taken to be different.
    """
    start = number * SLOTS_PER_BAND
    part = np.zeros((len(signs), 8), np.uint8)
    part[:, :SLOTS_PER_BAND] = signs[:, start : start + SLOTS_PER_BAND]
    return part.view(np.uint64)[:, 0]


def _mixed(values: Hashes) -> Hashes:
    """Spread what differs in few bits over all of them (the end of SplitMix64)."""
    for shift, multiplier in zip((30, 27), MULTIPLIERS, strict=True):
        values = (values ^ (values >> np.uint64(shift))) * multiplier
    return values ^ (values >> np.uint64(31))


def _shingles(texts: Sequence[str]) -> tuple[Hashes, Rows]:
    """Hash every run of three words; return the hashes and whose they are."""
    encoded = [text[:LONGEST_TEXT].encode("utf-8", "surrogatepass") for text in texts]
    ends = np.cumsum([len(part) + 1 for part in encoded])
    starts, words = _words(b"\0".join([*encoded, b""]).translate(LETTERS))
    rows = np.searchsorted(ends, starts, side="right")
    runs = max(len(words) - RUN + 1, 0)
    first, second, third = (words[n : n + runs] for n in range(RUN))
    hashes = _mixed(first + second * MULTIPLIERS[0] + third * MULTIPLIERS[1])
    in_one_row = rows[:runs] == rows[RUN - 1 :][:runs]
    return hashes[in_one_row], rows[:runs][in_one_row]


def _words(text: bytes) -> tuple[Rows, Hashes]:
    """Return where each word begins, and a hash of it: a difference of sums over the whole text."""
    signs = np.frombuffer(text, np.uint8)
    begins = signs != 0
    begins[1:] &= (signs[:-1] == 0) | (signs[1:] >= FIRST_LEAD)
    starts = np.flatnonzero(begins)
    size = 1 << max(len(signs), 1).bit_length()  # so that few sizes are cached
    sums = np.cumsum(signs * _powers(size, int(PRIME))[: len(signs)], dtype=np.uint32)
    before = np.where(starts > 0, sums[starts - 1], np.uint32(0))
    until = np.append(before[1:], sums[-1:]) if len(starts) else before
    return starts, ((until - before) * _powers(size, int(INVERSE))[starts]).astype(np.uint64)
