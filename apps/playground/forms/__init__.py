"""The forms of the page."""

from apps.playground.forms.columns import (
    ColumnForm,
    ColumnPart,
    column_prefix,
    connections_for,
    positions_in,
)
from apps.playground.forms.composer import Composer
from apps.playground.forms.prompts import TitleForm

__all__ = [
    "ColumnForm",
    "ColumnPart",
    "Composer",
    "TitleForm",
    "column_prefix",
    "connections_for",
    "positions_in",
]
