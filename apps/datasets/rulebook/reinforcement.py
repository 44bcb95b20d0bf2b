"""What can be wrong with a reinforcement row."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import E, I, Rule, W

RULES: dict[str, Rule] = {
    "last_not_user": Rule(
        E,
        _("Last message is not from the user"),
        _("The last message is from “%(role)s”; the model answers a message of the user."),
        _("Remove the answer, or move it to a key that the grader reads."),
        "RFT",
        "drop_rows_with_problems",
    ),
    "no_grader_key": Rule(
        I,
        _("Nothing for a grader to compare with"),
        _("Beside the messages there is no key that a grader could read."),
        _("A grader that compares needs one, for example “reference_answer”."),
        "RFT",
    ),
    "grader_key_slip": Rule(
        W,
        _("Key that looks like a slip"),
        _("The key “%(key)s” is left to the grader."),
        _("Rename it if it was meant for the model; a grader may have it as it is."),
        source="RFT",
    ),
}
