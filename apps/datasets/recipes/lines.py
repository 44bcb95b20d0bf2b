"""Steps for lines that hold no row (pure)."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.steps import BaseStep, register


@register
class RemoveBlankLines(BaseStep):
    code = "remove_blank_lines"
    title = _("Remove empty lines")
    help = _("Lines with nothing in them, or only spaces, are left out.")

    def apply(self, row: Row) -> Row | None:
        return None if row.is_blank else row


@register
class DropUnreadable(BaseStep):
    code = "drop_unreadable"
    title = _("Drop lines that cannot be read")
    help = _("Lines that are not one JSON object are left out.")

    def apply(self, row: Row) -> Row | None:
        return row if row.is_blank or row.data is not None else None
