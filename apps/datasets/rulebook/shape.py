"""What can be wrong with keys, types and values."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import E, Rule

RULES: dict[str, Rule] = {
    "not_an_object": Rule(
        E,
        _("Not a JSON object"),
        _("The line is %(found)s; every line must be one JSON object."),
        _('Write {"messages": […]} on each line.'),
        "FIELD",
    ),
    "missing_key": Rule(E, _("Missing key"), _("The key “%(key)s” is missing."), source="SPEC"),
    "extra_key": Rule(
        E,
        _("Key that does not belong here"),
        _("The key “%(key)s” does not belong here."),
        _("Remove it: files with extra keys are refused."),
        "FIELD",
    ),
    "wrong_type": Rule(
        E, _("Wrong type"), _("This must be %(expected)s, not %(found)s."), source="SPEC"
    ),
    "bad_value": Rule(
        E,
        _("Value that is not allowed"),
        _("“%(value)s” is not allowed; it must be one of: %(allowed)s."),
        source="SPEC",
    ),
    "empty_list": Rule(E, _("Empty list"), _("The list is empty."), source="CB-PREP 2"),
    "other_format": Rule(
        E,
        _("Another format than the first row"),
        _("This row is %(found)s, the first one is %(expected)s."),
        _("Keep one format in a file."),
        "FIELD",
    ),
    "preference_row": Rule(
        E,
        _("Preference (DPO) row"),
        _("This is a preference (DPO) row. Only supervised training is supported so far."),
        _("Keep the preferred answer as an ordinary chat row."),
        "DPO",
    ),
}
