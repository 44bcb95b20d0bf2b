"""What all texts of a column begin or end with, found while they stream by (pure)."""

from operator import methodcaller

# In the order in which they are offered: the first that occurs in no text is taken.
SEPARATORS = (
    " ->", "\n\n###\n\n", "\n\n===\n\n", "\n\n---\n\n", "\n\n===>\n\n", "\n\n--->\n\n",
)  # fmt: skip
LAST_SEPARATOR = "\n\n### =>\n\n"
ENDINGS = ("\n", ".", " END", "***", "+++", "&&&", "$$$", "@@@", "%%%")
LAST_ENDING = " [END]"
SHORT_SEPARATOR = " ->"  # not beside prompts of several lines
OLD_MARKS = ("<|endoftext|>", "<|im_end|>", "</s>")
BETWEEN = "\0"  # no candidate contains it, so none is found across two texts
MARKS = "\n\t #=->*+|&$@%~_:[]<>"


class Common:
    """The longest beginning and the longest end that all texts share."""

    def __init__(self) -> None:
        self._prefix: str | None = None
        self._suffix: str | None = None
        self.shortest: int | None = None
        self.longest = 0

    def add(self, text: str) -> None:
        """Take in one more text."""
        self.add_all([text])

    def add_all(self, texts: list[str]) -> None:
        """Take in several texts, much faster than one by one."""
        if not texts:
            return
        sizes = list(map(len, texts))
        self._measure(min(sizes), max(sizes))
        if self._prefix is None or self._suffix is None:
            self._prefix = self._suffix = texts[0]
        if self._prefix:
            # What the first and the last in order begin with, all between them do.
            for text in (min(texts), max(texts)):
                self._prefix = _shared(self._prefix, text)
        if self._suffix and not all(map(methodcaller("endswith", self._suffix), texts)):
            for text in texts:
                self._suffix = _shared(self._suffix[::-1], text[::-1])[::-1]

    def join(self, other: "Common") -> None:
        """Take in what another has found of other texts."""
        if other.shortest is None:
            return
        if self.shortest is None:
            self._prefix, self._suffix = other.prefix, other.suffix
        self._measure(other.shortest, other.longest)
        self._prefix = _shared(self.prefix, other.prefix)
        self._suffix = _shared(self.suffix[::-1], other.suffix[::-1])[::-1]

    def _measure(self, least: int, most: int) -> None:
        self.shortest = least if self.shortest is None else min(self.shortest, least)
        self.longest = max(self.longest, most)

    @property
    def prefix(self) -> str:
        return self._prefix or ""

    @property
    def suffix(self) -> str:
        return self._suffix or ""

    @property
    def are_all_equal(self) -> bool:
        """Say whether all texts are one and the same, which is not empty."""
        return self.longest > 0 and len(self.prefix) == self.longest == self.shortest


def _shared(one: str, other: str) -> str:
    """Return what both texts begin with."""
    if other.startswith(one):
        return one
    pairs = enumerate(zip(one, other, strict=False))
    return one[: next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))]


class Unused:
    """Which of several candidates occur in no text."""

    def __init__(self, candidates: tuple[str, ...], last: str, *, not_in_lines: str = "") -> None:
        self._free, self._last = list(candidates), last
        self._not_in_lines = not_in_lines

    def add(self, text: str) -> None:
        """Look at one more text. A letter is found much faster than a mark of several."""
        used = [m for m in self._free if all(char in text for char in m) and m in text]
        if self._not_in_lines in self._free and "\n" in text:
            used.append(self._not_in_lines)
        if used:
            self._free = [mark for mark in self._free if mark not in used]

    def add_all(self, texts: list[str]) -> None:
        """Look at several texts at once."""
        self.add(BETWEEN.join(texts))

    def join(self, other: "Unused") -> None:
        """Take in what another has found in other texts."""
        self._free = [mark for mark in self._free if mark in other._free]

    @property
    def best(self) -> str:
        return self._free[0] if self._free else self._last


def unused_separator() -> Unused:
    return Unused(SEPARATORS, LAST_SEPARATOR, not_in_lines=SHORT_SEPARATOR)


def unused_ending() -> Unused:
    return Unused(ENDINGS, LAST_ENDING)


def mark_at_end(common: str) -> str:
    """Return the part of a common end that is a mark, and not words that happen to be shared.

    All questions ending in “?” share it without its being a separator.
    """
    known = (*SEPARATORS, LAST_SEPARATOR, *ENDINGS[2:], LAST_ENDING, *OLD_MARKS)
    named = max((mark for mark in known if common.endswith(mark)), key=len, default="")
    tail = common[len(common.rstrip(MARKS)) :]
    is_mark = len(tail.strip()) > 1 or "\n" in tail or tail.strip() in (">", "#")
    return max(named, tail if is_mark else "", key=len)
