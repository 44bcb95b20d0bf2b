"""What can be wrong with messages and the conversation they make."""

from django.utils.translation import gettext_lazy as _

from apps.datasets.rulebook.rule import E, I, Rule, W

RULES: dict[str, Rule] = {
    "unknown_role": Rule(
        E,
        _("Unknown role"),
        _("“%(value)s” is not a role."),
        _("Use system, user, assistant or tool."),
        "CB-PREP 5, SPEC",
        "fix_roles",
    ),
    "developer_role": Rule(
        E,
        _("Role “developer”"),
        _("Training files do not know the role “developer”."),
        _("Use system: it means the same."),
        "SPEC",
        "fix_roles",
    ),
    "empty_content": Rule(
        E,
        _("Empty content"),
        _("The content is empty."),
        source="CB-PREP 6",
        repair="remove_empty_messages",
    ),
    "empty_answer": Rule(
        E,
        _("Empty answer"),
        _("The answer is empty: the model would learn to say nothing."),
        source="CB-PREP 6",
        repair="drop_empty_answers",
    ),
    "blank_content": Rule(
        W,
        _("Nothing but white space"),
        _("The content is nothing but spaces and line breaks."),
        source="Retune",
        repair="drop_rows_with_problems",
    ),
    "untrimmed_answer": Rule(
        I,
        _("Spaces around an answer"),
        _("The answer begins or ends with spaces or line breaks."),
        _("The model will learn to write them, too."),
        "Retune",
        "trim",
    ),
    "bad_speaker": Rule(
        W,
        _("Name that servers refuse"),
        _("“%(value)s” holds a space or one of < | \\ / >, or is longer than 64 characters."),
        _("Later, when the model is asked, OpenAI's servers refuse such a name."),
        "FIELD",
    ),
    "bad_weight": Rule(
        E,
        _("Weight is not 0 or 1"),
        _("The weight is %(value)s; it must be 0 (do not learn this) or 1."),
        source="SPEC",
        repair="fix_weights",
    ),
    "weight_not_assistant": Rule(
        E,
        _("Weight on another role"),
        _("Only messages of the assistant may have a weight."),
        _("Remove the weight."),
        "SPEC",
        "fix_weights",
    ),
    "missing_assistant": Rule(
        E,
        _("No answer to learn from"),
        _("No message is from the assistant."),
        _("Add the answer that the model should learn."),
        "CB-PREP 7",
        "drop_empty_answers",
    ),
    "last_not_assistant": Rule(
        W,
        _("Last message is not from the assistant"),
        _("The last message is from “%(role)s”, not from the assistant."),
        _("Nothing can be learned from what follows the last answer."),
        "CB-PREP",
        "end_with_answer",
    ),
    "nothing_trained": Rule(
        W,
        _("Every answer has weight 0"),
        _("Every answer has weight 0, so nothing is learned from this row."),
        source="SPEC",
        repair="set_weights",
    ),
    "missing_user": Rule(
        W, _("No message from the user"), _("No message is from the user."), source="CB-PREP"
    ),
    "first_not_user": Rule(
        I,
        _("The assistant speaks first"),
        _("The conversation begins with an answer."),
        _("OpenAI trains on it. The chat templates of some open models refuse it."),
        "Retune",
    ),
    "late_system": Rule(
        I,
        _("System message in the middle"),
        _("A system message follows after the conversation has begun."),
        _("OpenAI trains on it. The chat templates of some open models refuse it."),
        "Retune",
    ),
    "same_role_twice": Rule(
        I,
        _("Two messages of one role in a row"),
        _("Two messages of “%(role)s” follow each other."),
        _("Is one missing between them, or should they be one?"),
        "Retune",
    ),
}
