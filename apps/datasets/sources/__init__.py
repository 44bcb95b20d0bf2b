"""Files of every usual kind, turned into JSONL: look at the beginning, choose columns, convert."""

from apps.datasets.sources.converting import Conversion, convert
from apps.datasets.sources.examples import preview
from apps.datasets.sources.layout import Layout, Table, layout_from
from apps.datasets.sources.looking import look, refusals
from apps.datasets.sources.mapping import Mapping, guess, mapping_from, sure
from apps.datasets.sources.unreadable import Unreadable

__all__ = [
    "Conversion",
    "Layout",
    "Mapping",
    "Table",
    "Unreadable",
    "convert",
    "guess",
    "layout_from",
    "look",
    "mapping_from",
    "preview",
    "refusals",
    "sure",
]
