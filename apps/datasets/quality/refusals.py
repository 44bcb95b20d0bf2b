"""Answers that refuse to answer, in seventeen languages (pure)."""

import tomllib
from functools import lru_cache
from pathlib import Path

BEGINNING = 200  # characters of an answer in which a refusal shows
LATIN = "abcdefghijklmnopqrstuvwxyz"


@lru_cache
def _phrases() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the phrases, and of them those that hold more than ASCII."""
    text = Path(__file__).with_name("refusals.toml").read_text(encoding="utf-8")
    phrases = tuple(phrase for group in tomllib.loads(text).values() for phrase in group)
    return phrases, tuple(phrase for phrase in phrases if phrase.isascii())


def is_refusal(answer: str) -> bool:
    """Say whether an answer begins by refusing. Judged by phrases: likely, not certain."""
    beginning = answer[:BEGINNING].replace("’", "'").lower()
    every, plain = _phrases()
    return any(phrase in beginning for phrase in (plain if beginning.isascii() else every))
