"""Steps that change texts and leave the shape of a row alone (pure)."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.shapes import each_text
from apps.datasets.recipes.steps import BaseStep, register


@register
class Trim(BaseStep):
    code = "trim"
    title = _("Remove spaces around texts")
    help = _("Spaces and line breaks at the beginning and end of every message are removed.")

    def apply(self, row: Row) -> Row:
        if row.data is None:
            return row
        data = each_text(row.data, str.strip)
        return row if data is row.data else row.having(data)
