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
    ),
    "exact_duplicates": Rule(
        W,
        _("Rows that repeat others"),
        _("Exact copies of other rows: %(count)s."),
        _("A copy counts twice in training and is paid twice."),
        "Retune",
    ),
    "exact_copy": Rule(
        I,
        _("Rows that are the same as an earlier one"),
        _("This row is the same as row %(original)s."),
        source="Retune",
    ),
    "more_copies": Rule(
        I,
        _("More copies than are listed"),
        _("The first %(limit)s copies are listed. Found beyond them: %(count)s."),
        source="Retune",
    ),
    "more_problems": Rule(
        I,
        _("More problems than are listed"),
        _("The first %(limit)s problems are listed. Found beyond them: %(count)s."),
        source="Retune",
    ),
    "more_in_row": Rule(
        I,
        _("More problems in this row"),
        _("This row has more problems than are listed here."),
        source="Retune",
    ),
}
