"""What is too long."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import E, Rule

RULES: dict[str, Rule] = {
    "too_many_tokens": Rule(
        E,
        _("Row longer than a model can read"),
        _("This row has %(tokens)s tokens; OpenAI cuts rows at %(limit)s without saying so."),
        _("The end is what is cut, and the answer is at the end. Shorten or split the row."),
        "BEST",
        "drop_long_rows",
    ),
}
