"""What can be wrong with keys, types and values."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import E, Rule

RULES: dict[str, Rule] = {
    "not_an_object": Rule(
        E,
        _("Not a JSON object"),
        _("The line is %(found)s; every line must be one JSON object."),
        _('Write {"messages": […]} on each line.'),
        "FIELD, CB-PREP 1",
        "repair_lines",
    ),
    "missing_key": Rule(
        E,
        _("Missing key"),
        _("The key “%(key)s” is missing."),
        _("Add it, unless it only has another name here: then rename that."),
        source="SPEC, CB-PREP 2, CB-PREP 3",
        repair="fix_keys",
    ),
    "extra_key": Rule(
        E,
        _("Key that does not belong here"),
        _("The key “%(key)s” does not belong here."),
        _("Remove it: files with extra keys are refused."),
        "FIELD, CB-PREP 4",
        "drop_extra_keys",
    ),
    "extra_cells": Rule(
        E,
        _("More cells than columns"),
        _("This row of the table has more cells than the table has columns."),
        _("A text with a comma probably lacks quotation marks. Mend the table; upload it again."),
        "Retune",
        "drop_rows_with_problems",
    ),
    "wrong_type": Rule(
        E,
        _("Wrong type"),
        _("This must be %(expected)s, not %(found)s."),
        _("A string is text in double quotes; a list stands in [ ], an object in { }."),
        source="SPEC, CB-PREP 6",
        repair="fix_types",
    ),
    "bad_value": Rule(
        E,
        _("Value that is not allowed"),
        _("“%(value)s” is not allowed; it must be one of: %(allowed)s."),
        _("Write one of these instead."),
        source="SPEC",
        repair="drop_rows_with_problems",
    ),
    "empty_list": Rule(
        E,
        _("Empty list"),
        _("The list is empty."),
        _("Fill it, or leave the row out."),
        source="CB-PREP 2",
        repair="drop_rows_with_problems",
    ),
    "other_format": Rule(
        E,
        _("Another kind than most rows"),
        _("This row is %(found)s, most rows here are %(expected)s."),
        _("Keep one kind of row in a file."),
        "FIELD",
        "drop_rows_with_problems",
    ),
    "foreign_format": Rule(
        E,
        _("Format of another tool"),
        _("This row is written in the format of %(value)s."),
        _("Write it as messages, each with a role and a content."),
        "Retune",
    ),
}
