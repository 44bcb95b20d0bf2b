"""How near an answer is to the one that is expected (pure)."""

from enum import StrEnum


class Match(StrEnum):
    NONE = ""
    SAME = "same"
    NEARLY = "nearly"  # but for case and spaces


def match(expected: str, said: str) -> Match:
    """Compare an answer with the expected one; nothing is like nothing."""
    if not expected.strip() or not said.strip():
        return Match.NONE
    if said == expected:
        return Match.SAME
    return Match.NEARLY if _folded(said) == _folded(expected) else Match.NONE


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
