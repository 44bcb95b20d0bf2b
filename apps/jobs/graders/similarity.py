"""How alike two texts are, from 0 to 1 (pure).

The definitions are those of the usual libraries: rapidfuzz's ratio, NLTK's BLEU (smoothed) and
GLEU, the F-measure of rouge-score without stemming. A provider may round or prepare differently.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

MAX_CHARACTERS = 20_000
WORD = re.compile(r"[a-z0-9]+")
ORDERS = (1, 2, 3, 4)

Words = Sequence[str]


def fuzzy_match(text: str, reference: str) -> float:
    """Share of the characters of both that are common, in order."""
    return _dice(common_length(text, reference), len(text), len(reference), of_nothing=1.0)


def rouge_l(text: str, reference: str) -> float:
    """Share of the words of both that are common, in order."""
    ours, theirs = _plain_words(text), _plain_words(reference)
    return _dice(common_length(ours, theirs), len(ours), len(theirs))


def rouge_n(order: int) -> Callable[[str, str], float]:
    """Return the measure of common runs of so many words."""

    def measure(text: str, reference: str) -> float:
        ours = _runs(_plain_words(text), order)
        theirs = _runs(_plain_words(reference), order)
        return _dice((ours & theirs).total(), ours.total(), theirs.total())

    return measure


def bleu(text: str, reference: str) -> float:
    """BLEU of one sentence up to four words, runs of two and more smoothed by one."""
    ours, theirs = text.split(), reference.split()
    if not ours or not theirs:
        return 0.0
    counts = [_overlap(ours, theirs, order) for order in ORDERS]
    if not counts[0][0]:
        return 0.0
    shares = [
        hits / total if order == 1 else (hits + 1) / (max(1, total) + 1)
        for order, (hits, total) in zip(ORDERS, counts, strict=True)
    ]
    brevity = min(1.0, math.exp(1 - len(theirs) / len(ours)))
    return brevity * math.exp(sum(map(math.log, shares)) / len(shares))


def gleu(text: str, reference: str) -> float:
    """Google's BLEU: common runs of one to four words, by the longer of both texts."""
    ours, theirs = text.split(), reference.split()
    hits = sum(_overlap(ours, theirs, order)[0] for order in ORDERS)
    sizes = [sum(max(0, len(words) - order + 1) for order in ORDERS) for words in (ours, theirs)]
    return hits / max(sizes) if max(sizes) else 0.0


def common_length(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return the length of the longest common subsequence, 64 comparisons at a time (Hyyrö)."""
    places: dict[Hashable, int] = {}
    for place, element in enumerate(one):
        places[element] = places.get(element, 0) | 1 << place
    mask = (1 << len(one)) - 1
    row = mask
    for element in other:
        matches = row & places.get(element, 0)
        row = ((row + matches) | (row - matches)) & mask
    return len(one) - row.bit_count()


def _overlap(ours: Words, theirs: Words, order: int) -> tuple[int, int]:
    runs = _runs(ours, order)
    return (runs & _runs(theirs, order)).total(), runs.total()


def _runs(words: Words, order: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[start:] for start in range(order)), strict=False))


def _plain_words(text: str) -> Words:
    return WORD.findall(text.lower())


def _dice(common: int, ours: int, theirs: int, *, of_nothing: float = 0.0) -> float:
    return 2 * common / (ours + theirs) if ours + theirs else of_nothing


MEASURES: dict[str, Callable[[str, str], float]] = {
    "fuzzy_match": fuzzy_match,
    "bleu": bleu,
    "gleu": gleu,
    **{f"rouge_{order}": rouge_n(order) for order in (1, 2, 3, 4, 5)},
    "rouge_l": rouge_l,
}
