"""What can be wrong with messages and the conversation they make."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import E, Rule, W

RULES: dict[str, Rule] = {
    "unknown_role": Rule(
        E,
        _("Unknown role"),
        _("“%(value)s” is not a role."),
        _("Use system, user, assistant or tool."),
        "CB-PREP 5, SPEC",
    ),
    "empty_content": Rule(E, _("Empty content"), _("The content is empty."), source="CB-PREP 6"),
    "bad_weight": Rule(
        E,
        _("Weight is not 0 or 1"),
        _("The weight is %(value)s; it must be 0 (do not learn this) or 1."),
        source="SPEC",
    ),
    "weight_not_assistant": Rule(
        E,
        _("Weight on another role"),
        _("Only messages of the assistant may have a weight."),
        _("Remove the weight."),
        "SPEC",
    ),
    "missing_assistant": Rule(
        E,
        _("No answer to learn from"),
        _("No message is from the assistant."),
        _("Add the answer that the model should learn."),
        "CB-PREP 7",
    ),
    "last_not_assistant": Rule(
        W,
        _("Last message is not from the assistant"),
        _("The last message is from “%(role)s”, not from the assistant."),
        _("Nothing can be learned from what follows the last answer."),
        "CB-PREP",
    ),
    "nothing_trained": Rule(
        W,
        _("Every answer has weight 0"),
        _("Every answer has weight 0, so nothing is learned from this row."),
        source="SPEC",
    ),
    "missing_user": Rule(
        W, _("No message from the user"), _("No message is from the user."), source="CB-PREP"
    ),
}
