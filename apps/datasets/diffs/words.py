"""Marks the words in which two texts differ, in bounded time whatever the texts are (pure)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

LONGEST_SHOWN = 20_000  # characters; the rest of a text is compared, not shown
MOST_WORDS = 1_000  # between the equal beginning and the equal end; beyond, all of it is marked

Kind = Literal["same", "removed", "added"]

# Han, kana and Hangul are written without spaces: there each character is a word.
WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]|\w+|\s|[^\w\s]")
SPACES = {" ": "·", "\t": "→\t", "\n": "↵\n"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of one side. They were written by somebody else: templates escape them."""

    text: str
    kind: Kind = "same"

    @property
    def is_changed(self) -> bool:
        return self.kind != "same"

    @property
    def visible(self) -> str:
        """The text; what nobody could see of a change is spelled out."""
        if self.kind == "same":
            return self.text
        spaces = SPACES if self.text.isspace() else {"\n": "↵\n"}
        return "".join(spaces.get(letter) or _spelled(letter) for letter in self.text)


@dataclass(frozen=True, slots=True)
class TextDiff:
    """Two texts side by side: what both have, what is only before, what is only after."""

    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()
    is_cut: bool = False  # there is more of them than is shown

    @property
    def is_changed(self) -> bool:
        return any(piece.is_changed for piece in (*self.before, *self.after))


def compare(before: str, after: str) -> TextDiff:
    """Mark what differs. Of very long texts the neighbourhood of the first difference is shown."""
    if before == after:
        shown = before[:LONGEST_SHOWN]
        side = (Piece(shown),) if shown else ()
        return TextDiff(side, side, is_cut=len(before) > LONGEST_SHOWN)
    before, after, is_cut = _shown(before, after)
    ours, theirs = WORDS.findall(before), WORDS.findall(after)
    start, end = _common(ours, theirs)
    middle = ours[start : len(ours) - end], theirs[start : len(theirs) - end]
    same_end = ours[len(ours) - end :]
    left: list[tuple[Kind, list[str]]] = [("same", ours[:start])]
    right: list[tuple[Kind, list[str]]] = [("same", ours[:start])]
    for kind, old, new in _steps(*middle):
        left.append(("same" if kind == "equal" else "removed", old))
        right.append(("same" if kind == "equal" else "added", new))
    left.append(("same", same_end))
    right.append(("same", same_end))
    return TextDiff(_pieces(left), _pieces(right), is_cut)


def _shown(before: str, after: str) -> tuple[str, str, bool]:
    """Cut both texts to what is shown, beginning shortly before they part."""
    longest = max(len(before), len(after))
    if longest <= LONGEST_SHOWN:
        return before, after, False
    parting = _parting(before, after)
    start = max(0, parting - LONGEST_SHOWN // 4) if parting > LONGEST_SHOWN // 2 else 0
    end = start + LONGEST_SHOWN
    return before[start:end], after[start:end], True


def _parting(before: str, after: str) -> int:
    """Return where two texts begin to differ, by halves: slices compare at the speed of C."""
    low, high = 0, min(len(before), len(after))
    while low < high:
        middle = (low + high + 1) // 2
        if before[low:middle] == after[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common(ours: Sequence[str], theirs: Sequence[str]) -> tuple[int, int]:
    """Return how many words both begin with, and how many of the rest both end with."""
    most = min(len(ours), len(theirs))
    start = 0
    while start < most and ours[start] == theirs[start]:
        start += 1
    end = 0
    while end < most - start and ours[-1 - end] == theirs[-1 - end]:
        end += 1
    return start, end


def _steps(ours: list[str], theirs: list[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    if max(len(ours), len(theirs)) > MOST_WORDS:
        yield "replace", ours, theirs
        return
    # autojunk stays on: words that are everywhere do not make it slow
    for kind, i, i_end, j, j_end in SequenceMatcher(None, ours, theirs).get_opcodes():
        yield kind, ours[i:i_end], theirs[j:j_end]


def _pieces(side: list[tuple[Kind, list[str]]]) -> tuple[Piece, ...]:
    """Join neighbours of a kind, so that a changed sentence is one mark."""
    joined: list[Piece] = []
    for kind, words in side:
        text = "".join(words)
        if joined and text and joined[-1].kind == kind:
            joined[-1] = Piece(joined[-1].text + text, kind)
        elif text:
            joined.append(Piece(text, kind))
    return tuple(joined)


def _spelled(letter: str) -> str:
    """Name a character that cannot be seen; return any other as it is."""
    is_hidden = unicodedata.category(letter) in {"Cc", "Cf", "Zs", "Zl", "Zp", "Co", "Cn"}
    plain = letter in " \t"
    return f"⟨U+{ord(letter):04X}⟩" if is_hidden and not plain else letter
