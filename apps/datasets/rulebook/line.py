"""What can be wrong with a line before it is JSON."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import E, Rule, W

RULES: dict[str, Rule] = {
    "blank_line": Rule(
        E,
        _("Empty lines between rows"),
        _("Empty line."),
        _("Delete the empty line; every line must hold one JSON object."),
        "FIELD",
        repair="remove_blank_lines",
    ),
    "not_utf8": Rule(
        E,
        _("Not valid UTF-8"),
        _("The byte %(byte)s at position %(offset)s of this line is not valid UTF-8."),
        _("Save the file as UTF-8."),
        "FIELD",
        repair="repair_lines",
    ),
    "row_too_large": Rule(
        E,
        _("Row too large to read"),
        _("This row is %(megabytes)s MB long; rows of at most %(limit)s MB can be read."),
        _("Split this row, or leave it out."),
        source="Retune",
        repair="drop_unreadable",
    ),
    "invalid_json": Rule(
        E,
        _("Invalid JSON"),
        _("Not valid JSON: %(reason)s (column %(column)s)."),
        _("Write each row with a JSON library instead of putting strings together."),
        "FIELD",
        repair="repair_lines",
    ),
    "control_character": Rule(
        E,
        _("Invalid JSON"),
        _("A control character (column %(column)s) stands inside a string."),
        _("Write a line break as \\n and a tab as \\t inside strings."),
        "FIELD",
        repair="repair_lines",
    ),
    "not_finite": Rule(
        E,
        _("NaN or Infinity"),
        _("%(value)s is not a JSON number."),
        _("Use null or leave the key out."),
        "FIELD",
        repair="repair_lines",
    ),
    "lone_surrogate": Rule(
        E,
        _("Broken character"),
        _("Half of a character pair stands alone, so this text cannot be written as UTF-8."),
        _("An emoji was probably cut in half when the text was shortened."),
        "Retune",
        repair="repair_lines",
    ),
    "duplicate_key": Rule(
        E,
        _("Same key twice"),
        _("The key “%(key)s” appears twice in one object; only the last one would count."),
        _("Keep one of them."),
        "Retune",
        repair="repair_lines",
    ),
    "nested_too_deep": Rule(
        E,
        _("Nested too deep"),
        _("Objects or lists are nested more than %(limit)s deep."),
        _("No example needs this; something went wrong when it was written. Leave the row out."),
        source="Retune",
        repair="drop_unreadable",
    ),
    "nul_character": Rule(
        W,
        _("NUL character"),
        _("A text contains the character U+0000."),
        _("Remove it: many tools cut the text there."),
        "Retune",
        repair="normalise_unicode",
    ),
}
