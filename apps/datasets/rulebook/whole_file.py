"""What concerns the file as a whole, and is kept at row 0."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import I, Rule, W

RULES: dict[str, Rule] = {
    "too_few_examples": Rule(
        W,
        _("Few examples"),
        _("Examples here: %(count)s. OpenAI wants at least %(limit)s to train on."),
        _("As a validation file it may be shorter. Good results begin at about 50."),
        "SFT",
    ),
    "missing_system": Rule(
        I,
        _("Rows without a system message"),
        _("Rows without a system message: %(count)s of %(rows)s."),
        _("Train with the same system message that you will use later."),
        "CB-PREP",
        "set_system_prompt",
    ),
    "exact_duplicates": Rule(
        W,
        _("Rows that repeat others"),
        _("Exact copies of other rows: %(count)s."),
        _("A copy counts twice in training and is paid twice."),
        "Retune",
        repair="drop_duplicates",
    ),
    "exact_copy": Rule(
        I,
        _("Rows that are the same as an earlier one"),
        _("This row is the same as row %(original)s."),
        _("Keep one of them, unless it is to count more."),
        source="Retune",
        repair="drop_duplicates",
    ),
    "more_copies": Rule(
        I,
        _("More copies than are listed"),
        _("The first %(limit)s copies are listed. Found beyond them: %(count)s."),
        _("Dropping duplicates finds all of them."),
        source="Retune",
    ),
    "more_problems": Rule(
        I,
        _("More problems than are listed"),
        _("The first %(limit)s problems are listed. Found beyond them: %(count)s."),
        _("Repair those that are listed, then check again."),
        source="Retune",
    ),
    "more_remarks": Rule(
        I,
        _("More remarks than are listed"),
        _("Of each remark the first %(limit)s are listed. Found beyond them: %(count)s."),
        _("The numbers beside them count all."),
        source="Retune",
    ),
    "more_in_row": Rule(
        I,
        _("More problems in this row"),
        _("This row has more problems than are listed here."),
        _("Mend the first ones, then check again."),
        source="Retune",
    ),
    "byte_order_mark": Rule(
        I,
        _("Byte order mark"),
        _("The file begins with a byte order mark."),
        _("Azure asks for one, others may stumble over it; exports and jobs see to that."),
        "FIELD",
    ),
    "blank_lines_at_end": Rule(
        I,
        _("Empty lines at the end"),
        _("Empty lines at the end of the file: %(count)s."),
        _("Exports and jobs leave them out."),
        "FIELD",
        "remove_blank_lines",
    ),
    "grader_key_missing": Rule(
        W,
        _("Grader's key that some rows lack"),
        _("Rows without the key “%(key)s”: %(count)s of %(rows)s."),
        _("A grader that reads it cannot grade these rows."),
        "RFT",
    ),
}
