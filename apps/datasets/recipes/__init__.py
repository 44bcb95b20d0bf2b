"""Recipes: lists of steps that make a new version of a dataset out of an old one.

Every module with steps is named here, so that whoever asks for one step finds all of them.
"""

from apps.datasets.recipes import edits, lines, selecting, texts

__all__ = ["edits", "lines", "selecting", "texts"]
