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


def signatures(texts: Sequence[str]) -> tuple[Bytes, npt.NDArray[np.uint32]]:
    """Return for each text its signature and its bands; zeros where it is too short."""
    import rensa

    hashes, rows = _shingles(texts)
    counts = np.bincount(rows, minlength=len(texts))
    kept = np.flatnonzero(counts >= FEWEST_WORDS - RUN + 1)
    flat = hashes[np.isin(rows, kept)] if len(kept) < len(texts) else hashes
    offsets = np.concatenate(([0], np.cumsum(counts[kept]))).astype(np.uint64)
    signs = np.zeros((len(texts), SLOTS), np.uint8)
    bands = np.zeros((len(texts), BANDS), np.uint32)
    if len(kept):
        digests = rensa.RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, SLOTS, SEED)
        minima = np.array(digests.to_rows(), np.uint32)
        signs[kept] = minima.astype(np.uint8)
        bands[kept] = _bands(minima)
    return signs, bands


def _bands(minima: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Hash each run of minima to four bytes, of which 0 means none."""
    used = minima[:, : BANDS * SLOTS_PER_BAND]
    parts = used.reshape(len(minima), BANDS, SLOTS_PER_BAND).astype(np.uint64)
    weights = np.cumprod(np.full(SLOTS_PER_BAND, MULTIPLIERS[0], np.uint64))
    mixed = _mixed((parts * weights).sum(axis=2, dtype=np.uint64))
    return np.maximum((mixed >> np.uint64(32)).astype(np.uint32), 1)


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
